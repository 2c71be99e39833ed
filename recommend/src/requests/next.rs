//! Next: what people went on to who looked at what she looks at.

use super::filters::{Admission, Filters, Revisit};
use super::shelf;
use crate::model::Model;
use crate::sessions::{take_best, tuned};
use domain::ids::Sku;
use domain::recommendation::{Reason, Recommendation};

impl Model {
    /// What comes next in a session (newest first), best first. Only what sessions speak for: nothing is filled up.
    #[must_use]
    pub fn next_in_session(
        &self,
        session: &[Sku],
        filters: &Filters<'_>,
        limit: usize,
    ) -> Vec<Recommendation> {
        let items = self.numbers(session);
        let hidden = match filters.revisit {
            Revisit::Hide => items.clone(),
            Revisit::Allow => Vec::new(),
        };
        let admission = Admission::new(self, filters, Vec::new(), hidden);
        let looks = self.sessions.looks(&items, tuned());
        let mut ranked = shelf::admitted(looks.next_items().into_iter(), &admission);
        let ranked = take_best(&mut ranked, usize::MAX);
        let shelf = shelf::mixed(self, &ranked, admission.diversity(), limit);
        let shown: Vec<u32> = shelf.iter().map(|scored| scored.item).collect();
        let because = looks.because(&shown).into_iter().zip(&shown);
        // An item that only its own earlier view speaks for is explained by that view.
        let reasons = because.map(|(because, item)| {
            Some(Reason::ViewedWith {
                sku: self.skus.name(because.unwrap_or(*item))?.clone(),
            })
        });
        shelf::explained(self, &shelf, reasons.collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may panic")]
    use super::*;
    use crate::requests::fixtures::*;

    fn next(session: &str, revisit: Revisit) -> Vec<Recommendation> {
        let filters = Filters {
            revisit,
            ..Filters::default()
        };
        store().next_in_session(&skus(session), &filters, 5)
    }

    #[test]
    fn a_session_leads_to_what_followed_it() {
        let answer = next("lamp", Revisit::Hide);
        assert_eq!(answer[0].sku, sku("rug"));
        assert_eq!(answer[0].reason, Reason::ViewedWith { sku: sku("lamp") });
        assert!(!shown(&answer).contains(&"lamp"));
        assert!(shown(&next("lamp", Revisit::Allow)).contains(&"lamp"));
    }

    #[test]
    fn nothing_is_filled_up() {
        assert!(next("", Revisit::Hide).is_empty());
        assert!(next("nope", Revisit::Hide).is_empty());
    }

    #[test]
    fn what_is_two_steps_away_is_explained_by_what_led_there() {
        // Nobody who saw the stove saw a lamp: the tent leads from the one to the other.
        let answer = next("stove", Revisit::Hide);
        let lamp = answer.iter().find(|found| found.sku == sku("lamp"));
        let reason = lamp.map(|found| found.reason.clone());
        assert_eq!(reason, Some(Reason::ViewedWith { sku: sku("stove") }));
        assert_eq!(answer[0].sku, sku("tent"));
    }

    #[test]
    fn a_view_counts_in_the_next_request() {
        let mut model = store();
        let session = model.append_session(&skus("milk")).into_iter();
        session.for_each(|session| assert!(model.extend_session(session, &sku("rug"))));
        let answer = model.next_in_session(&skus("milk"), &Filters::default(), 5);
        assert!(shown(&answer).contains(&"rug"));
    }
}
