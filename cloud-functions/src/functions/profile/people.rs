//! Whose profiles a batch of events moves, and how: a plan that touches nothing but itself.

use super::kept::{Card, Kept, anonymous_key, parked_key, without_browsing};
use crate::clicks::Heard;
use crate::feed::entity_key;
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, MAX_PAGE, Stored};
use crate::table::{self, TableError};
use domain::api::sync::kind;
use domain::customer::{Customer, Purpose};
use domain::event::{Action, Event, Who};
use domain::ids::{AnonymousId, CustomerId, StoreId};
use domain::profile::Profile;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// How many anonymous people may turn out to be one customer in one write.
const MAX_JOINS: usize = 30;

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
    refuses: bool,
    joins: usize,
}

/// Everybody whom a batch of events is about.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) shoppers: BTreeMap<AnonymousId, Shopper>,
    pub(super) buyers: BTreeMap<CustomerId, Buyer>,
    /// Events that move nobody's profile.
    pub(super) nobodys: Vec<u64>,
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

    fn count(&mut self, heard: &Heard, change: impl FnOnce(&mut Profile)) {
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

fn row<T: DeserializeOwned>(stored: Option<&Stored>) -> Result<Option<table::Row<T>>, TableError> {
    stored.map(table::row).transpose()
}

impl Shopper {
    fn from_stored(stored: Option<&Stored>) -> Self {
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
    fn from_stored(
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

    fn take_over(&mut self, parked: table::Row<Kept>) {
        self.parked = Some(parked.revision);
        self.slot.through = self.slot.through.max(parked.value.through);
        self.join(parked.value.profile);
    }

    fn join(&mut self, profile: Profile) {
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

    fn count(&mut self, heard: &Heard) {
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

impl People {
    /// Reads everybody whom the events are about.
    pub(super) async fn load(ledger: &dyn Ledger, events: &[Heard]) -> Result<Self, LedgerError> {
        let whos = || events.iter().map(|heard| &heard.event.who);
        let anonymous: BTreeSet<_> = whos().filter_map(|who| who.anonymous.clone()).collect();
        let mut customers: BTreeSet<_> = whos().filter_map(|who| who.customer.clone()).collect();
        let keys: Vec<Key> = anonymous.iter().map(anonymous_key).collect();
        let stored = read_each(ledger, &keys).await?;
        let shoppers: BTreeMap<_, _> = anonymous
            .into_iter()
            .zip(stored)
            .map(|(id, stored)| (id, Shopper::from_stored(stored.as_ref())))
            .collect();
        customers.extend(
            shoppers
                .values()
                .filter_map(|shopper| shopper.joined.clone()),
        );
        Ok(Self {
            buyers: load_buyers(ledger, customers).await?,
            shoppers,
            nobodys: Vec::new(),
        })
    }

    /// Counts events in their order; answers how many. It stops before one that needs a write of its own.
    pub(super) fn count(&mut self, events: &[Heard]) -> usize {
        for (taken, heard) in events.iter().enumerate() {
            if self.needs_a_write_of_its_own(heard) {
                return taken;
            }
            self.count_one(heard);
        }
        events.len()
    }

    /// Somebody anonymous joins one customer in one write; and a write has a bound.
    fn needs_a_write_of_its_own(&self, heard: &Heard) -> bool {
        let Who {
            anonymous: Some(anonymous),
            customer: Some(customer),
        } = &heard.event.who
        else {
            return false;
        };
        let shopper = self.shoppers.get(anonymous);
        let is_taken = shopper.is_some_and(|shopper| {
            shopper.is_joined_now && shopper.joined.as_ref() != Some(customer)
        });
        let is_full = self
            .buyers
            .get(customer)
            .is_some_and(|buyer| buyer.joins >= MAX_JOINS);
        is_taken || is_full
    }

    fn count_one(&mut self, heard: &Heard) {
        let Who {
            anonymous,
            customer,
        } = &heard.event.who;
        if let (Some(anonymous), Some(customer), false) =
            (anonymous, customer, heard.event.opted_out)
        {
            self.join(heard, anonymous, customer);
        }
        let joined = || self.shoppers.get(anonymous.as_ref()?)?.joined.clone();
        match (customer.clone().or_else(joined), anonymous) {
            (Some(customer), _) => self.buyers.entry(customer).or_default().count(heard),
            (None, Some(anonymous)) if !heard.event.opted_out => {
                let shopper = self.shoppers.entry(anonymous.clone()).or_default();
                shopper
                    .slot
                    .count(heard, |profile| profile.apply(&heard.event));
            }
            (None, _) => self.nobodys.push(heard.sequence),
        }
    }

    /// From here on the anonymous id is this customer. What it did before is hers if it was nobody's; on a shared
    /// computer the next customer does not get it.
    fn join(&mut self, heard: &Heard, anonymous: &AnonymousId, customer: &CustomerId) {
        let shopper = self.shoppers.entry(anonymous.clone()).or_default();
        let moves = match &shopper.joined {
            None => true,
            Some(joined) => joined != customer && heard.sequence > shopper.slot.through,
        };
        if !moves {
            return;
        }
        let buyer = self.buyers.entry(customer.clone()).or_default();
        buyer.join(std::mem::take(&mut shopper.slot.profile));
        buyer.joins += 1;
        buyer.slot.heard.append(&mut shopper.slot.heard);
        buyer.slot.fault = buyer.slot.fault.take().or(shopper.slot.fault.take());
        shopper.joined = Some(customer.clone());
        shopper.is_joined_now = true;
        shopper.slot.through = shopper.slot.through.max(heard.sequence);
        shopper.slot.is_changed = true;
    }
}

async fn load_buyers(
    ledger: &dyn Ledger,
    customers: BTreeSet<CustomerId>,
) -> Result<BTreeMap<CustomerId, Buyer>, LedgerError> {
    let keys: Vec<Key> = customers
        .iter()
        .flat_map(|id| {
            [
                entity_key(kind::CUSTOMER, id.as_str()),
                entity_key(kind::PROFILE, id.as_str()),
                parked_key(id),
            ]
        })
        .collect();
    let stored = read_each(ledger, &keys).await?;
    let buyers = stored.chunks(3).map(|stored| match stored {
        [customer, card, parked] => {
            Buyer::from_stored(customer.as_ref(), card.as_ref(), parked.as_ref())
        }
        _ => Buyer::default(),
    });
    Ok(customers.into_iter().zip(buyers).collect())
}

async fn read_each(ledger: &dyn Ledger, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
    let mut stored = Vec::with_capacity(keys.len());
    for page in keys.chunks(MAX_PAGE) {
        stored.extend(ledger.read_all(page).await?);
    }
    Ok(stored)
}
