//! One person's profile: as it was read, and as the events of a batch make it.

use super::kept::{Card, Kept, without_browsing};
use crate::clicks::Heard;
use crate::ports::ledger::{Condition, Stored};
use crate::table::{self, Row, TableError};
use domain::customer::{Customer, Purpose};
use domain::event::{Action, Event};
use domain::ids::{CustomerId, StoreId};
use domain::profile::Profile;
use serde::de::DeserializeOwned;

/// A profile as it was read and as it should become.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) profile: Profile,
    pub(super) through: u64,
    /// The revision that was read; 0 where there was none.
    pub(super) revision: u64,
    pub(super) is_changed: bool,
    /// The events that it stands for in this batch.
    pub(super) heard: Vec<u64>,
    /// What was read cannot be understood: nothing may be written over it.
    pub(super) fault: Option<String>,
}

/// Somebody anonymous.
#[derive(Debug, Default)]
pub(super) struct Shopper {
    pub(super) slot: Slot,
    pub(super) joined: Option<CustomerId>,
    /// Joined in this batch: written together with the customer.
    pub(super) is_joined_now: bool,
}

/// A customer.
#[derive(Debug, Default)]
pub(super) struct Buyer {
    pub(super) slot: Slot,
    /// Where her associates are; `None` while nobody knows her.
    pub(super) home: Option<StoreId>,
    /// Her profile from before she was known, and its revision: it has been taken over into [`Buyer::slot`].
    pub(super) parked: Option<u64>,
    /// How many anonymous people turned out to be her in this batch.
    pub(super) joins: usize,
    refuses: bool,
}

impl Slot {
    pub(super) const fn condition(&self) -> Condition {
        match self.revision {
            0 => Condition::Absent,
            revision => Condition::Revision(revision),
        }
    }

    fn read<T: DeserializeOwned>(&mut self, stored: Option<&Stored>) -> Option<T> {
        match row(stored) {
            Ok(row) => {
                let row = row?;
                self.revision = row.revision;
                Some(row.value)
            }
            Err(error) => {
                self.fault = Some(error.to_string());
                None
            }
        }
    }

    pub(super) fn count(&mut self, heard: &Heard, change: impl FnOnce(&mut Profile)) {
        self.heard.push(heard.sequence);
        if heard.is_counted(self.through) {
            return;
        }
        let before = self.profile.clone();
        change(&mut self.profile);
        self.through = self.through.max(heard.sequence);
        self.is_changed |= self.profile != before;
    }
}

fn row<T: DeserializeOwned>(stored: Option<&Stored>) -> Result<Option<Row<T>>, TableError> {
    stored.map(table::row).transpose()
}

impl Shopper {
    pub(super) fn from_stored(stored: Option<&Stored>) -> Self {
        let mut shopper = Self::default();
        if let Some(kept) = shopper.slot.read::<Kept>(stored) {
            shopper.slot.profile = kept.profile;
            shopper.slot.through = kept.through;
            shopper.joined = kept.joined;
        }
        shopper
    }
}

impl Buyer {
    /// From her customer record, her profile, and what was parked for her.
    pub(super) fn from_stored(
        customer: Option<&Stored>,
        card: Option<&Stored>,
        parked: Option<&Stored>,
    ) -> Self {
        let mut buyer = Self::default();
        match row::<Customer>(customer) {
            Ok(None) => return Self::from_parked(parked),
            Ok(Some(row)) => {
                buyer.refuses = row.value.refuses(Purpose::Personalisation);
                buyer.home = Some(row.value.home_store);
            }
            Err(error) => buyer.slot.fault = Some(error.to_string()),
        }
        if let Some(card) = buyer.slot.read::<Card>(card) {
            buyer.slot.profile = card.profile;
            buyer.slot.through = card.through;
        }
        match row::<Kept>(parked) {
            Ok(None) => {}
            Ok(Some(row)) => buyer.take_over(row),
            Err(error) => buyer.slot.fault = Some(error.to_string()),
        }
        buyer
    }

    fn from_parked(parked: Option<&Stored>) -> Self {
        let mut buyer = Self::default();
        if let Some(kept) = buyer.slot.read::<Kept>(parked) {
            buyer.slot.profile = kept.profile;
            buyer.slot.through = kept.through;
        }
        buyer
    }

    fn take_over(&mut self, parked: Row<Kept>) {
        self.parked = Some(parked.revision);
        self.slot.through = self.slot.through.max(parked.value.through);
        self.join(parked.value.profile);
    }

    pub(super) fn join(&mut self, profile: Profile) {
        let mine = std::mem::take(&mut self.slot.profile);
        self.slot.profile = self.keepable(mine.join(profile));
        self.slot.is_changed = true;
    }

    fn keepable(&self, profile: Profile) -> Profile {
        if self.refuses {
            without_browsing(profile)
        } else {
            profile
        }
    }

    pub(super) fn count(&mut self, heard: &Heard) {
        let refuses = self.refuses;
        self.slot.count(heard, |profile| {
            let mine = std::mem::take(profile);
            *profile = counted(mine, &heard.event, refuses);
        });
    }
}

/// A profile after an event. Of somebody who does not want to be followed only what she buys is counted.
fn counted(mut profile: Profile, event: &Event, refuses: bool) -> Profile {
    if !refuses && !event.opted_out {
        profile.apply(event);
        return profile;
    }
    let mut bought = Profile::default();
    if matches!(event.action, Action::OrderCompleted { .. }) {
        bought.apply(event);
    }
    let profile = profile.join(without_browsing(bought));
    if refuses {
        without_browsing(profile)
    } else {
        profile
    }
}
