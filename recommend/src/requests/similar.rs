//! Similar: what people also look at who look at this, and what is of its kind.

use super::filters::{Admission, Filters};
use super::shelf;
use crate::fixed;
use crate::model::Model;
use crate::model::traits::{NONE, Traits};
use crate::sessions::{Neighbours, Reach, Scored};
use domain::ids::Sku;
use domain::recommendation::{Reason, Recommendation};

const REACH: Reach = Reach {
    candidates: 500,
    neighbours: 500,
    items: 1,
};

impl Model {
    /// Items like `sku`, best first: viewed in the same sessions, those of its category preferred; then
    /// others of its category and of its department. Empty for an unknown item.
    #[must_use]
    pub fn similar(&self, sku: &Sku, filters: &Filters<'_>, limit: usize) -> Vec<Recommendation> {
        let Some(item) = self.skus.number(sku) else {
            return Vec::new();
        };
        let admission = Admission::new(self, filters, Vec::new(), vec![item]);
        let neighbours = self.sessions.companions(&[item], REACH);
        let ranked = self.similar_items(item, &neighbours, &admission);
        let shelf = shelf::mixed(self, &ranked, admission.diversity(), limit);
        let shown: Vec<u32> = shelf.iter().map(|scored| scored.item).collect();
        let viewed = neighbours.because(&shown).into_iter();
        let reasons = viewed.map(|viewed| {
            Some(match viewed {
                Some(_) => Reason::ViewedWith { sku: sku.clone() },
                None => Reason::SimilarTo { sku: sku.clone() },
            })
        });
        shelf::explained(self, &shelf, reasons.collect())
    }

    fn similar_items(
        &self,
        item: u32,
        neighbours: &Neighbours<'_>,
        admission: &Admission<'_>,
    ) -> Vec<Scored> {
        let kind = self.traits(item);
        let viewed = neighbours.companion_items().map(|scored| {
            let boost = 1 + kinship(kind, self.traits(scored.item));
            Scored {
                item: scored.item,
                score: scored.score.saturating_mul(boost),
            }
        });
        let mut ranked = shelf::admitted(viewed, admission);
        if ranked.len() < shelf::CANDIDATES_MAX {
            let least = ranked.last().map_or(1 << 32, |scored| scored.score);
            ranked.extend(self.kin(item, &ranked, least, admission));
            ranked.truncate(shelf::CANDIDATES_MAX);
        }
        ranked
    }

    /// Items of the same category or department that are not in `listed`, all scored below `least`.
    fn kin(
        &self,
        item: u32,
        listed: &[Scored],
        least: u64,
        admission: &Admission<'_>,
    ) -> Vec<Scored> {
        let kind = self.traits(item);
        let mut listed: Vec<u32> = listed.iter().map(|scored| scored.item).collect();
        listed.sort_unstable();
        let related = (0..).zip(&self.traits).filter_map(|(other, traits)| {
            let kinship = kinship(kind, *traits);
            let frequency = u64::from(self.sessions.frequency(other))
                + u64::from(self.baskets.frequency(other));
            let fresh = kinship > 0 && listed.binary_search(&other).is_err();
            fresh.then_some(Scored {
                item: other,
                score: (kinship << 40) + frequency + 1,
            })
        });
        let mut related = shelf::admitted(related, admission);
        let best = related.first().map_or(1, |scored| scored.score);
        for scored in &mut related {
            scored.score =
                (fixed::ratio(scored.score, best).saturating_mul(least / 2) >> 16).max(1);
        }
        related
    }
}

/// 2 for one category, 1 for one department, 0 for neither.
fn kinship(one: Traits, other: Traits) -> u64 {
    if one.category != NONE && one.category == other.category {
        2
    } else if one.department != NONE && one.department == other.department {
        1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may panic")]
    use super::*;
    use crate::requests::fixtures::*;

    #[test]
    fn what_is_viewed_with_it_comes_before_what_is_only_of_its_kind() {
        let answer = store().similar(&sku("lamp"), &Filters::default(), 5);
        assert_eq!(answer[0].sku, sku("rug"));
        assert_eq!(answer[0].reason, Reason::ViewedWith { sku: sku("lamp") });
        assert_eq!(shown(&answer), ["rug", "tent"]);
    }

    #[test]
    fn an_item_nobody_viewed_has_its_department() {
        let answer = store().similar(&sku("tea"), &Filters::default(), 5);
        assert_eq!(shown(&answer), ["coffee", "milk"]);
        assert!(
            answer
                .iter()
                .all(|shown| shown.reason == Reason::SimilarTo { sku: sku("tea") })
        );
        assert!(answer[0].score > answer[1].score);
    }

    #[test]
    fn a_view_counts_in_the_next_request() {
        let mut model = store();
        let session = model.append_session(&skus("rug"));
        let extended = session.is_some_and(|session| model.extend_session(session, &sku("stove")));
        assert!(extended);
        assert!(shown(&model.similar(&sku("rug"), &Filters::default(), 9)).contains(&"stove"));
        assert_eq!(model.append_session(&skus("nope")), None);
    }

    #[test]
    fn a_new_item_is_found_by_its_kind_at_once() {
        let mut model = store();
        assert!(model.describe_item(&item("vase", "home", "", false)));
        assert!(shown(&model.similar(&sku("vase"), &Filters::default(), 9)).contains(&"lamp"));
        assert!(
            model
                .similar(&sku("nope"), &Filters::default(), 9)
                .is_empty()
        );
    }
}
