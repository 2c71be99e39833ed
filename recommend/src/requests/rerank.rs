//! Re-rank: a list that somebody else made, in the order that suits her.

use super::filters::{Admission, Diversity, Filters, Revisit};
use super::for_you::Found;
use super::taste::Taste;
use crate::model::Model;
use chrono::{DateTime, Utc};
use domain::ids::Sku;
use domain::recommendation::Reason;
use std::collections::BTreeSet;

/// The most items that a list may have; those after them keep their order.
pub const LIST_MAX: usize = 1_000;

/// An item of a re-ranked list.
#[derive(Debug, Clone, PartialEq)]
pub struct Reranked {
    /// Which.
    pub sku: Sku,
    /// The evidence that moved it up; `None` where there is none, and it follows the others in the list's own order.
    pub reason: Option<Reason>,
}

impl Model {
    /// All of `skus`, once each: first those that something speaks for, the best first, then the others in the
    /// order they came in. Nothing is filtered, and nothing is added.
    #[must_use]
    pub fn rerank(&self, skus: &[Sku], taste: &Taste, now: DateTime<Utc>) -> Vec<Reranked> {
        let listed: BTreeSet<&Sku> = skus.iter().take(LIST_MAX).collect();
        let available = |sku: &Sku| listed.contains(sku);
        let filters = Filters {
            available: &available,
            diversity: Diversity::NONE,
            revisit: Revisit::Allow,
            ..Filters::default()
        };
        let admission = Admission::new(self, &filters, Vec::new(), Vec::new());
        let found = Found::search(self, taste, &admission, now);
        let mix = found.mix();
        let mut ranked: Vec<_> = mix.iter().map(|mixed| mixed.scored).collect();
        ranked.sort_unstable_by(|a, b| b.score.cmp(&a.score).then(a.item.cmp(&b.item)));
        let reasons = found.reasons(&ranked, &mix);
        let mut placed = BTreeSet::new();
        let mut answer = Vec::with_capacity(skus.len());
        let best = ranked.iter().zip(reasons).filter_map(|(scored, reason)| {
            let sku = self.skus.name(scored.item)?;
            Some((sku, reason))
        });
        for (sku, reason) in best.chain(skus.iter().map(|sku| (sku, None))) {
            if placed.insert(sku) {
                answer.push(Reranked {
                    sku: sku.clone(),
                    reason,
                });
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may panic")]
    use super::*;
    use crate::requests::fixtures::*;

    fn order(answer: &[Reranked]) -> Vec<&str> {
        answer.iter().map(|entry| entry.sku.as_str()).collect()
    }

    #[test]
    fn what_suits_her_comes_first_and_nothing_is_lost_or_added() {
        let list = skus("nope lamp tent socks nope boots-40");
        let answer = store().rerank(&list, &looking_at("boots-39"), day(30));
        assert_eq!(answer[0].sku, sku("socks"));
        assert!(matches!(answer[0].reason, Some(Reason::ViewedWith { .. })));
        let all: BTreeSet<&str> = order(&answer).into_iter().collect();
        assert_eq!(all, ["nope", "lamp", "tent", "socks", "boots-40"].into());
        assert_eq!(answer.len(), 5);
        let last = answer
            .last()
            .map(|entry| (entry.sku.as_str(), entry.reason.clone()));
        assert_eq!(last, Some(("nope", None)));
    }

    #[test]
    fn without_evidence_a_list_keeps_its_order() {
        let answer = store().rerank(&skus("b a c"), &Taste::default(), day(30));
        assert_eq!(order(&answer), ["b", "a", "c"]);
        assert!(
            store()
                .rerank(&[], &looking_at("boots-39"), day(30))
                .is_empty()
        );
    }

    #[test]
    fn what_she_owns_stays_in_the_list() {
        let taste = Taste {
            purchases: vec![bought("socks", 3)],
            ..looking_at("boots-39")
        };
        let answer = store().rerank(&skus("rug socks"), &taste, day(30));
        assert_eq!(order(&answer), ["socks", "rug"]);
    }
}
