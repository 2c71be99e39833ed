//! What an associate chose for her.

use super::filters::Admission;
use super::shelf;
use crate::model::Model;
use crate::sessions::Scored;
use domain::ids::Sku;
use domain::recommendation::{Reason, Recommendation};

/// Those of `pinned` that may be shown, in their order, one of each design; all scored as the best.
pub(super) fn shelf(
    model: &Model,
    pinned: &[Sku],
    admission: &Admission<'_>,
    limit: usize,
) -> Vec<Recommendation> {
    let mut chosen: Vec<Scored> = Vec::new();
    for item in model.numbers(pinned) {
        let new = chosen.iter().all(|scored| scored.item != item);
        if new && admission.admits(item) {
            chosen.push(Scored { item, score: 1 });
        }
    }
    let chosen = shelf::mixed(model, &chosen, admission.diversity(), limit);
    let reasons = vec![Some(Reason::Picked); chosen.len()];
    shelf::explained(model, &chosen, reasons)
}
