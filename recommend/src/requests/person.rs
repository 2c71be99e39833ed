//! For you, from what the ledger and a replica hold of somebody alike: the one way from a customer to her
//! shelf, so that function and tablet cannot differ.

use super::decision::{Question, Request};
use crate::model::Model;
use crate::{Diversity, Purchase, Revisit, Taste};
use chrono::{DateTime, TimeDelta, Utc};
use domain::customer::{Customer, Purpose};
use domain::ids::{DepartmentId, Sku, StoreId};
use domain::pick::Picks;
use domain::profile::Profile;
use domain::purchases::Purchases;
use domain::recommendation::Recommendation;
use std::collections::BTreeSet;

/// Views this close to `now` are the session that she is in.
const SESSION_MINUTES: i64 = 30;
/// The strongest departments of a profile that count as liked.
const LIKED_DEPARTMENTS: usize = 3;
/// The most items of one department on a shelf that is not of one department.
const PER_DEPARTMENT: u32 = 4;

/// Somebody, as far as she is known. Nobody is known by an empty profile and nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Who she is, where she said so.
    pub customer: Option<&'a Customer>,
    /// What she does.
    pub profile: &'a Profile,
    /// What she bought.
    pub purchases: &'a Purchases,
    /// What associates said of recommendations for her.
    pub picks: &'a Picks,
    /// The store she is in.
    pub store: &'a StoreId,
}

/// What is asked for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// See [`Model::for_you`].
    ForYou,
    /// See [`Model::next_in_session`].
    Next {
        /// What she looks at now, newest first; nothing is what is known of her visit.
        session: Vec<Sku>,
    },
    /// See [`Model::similar`].
    Similar {
        /// To what.
        sku: Sku,
    },
    /// See [`Model::bought_together`].
    BoughtTogether {
        /// With what.
        skus: Vec<Sku>,
    },
    /// See [`Model::rerank`].
    Rerank {
        /// The list, in its own order.
        skus: Vec<Sku>,
    },
}

impl Person<'_> {
    /// What is asked for her, with the rules that hold for her. Where she refused personalisation the answer is what
    /// everybody gets in this store: no trace of hers takes part, what comes next is what is popular, and a list keeps its
    /// order.
    #[must_use]
    pub fn request(
        &self,
        asked: Asked,
        department: Option<DepartmentId>,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Request {
        let refuses = self.refuses();
        let (owned, hidden) = if refuses {
            <(BTreeSet<Sku>, BTreeSet<Sku>)>::default()
        } else {
            (self.owned(), self.unwanted())
        };
        let taste = || self.taste(now);
        let question = match asked {
            Asked::Next { session } if !refuses => Question::Next {
                session: self.visit(session, now),
            },
            Asked::ForYou | Asked::Next { .. } => Question::ForYou {
                taste: taste(),
                now,
            },
            Asked::Similar { sku } => Question::Similar { sku },
            Asked::BoughtTogether { skus } => Question::BoughtTogether { skus },
            Asked::Rerank { skus } => Question::Rerank {
                skus,
                taste: taste(),
                now,
            },
        };
        let is_mixed = department.is_none() && matches!(question, Question::ForYou { .. });
        Request {
            question,
            owned,
            hidden,
            department,
            diversity: Diversity {
                per_style: Some(1),
                per_department: is_mixed.then_some(PER_DEPARTMENT),
            },
            revisit: Revisit::Hide,
            limit,
        }
    }

    fn owned(&self) -> BTreeSet<Sku> {
        let owned = self.purchases.owned();
        owned.map(|kept| kept.sku.clone()).collect()
    }

    /// What she brought back, and what somebody dismissed for her.
    fn unwanted(&self) -> BTreeSet<Sku> {
        let returned = self.purchases.returned();
        returned.chain(self.picks.dismissed()).cloned().collect()
    }

    /// The session that is named, or the one that she is in.
    fn visit(&self, named: Vec<Sku>, now: DateTime<Utc>) -> Vec<Sku> {
        if named.is_empty() {
            self.taste(now).session
        } else {
            named
        }
    }

    /// Her traces as evidence. Where she refused personalisation there are none but the store.
    #[must_use]
    pub fn taste(&self, now: DateTime<Utc>) -> Taste {
        let store = Some(self.store.clone());
        if self.refuses() {
            return Taste {
                store,
                ..Taste::default()
            };
        }
        let session_begins = now - TimeDelta::minutes(SESSION_MINUTES);
        let (session, views): (Vec<_>, Vec<_>) = self
            .profile
            .views
            .iter()
            .partition(|view| view.at >= session_begins);
        let purchase = |kept: &domain::purchases::Purchase| Purchase {
            sku: kept.sku.clone(),
            at: kept.at,
        };
        Taste {
            session: session.into_iter().map(|view| view.sku.clone()).collect(),
            views: views.into_iter().map(|view| view.sku.clone()).collect(),
            cart: self
                .profile
                .cart
                .iter()
                .map(|line| line.sku.clone())
                .collect(),
            purchases: self.purchases.owned().map(purchase).collect(),
            wished: self
                .customer
                .map(|customer| customer.wish_list.clone())
                .unwrap_or_default(),
            pinned: self.picks.pinned().cloned().collect(),
            departments: self.liked().collect(),
            store,
        }
    }

    fn liked(&self) -> impl Iterator<Item = DepartmentId> {
        self.profile
            .affinities
            .iter()
            .take(LIKED_DEPARTMENTS)
            .map(|affinity| affinity.department.clone())
    }

    fn refuses(&self) -> bool {
        self.customer
            .is_some_and(|customer| customer.refuses(Purpose::Personalisation))
    }
}

impl Model {
    /// What to show somebody: never what she owns, brought back or does not want, never what is not `available`.
    #[must_use]
    pub fn for_person(
        &self,
        person: &Person<'_>,
        department: Option<DepartmentId>,
        available: &dyn Fn(&Sku) -> bool,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Vec<Recommendation> {
        let request = person.request(Asked::ForYou, department, now, limit);
        self.answer(&request, available).into_shelf()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModelBuilder;
    use domain::item::Item;

    fn sku(text: &str) -> Sku {
        Sku::parse(text).unwrap()
    }

    fn item(text: &str) -> Item {
        serde_json::from_value(
            serde_json::json!({"sku": text, "title": text, "department": "outdoor"}),
        )
        .unwrap()
    }

    fn model() -> Model {
        let items: Vec<Item> = ["boots", "socks", "wax", "tent"].map(item).into();
        let mut builder = ModelBuilder::new(&items);
        let at = "2026-05-01T10:00:00Z".parse().unwrap();
        for _ in 0..5 {
            builder.add_session(at, &[sku("boots"), sku("socks"), sku("wax")]);
        }
        builder.add_session(at, &[sku("tent")]);
        builder.build()
    }

    fn shelf(
        customer: Option<&Customer>,
        profile: &Profile,
        purchases: &Purchases,
        out: &str,
    ) -> Vec<String> {
        let person = Person {
            customer,
            profile,
            purchases,
            picks: &Picks::default(),
            store: &StoreId::parse("1").unwrap(),
        };
        let now = "2026-05-01T12:00:00Z".parse().unwrap();
        let shelf = model().for_person(&person, None, &|sku| sku.as_str() != out, now, 10);
        shelf
            .into_iter()
            .map(|recommendation| recommendation.sku.to_string())
            .collect()
    }

    fn viewed(text: &str) -> Profile {
        serde_json::from_value(
            serde_json::json!({"views": [{"sku": text, "at": "2026-05-01T11:59:00Z"}]}),
        )
        .unwrap()
    }

    #[test]
    fn a_view_leads_to_its_neighbours() {
        let shelf = shelf(None, &viewed("boots"), &Purchases::default(), "none");
        assert!(
            shelf.starts_with(&["socks".into()]) || shelf.starts_with(&["wax".into()]),
            "{shelf:?}"
        );
        assert!(!shelf.contains(&"boots".into()), "she has just seen them");
    }

    #[test]
    fn neither_owned_nor_returned_nor_out_of_stock() {
        let body = serde_json::json!({"items": [
            {"sku": "socks", "at": "2026-01-01T10:00:00Z"},
            {"sku": "wax", "at": "2026-01-01T10:00:00Z", "returned_at": "2026-01-09T10:00:00Z"}]});
        let purchases: Purchases = serde_json::from_value(body).unwrap();
        let shelf = shelf(None, &viewed("boots"), &purchases, "tent");
        assert!(shelf.is_empty(), "{shelf:?}");
    }

    #[test]
    fn another_size_of_what_she_looks_at_is_no_recommendation() {
        let vest = |size: &str| {
            let text = format!("vest-{size}");
            let body = serde_json::json!({"sku": text, "title": "Vest", "department": "outdoor", "style": "vest"});
            serde_json::from_value::<Item>(body).unwrap()
        };
        let items = [vest("s"), vest("m"), item("socks")];
        let mut builder = ModelBuilder::new(&items);
        let at = "2026-05-01T10:00:00Z".parse().unwrap();
        builder.add_session(at, &[sku("vest-s"), sku("vest-m"), sku("socks")]);
        let (profile, purchases) = (viewed("vest-s"), Purchases::default());
        let store = StoreId::parse("1").unwrap();
        let person = Person {
            customer: None,
            profile: &profile,
            purchases: &purchases,
            picks: &Picks::default(),
            store: &store,
        };
        let shelf = builder.build().for_person(
            &person,
            None,
            &|_| true,
            "2026-05-01T12:00:00Z".parse().unwrap(),
            10,
        );
        assert_eq!(
            shelf
                .iter()
                .map(|found| found.sku.as_str())
                .collect::<Vec<_>>(),
            ["socks"]
        );
    }

    #[test]
    fn who_refused_personalisation_gets_what_everybody_gets() {
        let body = serde_json::json!({"id": "c", "name": {}, "home_store": "1", "consents": [
            {"purpose": "personalisation", "granted": false, "at": "2026-01-01T00:00:00Z"}]});
        let customer: Customer = serde_json::from_value(body).unwrap();
        let hers = shelf(
            Some(&customer),
            &viewed("boots"),
            &Purchases::default(),
            "none",
        );
        let everybodys = shelf(None, &Profile::default(), &Purchases::default(), "none");
        assert_eq!(hers, everybodys);
    }

    fn customer(grants: bool) -> Customer {
        let body = serde_json::json!({"id": "c", "name": {}, "home_store": "1", "consents": [
            {"purpose": "personalisation", "granted": grants, "at": "2026-01-01T00:00:00Z"}]});
        serde_json::from_value(body).unwrap()
    }

    fn picks(text: &str) -> Picks {
        let picks = text.split_whitespace().map(|said| {
            let (verdict, sku) = said.split_at(1);
            let verdict = if verdict == "+" {
                "pinned"
            } else {
                "dismissed"
            };
            serde_json::json!({"sku": sku, "verdict": verdict, "author": "ana"})
        });
        let picks: Vec<_> = picks.collect();
        serde_json::from_value(serde_json::json!({"picks": picks})).unwrap()
    }

    const NOW: &str = "2026-05-01T12:00:00Z";

    /// What somebody gets who looked at boots, has socks, brought wax back, and of whom this was said.
    fn asked(asked: Asked, said: &str, grants: bool, department: Option<&str>) -> crate::Answer {
        let purchases = serde_json::json!({"items": [
            {"sku": "socks", "at": "2026-01-01T10:00:00Z"},
            {"sku": "wax", "at": "2026-01-01T10:00:00Z", "returned_at": "2026-01-09T10:00:00Z"}]});
        let person = Person {
            customer: Some(&customer(grants)),
            profile: &viewed("boots"),
            purchases: &serde_json::from_value(purchases).unwrap(),
            picks: &picks(said),
            store: &StoreId::parse("1").unwrap(),
        };
        let department = department.map(|text| DepartmentId::parse(text).unwrap());
        let request = person.request(asked, department, NOW.parse().unwrap(), 10);
        wide().answer(&request, &|sku| sku.as_str() != "gone")
    }

    /// Everything was looked at and bought with boots, also what is gone.
    fn wide() -> Model {
        let names = ["boots", "socks", "wax", "tent", "stove", "gone"];
        let mut items: Vec<Item> = names.map(item).into();
        items.push(
            serde_json::from_value(
                serde_json::json!({"sku": "lamp", "title": "Lamp", "department": "home"}),
            )
            .unwrap(),
        );
        let mut builder = ModelBuilder::new(&items);
        let at = "2026-05-01T10:00:00Z".parse().unwrap();
        let all: Vec<Sku> = names.into_iter().chain(["lamp"]).map(sku).collect();
        for _ in 0..3 {
            builder.add_session(at, &all);
            builder.add_basket(at, Some(&StoreId::parse("1").unwrap()), &all);
        }
        builder.build()
    }

    fn names(answer: crate::Answer) -> Vec<String> {
        let mut names: Vec<String> = answer
            .into_shelf()
            .into_iter()
            .map(|found| found.sku.to_string())
            .collect();
        names.sort_unstable();
        names
    }

    fn kinds() -> [Asked; 4] {
        [
            Asked::ForYou,
            Asked::Next {
                session: vec![sku("boots")],
            },
            Asked::Similar { sku: sku("boots") },
            Asked::BoughtTogether {
                skus: vec![sku("boots")],
            },
        ]
    }

    #[test]
    fn every_kind_of_request_leaves_out_what_may_not_be_shown() {
        for kind in kinds() {
            let shown = names(asked(kind.clone(), "-stove", true, None));
            assert_eq!(shown, ["lamp", "tent"], "{kind:?}");
            let shown = names(asked(kind.clone(), "-stove", true, Some("home")));
            assert_eq!(shown, ["lamp"], "{kind:?}");
            assert!(names(asked(kind, "", true, Some("nowhere"))).is_empty());
        }
    }

    #[test]
    fn where_she_refused_nothing_of_hers_takes_part() {
        let nobody = Person {
            customer: None,
            profile: &Profile::default(),
            purchases: &Purchases::default(),
            picks: &Picks::default(),
            store: &StoreId::parse("1").unwrap(),
        };
        let everybodys = |kind: Asked| {
            let request = nobody.request(kind, None, NOW.parse().unwrap(), 10);
            wide().answer(&request, &|sku| sku.as_str() != "gone")
        };
        for kind in kinds() {
            let expected = match &kind {
                Asked::Next { .. } => Asked::ForYou,
                other => other.clone(),
            };
            let hers = asked(kind, "+tent -stove", false, None);
            assert_eq!(hers, everybodys(expected));
        }
        let list = || Asked::Rerank {
            skus: ["stove", "lamp", "tent"].map(sku).into(),
        };
        let order = |answer: crate::Answer| -> Vec<String> {
            let ranking = answer.into_ranking().into_iter();
            ranking.map(|ranked| ranked.sku.to_string()).collect()
        };
        let kept = order(asked(list(), "+tent -stove", false, None));
        assert_eq!(kept, ["stove", "lamp", "tent"]);
        let hers = order(asked(list(), "+tent -stove", true, None));
        assert_eq!(hers, ["tent", "lamp", "stove"]);
    }

    #[test]
    fn what_was_chosen_comes_first_unless_it_may_not_be_shown() {
        let answer = asked(Asked::ForYou, "+gone +wax +boots +stove", true, None);
        let shelf = answer.into_shelf();
        let first: Vec<_> = shelf
            .iter()
            .take_while(|found| found.reason == domain::recommendation::Reason::Picked)
            .map(|found| found.sku.as_str())
            .collect();
        // Boots were looked at just now, which is no reason not to choose them.
        assert_eq!(first, ["stove", "boots"]);
        let again = shelf.iter().filter(|found| found.sku.as_str() == "stove");
        assert_eq!(again.count(), 1);
        assert!(shelf.len() > 2);
    }
}
