//! For you, from what the ledger and a replica hold of somebody alike: the one way from a customer to her
//! shelf, so that function and tablet cannot differ.

use crate::model::Model;
use crate::{Diversity, Filters, Purchase, Revisit, Taste};
use chrono::{DateTime, TimeDelta, Utc};
use domain::customer::{Customer, Purpose};
use domain::ids::{DepartmentId, Sku, StoreId};
use domain::profile::Profile;
use domain::purchases::Purchases;
use domain::recommendation::Recommendation;

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
    /// The store she is in.
    pub store: &'a StoreId,
}

impl Person<'_> {
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
    /// What to show somebody: never what she owns or brought back, never what is not `available`.
    #[must_use]
    pub fn for_person(
        &self,
        person: &Person<'_>,
        department: Option<DepartmentId>,
        available: &dyn Fn(&Sku) -> bool,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Vec<Recommendation> {
        let per_department = department.is_none().then_some(PER_DEPARTMENT);
        let filters = Filters {
            owned: person
                .purchases
                .owned()
                .map(|kept| kept.sku.clone())
                .collect(),
            hidden: person.purchases.returned().cloned().collect(),
            available,
            department,
            diversity: Diversity {
                per_style: Some(1),
                per_department,
            },
            revisit: Revisit::Hide,
        };
        self.for_you(&person.taste(now), &filters, now, limit)
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
}
