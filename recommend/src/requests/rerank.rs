//! Re-rank: a list that somebody else made, in the order that suits her.

use super::filters::{Admission, Diversity, Filters, Revisit};
use super::for_you::Found;
use super::taste::Taste;
use crate::model::Model;
use chrono::{DateTime, Utc};
use domain::api::recommend::{MAX_RERANKED, Ranked};
use domain::ids::Sku;
use domain::recommendation::Reason;
use std::collections::BTreeSet;

impl Model {
    /// All of `skus`, once each: first what an associate chose for her, then what something speaks for, the best
    /// first, then the others in the order they came in, and last what she does not want (`unwanted`). Nothing is
    /// filtered, and nothing is added. Of the evidence, that for the first [`MAX_RERANKED`] counts.
    #[must_use]
    pub fn rerank(
        &self,
        skus: &[Sku],
        taste: &Taste,
        unwanted: &BTreeSet<Sku>,
        now: DateTime<Utc>,
    ) -> Vec<Ranked> {
        let listed: BTreeSet<&Sku> = skus.iter().take(MAX_RERANKED).collect();
        let available = |sku: &Sku| listed.contains(sku) && !unwanted.contains(sku);
        let filters = Filters {
            available: &available,
            diversity: Diversity::NONE,
            revisit: Revisit::Allow,
            ..Filters::default()
        };
        let admission = Admission::new(self, &filters, Vec::new(), Vec::new());
        let found = Found::search(self, taste, &admission, now);
        // That many people like an item is no reason to move it up for somebody of whom nothing is known.
        let mix = match taste.is_unknown() {
            true => Vec::new(),
            false => found.mix(),
        };
        let mut ranked: Vec<_> = mix.iter().map(|mixed| mixed.scored).collect();
        ranked.sort_unstable_by(|a, b| b.score.cmp(&a.score).then(a.item.cmp(&b.item)));
        let reasons = found.reasons(&ranked, &mix);
        let mut placed = BTreeSet::new();
        let mut answer = Vec::with_capacity(skus.len());
        let chosen = taste.pinned.iter().filter(|sku| available(sku));
        let chosen = chosen.map(|sku| (sku, Some(Reason::Picked)));
        let best = ranked.iter().zip(reasons).filter_map(|(scored, reason)| {
            let sku = self.skus.name(scored.item)?;
            Some((sku, reason))
        });
        let (last, others): (Vec<&Sku>, Vec<&Sku>) =
            skus.iter().partition(|sku| unwanted.contains(*sku));
        let rest = others.into_iter().chain(last).map(|sku| (sku, None));
        for (sku, reason) in chosen.chain(best).chain(rest) {
            if placed.insert(sku) {
                answer.push(Ranked {
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

    fn order(answer: &[Ranked]) -> Vec<&str> {
        answer.iter().map(|entry| entry.sku.as_str()).collect()
    }

    #[test]
    fn what_suits_her_comes_first_and_nothing_is_lost_or_added() {
        let list = skus("nope lamp tent socks nope boots-40");
        let answer = store().rerank(&list, &looking_at("boots-39"), &BTreeSet::new(), day(30));
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
        let answer = store().rerank(&skus("b a c"), &Taste::default(), &BTreeSet::new(), day(30));
        assert_eq!(order(&answer), ["b", "a", "c"]);
        assert!(
            store()
                .rerank(&[], &looking_at("boots-39"), &BTreeSet::new(), day(30))
                .is_empty()
        );
    }

    #[test]
    fn what_she_owns_stays_in_the_list() {
        let taste = Taste {
            purchases: vec![bought("socks", 3)],
            ..looking_at("boots-39")
        };
        let answer = store().rerank(&skus("rug socks"), &taste, &BTreeSet::new(), day(30));
        assert_eq!(order(&answer), ["socks", "rug"]);
    }

    #[test]
    fn what_was_chosen_comes_first_and_what_was_dismissed_last() {
        let taste = Taste {
            pinned: skus("rug nope-2"),
            ..looking_at("boots-39")
        };
        let unwanted = [sku("socks")].into();
        let list = skus("socks lamp rug tent");
        let answer = store().rerank(&list, &taste, &unwanted, day(30));
        assert_eq!(order(&answer).first(), Some(&"rug"));
        assert_eq!(answer[0].reason, Some(Reason::Picked));
        assert_eq!(order(&answer).last(), Some(&"socks"));
        assert_eq!(answer.len(), 4);
    }
}
