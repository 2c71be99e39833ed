//! Writes what a batch of events made of profiles: each person whole, many people at once.

use super::kept::{Card, Kept, anonymous_key, parked_key};
use super::people::People;
use super::slot::{Buyer, Shopper};
use crate::feed::{self, Move, PublishError};
use crate::ports::ledger::{Condition, LedgerError, MAX_WRITES, Write};
use crate::services::Services;
use crate::table::{self, TableError};
use domain::api::sync::{Scope, kind};
use domain::ids::{AnonymousId, CustomerId};
use serde_json::value::to_raw_value;
use std::collections::{BTreeMap, BTreeSet};

/// A move costs its entity, its entry and at most a head of its own.
const WRITES_OF_A_MOVE: usize = 3;

/// How far the writing came.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The events that are counted for good.
    pub(super) done: BTreeSet<u64>,
    /// Why others are not; `None` where somebody else wrote first and they may be decided on anew.
    pub(super) fault: Option<String>,
}

/// What one person needs written, all or nothing.
#[derive(Debug, Default)]
struct Unit {
    card: Option<Move>,
    beside: Vec<Write>,
    heard: Vec<u64>,
}

impl Unit {
    fn cost(&self) -> usize {
        self.beside.len() + self.card.as_ref().map_or(0, |_| WRITES_OF_A_MOVE)
    }
}

/// Writes everybody who changed. Who cannot be written stays as she was, and the others go on.
pub(super) async fn write(services: &Services, people: People) -> Written {
    let mut written = Written::default();
    written.done.extend(&people.nobodys);
    let mut pack = Vec::new();
    let mut cost = 0;
    for unit in units(people) {
        match unit {
            Err(fault) => written.fault = written.fault.or(Some(fault)),
            Ok(unit) => {
                if cost + unit.cost() > MAX_WRITES {
                    write_pack(services, std::mem::take(&mut pack), &mut written).await;
                    cost = 0;
                }
                cost += unit.cost();
                pack.push(unit);
            }
        }
    }
    write_pack(services, pack, &mut written).await;
    written
}

async fn write_pack(services: &Services, pack: Vec<Unit>, written: &mut Written) {
    let mut cards = Vec::new();
    let mut beside = Vec::new();
    let mut heard = Vec::new();
    for unit in pack {
        cards.extend(unit.card);
        beside.extend(unit.beside);
        heard.extend(unit.heard);
    }
    let outcome = match (cards.is_empty(), beside.is_empty()) {
        (true, true) => Ok(()),
        (true, false) => services.ledger.write(beside).await.map_err(Into::into),
        (false, _) => feed::publish(&*services.ledger, &services.poke, &cards, &beside)
            .await
            .map(drop),
    };
    match outcome {
        Ok(()) => written.done.extend(heard),
        Err(
            PublishError::Moved { .. }
            | PublishError::Beside { .. }
            | PublishError::Ledger(LedgerError::Conflict { .. }),
        ) => {}
        Err(error) => written.fault = Some(error.to_string()),
    }
}

fn units(people: People) -> impl Iterator<Item = Result<Unit, String>> {
    let mut joined: BTreeMap<CustomerId, Vec<(AnonymousId, Shopper)>> = BTreeMap::new();
    let mut alone = Vec::new();
    for (id, shopper) in people.shoppers {
        match &shopper.joined {
            Some(customer) if shopper.is_joined_now => {
                joined
                    .entry(customer.clone())
                    .or_default()
                    .push((id, shopper));
            }
            _ => alone.push((id, shopper)),
        }
    }
    let buyers = people.buyers.into_iter().map(move |(id, buyer)| {
        let shoppers = joined.remove(&id).unwrap_or_default();
        buyer_unit(&id, buyer, shoppers)
    });
    let alone = alone
        .into_iter()
        .map(|(id, shopper)| shopper_unit(&id, shopper));
    buyers.chain(alone)
}

fn shopper_unit(id: &AnonymousId, mut shopper: Shopper) -> Result<Unit, String> {
    let mut unit = Unit {
        heard: std::mem::take(&mut shopper.slot.heard),
        ..Unit::default()
    };
    // Of somebody who joined a customer earlier nothing is counted here; an unreadable record is in nobody's way then.
    if let Some(fault) = shopper.slot.fault.take().filter(|_| !unit.heard.is_empty()) {
        return Err(fault);
    }
    if shopper.slot.is_changed {
        let condition = shopper.slot.condition();
        let kept = Kept {
            profile: shopper.slot.profile,
            through: shopper.slot.through,
            joined: shopper.joined,
        };
        unit.beside
            .push(table::put(anonymous_key(id), &kept, condition).map_err(|error| fault(&error))?);
    }
    Ok(unit)
}

fn buyer_unit(
    id: &CustomerId,
    buyer: Buyer,
    shoppers: Vec<(AnonymousId, Shopper)>,
) -> Result<Unit, String> {
    let slot = buyer.slot;
    if let Some(fault) = slot.fault {
        return Err(fault);
    }
    let mut unit = Unit {
        heard: slot.heard.clone(),
        ..Unit::default()
    };
    if !slot.is_changed {
        return Ok(unit);
    }
    for (id, shopper) in shoppers {
        unit.beside.extend(shopper_unit(&id, shopper)?.beside);
    }
    let condition = slot.condition();
    match buyer.home {
        Some(home) => {
            let parked = buyer.parked.map(|revision| Write::Delete {
                key: parked_key(id),
                condition: Condition::Revision(revision),
            });
            unit.beside.extend(parked);
            let card = Card {
                profile: slot.profile,
                through: slot.through,
            };
            unit.card = Some(Move {
                scope: Scope::customers(&home),
                kind: kind::PROFILE,
                id: id.to_string(),
                body: Some(to_raw_value(&card).map_err(|error| error.to_string())?),
                command: None,
                condition,
            });
        }
        None => {
            let kept = Kept {
                profile: slot.profile,
                through: slot.through,
                joined: None,
            };
            unit.beside
                .push(table::put(parked_key(id), &kept, condition).map_err(|error| fault(&error))?);
        }
    }
    Ok(unit)
}

fn fault(error: &TableError) -> String {
    error.to_string()
}
