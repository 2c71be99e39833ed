//! What many people buy, and what to show somebody of whom nothing is known.

use super::filters::Admission;
use super::shelf;
use crate::model::Model;
use crate::sessions::Scored;
use chrono::{DateTime, Utc};
use domain::ids::StoreId;
use domain::recommendation::Reason;

/// Popular items that may be shown, best first.
pub(super) fn candidates(
    model: &Model,
    store: Option<&StoreId>,
    admission: &Admission<'_>,
) -> Vec<Scored> {
    let list = model.popularity.list(store).iter();
    let scored = list.map(|(item, weight)| Scored {
        item: *item,
        score: u64::from(*weight),
    });
    scored
        .filter(|scored| admission.admits(scored.item))
        .take(shelf::CANDIDATES_MAX)
        .collect()
}

/// The same, taking turns: the best of every department, then the second of each, and so on, so that
/// the first screen shows what the store has.
pub(super) fn across_departments(model: &Model, ranked: &[Scored]) -> Vec<Scored> {
    let mut seen: Vec<(u32, u32)> = Vec::new();
    let mut turns: Vec<(u32, Scored)> = Vec::with_capacity(ranked.len());
    for scored in ranked {
        let department = model.traits(scored.item).department;
        let turn = match seen.iter_mut().find(|entry| entry.0 == department) {
            Some(entry) => {
                entry.1 += 1;
                entry.1
            }
            None => {
                seen.push((department, 0));
                0
            }
        };
        turns.push((turn, *scored));
    }
    // Stable: within a turn the more popular stays first.
    turns.sort_by_key(|entry| entry.0);
    turns.into_iter().map(|entry| entry.1).collect()
}

/// The reason of a popular item: its department where that is one she likes.
pub(super) fn reason(model: &Model, item: u32, liked: &[u32]) -> Reason {
    let department = model.traits(item).department;
    let liked = liked
        .contains(&department)
        .then(|| model.departments.name(department))
        .flatten();
    match liked {
        Some(department) => Reason::PopularIn {
            department: department.clone(),
        },
        None => Reason::Popular,
    }
}

/// Whole days from `at` to `now`; 0 when `at` is later.
pub(super) fn days_between(at: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    u32::try_from((now.timestamp() - at.timestamp()).max(0) / 86_400).unwrap_or(u32::MAX)
}
