//! Lanes: which events share one, and how its places are numbered.

use crate::ports::events::{CloudEvent, LogError};
use sha2::{Digest, Sha256};
use std::num::NonZeroU64;
use std::ops::Range;

/// The most lanes that a log has.
pub const MAX_LANES: u64 = 256;

/// How many lanes a log has.
///
/// A lane's places are the numbers that leave the lane's own number when they are divided by how many lanes there are:
/// no two events of a log have the same place, and a place tells its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes(NonZeroU64);

impl Lanes {
    /// All events in one order.
    pub const ONE: Self = Self(NonZeroU64::MIN);

    /// 1 to [`MAX_LANES`].
    #[must_use]
    pub fn new(count: u64) -> Option<Self> {
        let count = NonZeroU64::new(count).filter(|count| count.get() <= MAX_LANES);
        count.map(Self)
    }

    /// How many.
    #[must_use]
    pub fn count(self) -> u64 {
        self.0.get()
    }

    /// Their numbers.
    #[must_use]
    pub fn all(self) -> Range<u64> {
        0..self.count()
    }

    /// The lane of events with this key. It stays the same for as long as the log lives.
    #[must_use]
    pub fn of_key(self, partition_key: &str) -> u64 {
        let hash = Sha256::digest(partition_key);
        let head = hash.iter().take(8);
        head.fold(0, |number, byte| (number << 8) | u64::from(*byte)) % self.0
    }

    /// The lane that a place is in.
    #[must_use]
    pub fn of_place(self, sequence: u64) -> u64 {
        sequence % self.0
    }

    /// The first place of `lane` behind `sequence`; `None` where there is none any more.
    #[must_use]
    pub fn next(self, lane: u64, sequence: u64) -> Option<u64> {
        // Place 0 is nobody's: it is where cursors begin.
        let from = sequence.checked_add(1)?.max(self.count());
        let missing = (lane + self.count() - from % self.0) % self.0;
        from.checked_add(missing)
    }

    /// Which of `events` are each lane's, in their order.
    pub(super) fn share(self, events: &[CloudEvent]) -> Vec<Vec<usize>> {
        let mut shares: Vec<Vec<usize>> = self.all().map(|_| Vec::new()).collect();
        for (place, event) in events.iter().enumerate() {
            let lane = usize::try_from(self.of_key(&event.partitionkey));
            if let Some(share) = lane.ok().and_then(|lane| shares.get_mut(lane)) {
                share.push(place);
            }
        }
        shares
    }
}

pub(super) fn no_place_left() -> LogError {
    LogError::Unavailable("the log has no place left".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_one_lane_are_numbered_without_a_gap() {
        let places: Vec<_> = (0..4).map(|last| Lanes::ONE.next(0, last)).collect();
        assert_eq!(places, [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(Lanes::ONE.next(0, u64::MAX), None);
    }

    #[test]
    fn places_of_many_lanes_are_apart_and_tell_their_lane() {
        let lanes = Lanes::new(16).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for lane in lanes.all() {
            let mut last = 0;
            for _ in 0..5 {
                last = lanes.next(lane, last).unwrap();
                assert_eq!(lanes.of_place(last), lane);
                assert!(last > 0 && seen.insert(last));
            }
        }
        assert_eq!(seen.len(), 80);
        // A cursor may stand between a lane's places.
        assert_eq!(lanes.next(3, 19), Some(35));
        assert_eq!(lanes.next(3, 20), Some(35));
        assert_eq!(lanes.next(3, 34), Some(35));
        assert_eq!(lanes.next(3, u64::MAX - 3), None);
    }

    #[test]
    fn a_key_has_the_same_lane_for_ever() {
        let lanes = Lanes::new(16).unwrap();
        let found = ["a", "b", "c-0001"].map(|key| lanes.of_key(key));
        assert_eq!(found, [10, 10, 13]);
        assert_eq!(Lanes::ONE.of_key("a"), 0);
    }

    #[test]
    fn there_are_1_to_256() {
        assert_eq!(Lanes::new(0), None);
        assert_eq!(Lanes::new(1), Some(Lanes::ONE));
        assert!(Lanes::new(256).is_some());
        assert_eq!(Lanes::new(257), None);
    }
}
