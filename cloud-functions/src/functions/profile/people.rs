//! Whose profiles a batch of events moves, and how: a plan that touches nothing but itself.

use super::kept::{anonymous_key, parked_key};
use super::slot::{Buyer, Shopper};
use crate::clicks::Heard;
use crate::feed::entity_key;
use crate::ports::ledger::{Key, Ledger, LedgerError, MAX_PAGE, Stored};
use domain::api::sync::kind;
use domain::event::Who;
use domain::ids::{AnonymousId, CustomerId};
use std::collections::{BTreeMap, BTreeSet};

/// How many anonymous people may turn out to be one customer in one write.
const MAX_JOINS: usize = 30;

/// Everybody whom a batch of events is about.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) shoppers: BTreeMap<AnonymousId, Shopper>,
    pub(super) buyers: BTreeMap<CustomerId, Buyer>,
    /// Events that move nobody's profile.
    pub(super) nobodys: Vec<u64>,
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
