//! Which stock this device keeps for itself, so that it can sell with the network down: a little of what was used here
//! lately. Decides only; the driver asks the cloud.

use chrono::{DateTime, TimeDelta, Utc};
use domain::api::cart::MAX_ALLOT;
use domain::ids::Sku;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Pieces of each item that a device keeps.
const PIECES: u64 = 2;
/// Items of which it keeps some.
pub(crate) const MAX_ITEMS: usize = 200;
/// What was not used for so long is given back, in hours.
const USED_WITHIN_HOURS: i64 = 24;
/// An item of which the cloud had too few is asked for again after so long, in minutes.
const ASK_AGAIN_MINUTES: i64 = 10;

/// What was put into carts or sold here, and when it was last asked for; in memory, the driver keeps a copy.
#[derive(Default)]
pub(crate) struct Allotting {
    used: Mutex<BTreeMap<Sku, DateTime<Utc>>>,
    asked: Mutex<BTreeMap<Sku, DateTime<Utc>>>,
    /// Held while something is sold, and while it is decided what is given back: no piece is both.
    pub(crate) turn: Mutex<()>,
    /// Something was used that the driver has not looked at.
    pub(crate) more: tokio::sync::Notify,
}

/// What to ask the cloud for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    /// Pieces to have of each, in all; at most [`MAX_ALLOT`] items.
    pub(crate) keep: BTreeMap<Sku, u64>,
    /// Items to give back; at most [`MAX_ALLOT`].
    pub(crate) back: BTreeSet<Sku>,
}

impl Allotting {
    /// These were put into a cart here, or sold.
    pub(crate) fn used<'a>(&self, skus: impl IntoIterator<Item = &'a Sku>, now: DateTime<Utc>) {
        let mut used = lock(&self.used);
        for sku in skus {
            used.insert(sku.clone(), now);
        }
        shrink(&mut used);
        self.more.notify_one();
    }

    /// What was used, for keeping.
    pub(crate) fn list_used(&self) -> BTreeMap<Sku, DateTime<Utc>> {
        lock(&self.used).clone()
    }

    /// What was used before a restart.
    pub(crate) fn remember(&self, before: BTreeMap<Sku, DateTime<Utc>>) {
        let mut used = lock(&self.used);
        for (sku, at) in before {
            used.entry(sku).or_insert(at);
        }
        shrink(&mut used);
    }

    /// The cloud was asked for these.
    pub(crate) fn asked<'a>(&self, skus: impl IntoIterator<Item = &'a Sku>, now: DateTime<Utc>) {
        let mut asked = lock(&self.asked);
        asked.retain(|_, at| !is_past(*at, TimeDelta::minutes(ASK_AGAIN_MINUTES), now));
        asked.extend(skus.into_iter().map(|sku| (sku.clone(), now)));
    }

    /// What to ask for, with what this device `has`.
    pub(crate) fn wanted(&self, has: &BTreeMap<Sku, u64>, now: DateTime<Utc>) -> Wanted {
        let (used, asked) = (self.list_used(), lock(&self.asked).clone());
        let lately = |sku: &Sku| {
            let within = TimeDelta::hours(USED_WITHIN_HOURS);
            used.get(sku).is_some_and(|at| !is_past(*at, within, now))
        };
        let again = |sku: &Sku| {
            let pause = TimeDelta::minutes(ASK_AGAIN_MINUTES);
            asked.get(sku).is_none_or(|at| is_past(*at, pause, now))
        };
        let few = |sku: &Sku| has.get(sku).copied().unwrap_or(0) < PIECES;
        let keep = used
            .keys()
            .filter(|sku| lately(sku) && few(sku) && again(sku));
        let back = has.keys().filter(|sku| !lately(sku) && again(sku));
        Wanted {
            keep: keep
                .take(MAX_ALLOT)
                .map(|sku| (sku.clone(), PIECES))
                .collect(),
            back: back.take(MAX_ALLOT).cloned().collect(),
        }
    }
}

/// Keeps what was used last.
fn shrink(used: &mut BTreeMap<Sku, DateTime<Utc>>) {
    while used.len() > MAX_ITEMS {
        let oldest = used.iter().min_by_key(|(_, at)| **at);
        let Some(oldest) = oldest.map(|(sku, _)| sku.clone()) else {
            return;
        };
        used.remove(&oldest);
    }
}

/// A clock that was set back says nothing of how long ago it is.
fn is_past(at: DateTime<Utc>, within: TimeDelta, now: DateTime<Utc>) -> bool {
    at > now || now - at >= within
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sku(text: &str) -> Sku {
        Sku::parse(text).unwrap()
    }

    #[test]
    fn a_little_is_kept_of_what_was_used_and_the_rest_goes_back() {
        let allotting = Allotting::default();
        let now: DateTime<Utc> = "2026-05-17T10:00:00Z".parse().unwrap();
        allotting.used([&sku("boots"), &sku("socks")], now);
        let has = BTreeMap::from([(sku("socks"), 2), (sku("wax"), 1)]);
        let wanted = allotting.wanted(&has, now);
        assert_eq!(wanted.keep, BTreeMap::from([(sku("boots"), PIECES)]));
        assert_eq!(wanted.back, BTreeSet::from([sku("wax")]));
        allotting.asked(wanted.keep.keys(), now);
        assert!(
            allotting.wanted(&has, now).keep.is_empty(),
            "asked just now"
        );
        let later = now + TimeDelta::minutes(ASK_AGAIN_MINUTES);
        assert_eq!(allotting.wanted(&has, later).keep.len(), 1);
        let tomorrow = now + TimeDelta::hours(USED_WITHIN_HOURS);
        let wanted = allotting.wanted(&has, tomorrow);
        assert!(wanted.keep.is_empty());
        assert_eq!(wanted.back, BTreeSet::from([sku("socks"), sku("wax")]));
    }

    #[test]
    fn what_is_remembered_and_asked_for_is_bounded() {
        let allotting = Allotting::default();
        let now: DateTime<Utc> = "2026-05-17T10:00:00Z".parse().unwrap();
        for n in 0..1_000 {
            allotting.used([&sku(&format!("s-{n}"))], now + TimeDelta::seconds(n));
        }
        let used = allotting.list_used();
        assert_eq!(used.len(), MAX_ITEMS);
        assert!(used.contains_key(&sku("s-999")) && !used.contains_key(&sku("s-1")));
        let wanted = allotting.wanted(&BTreeMap::new(), now + TimeDelta::hours(1));
        assert_eq!(wanted.keep.len(), MAX_ALLOT);
    }
}
