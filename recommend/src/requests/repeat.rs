//! What she buys again and again.

use super::popular::days_between;
use crate::fixed;
use crate::model::Model;
use crate::requests::taste::Purchase;
use crate::sessions::Scored;
use chrono::{DateTime, Utc};

/// The weight of a purchase halves in this time.
const HALF_LIFE_DAYS: u32 = 300;
/// Newest purchases that count.
const PURCHASES_MAX: usize = 4_096;

/// How she bought one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rhythm {
    pub(super) item: u32,
    pub(super) times: u32,
    pub(super) last_days_ago: u32,
    weight: u64,
}

/// The rhythm of each item among `purchases`, by number. Purchases after `now` count as of `now`.
pub(super) fn rhythms(model: &Model, purchases: &[Purchase], now: DateTime<Utc>) -> Vec<Rhythm> {
    let known = purchases.iter().filter_map(|purchase| {
        Some((
            days_between(purchase.at, now),
            model.skus.number(&purchase.sku)?,
        ))
    });
    let mut known: Vec<(u32, u32)> = known.collect();
    known.sort_unstable();
    // Two lines of one day are one purchase.
    known.dedup();
    known.truncate(PURCHASES_MAX);
    known.sort_unstable_by_key(|(days, item)| (*item, *days));
    let mut rhythms: Vec<Rhythm> = Vec::new();
    for (days, item) in known {
        let weight = u64::from(fixed::decay(days, HALF_LIFE_DAYS));
        match rhythms.last_mut() {
            Some(last) if last.item == item => {
                last.times += 1;
                last.weight += weight;
            }
            _ => rhythms.push(Rhythm {
                item,
                times: 1,
                last_days_ago: days,
                weight,
            }),
        }
    }
    rhythms
}

impl Rhythm {
    /// What the item gains as a repeat purchase: often and lately counts most. (Holding an item back
    /// until her usual interval has passed made the answers worse where that was measured.)
    pub(super) fn scored(&self) -> Scored {
        Scored {
            item: self.item,
            score: self.weight,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may panic")]
    use super::*;
    use crate::requests::fixtures::{bought, day, store};

    #[test]
    fn often_and_lately_counts_most() {
        let purchases = [
            bought("coffee", 0),
            bought("coffee", 20),
            bought("milk", 0),
            bought("tea", 20),
        ];
        let rhythms = rhythms(&store(), &purchases, day(40));
        let score = |sku: &str| {
            let item = store().numbers(&[crate::requests::fixtures::sku(sku)])[0];
            let rhythm = rhythms.iter().find(|rhythm| rhythm.item == item);
            rhythm.map_or(0, |rhythm| rhythm.scored().score)
        };
        assert!(score("coffee") > score("tea") && score("tea") > score("milk"));
    }

    #[test]
    fn lines_of_one_day_are_one_purchase_and_the_future_is_today() {
        let purchases = [bought("tea", 5), bought("tea", 5), bought("tea", 99)];
        let rhythm = rhythms(&store(), &purchases, day(10))[0];
        assert_eq!((rhythm.times, rhythm.last_days_ago), (2, 0));
    }
}
