//! What people wrote and saw, for the checker of histories: what they see of a feed is one beginning of it, with what
//! they wrote themselves on top.
//!
//! A device that begins a scope anew, because it was away for too long or moved to another store, is another session
//! from then on. Once a copy was put back somewhere, or a row was spoilt, what was seen may go back rightly: the
//! recording ends.

use super::device::{Device, Issued};
use super::history::{Feed, Status, Told};
use super::inspector::CONFIRMED;
use super::scenery::{CUSTOMERS, STORES, customer, store_id};
use super::world::World;
use crate::histories::History;
use anyhow::Result;
use domain::api::device::Delivery;
use domain::api::sync::{Cursor, Scope, command, kind};
use domain::ids::CustomerId;
use std::collections::{BTreeMap, BTreeSet};

/// The most notes that are read of somebody.
const NOTES_READ: usize = 500;

/// What was recorded.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    is_over: bool,
    /// By store.
    histories: BTreeMap<usize, History>,
    /// How often a device began a scope anew, and where it stood at the last look.
    places: BTreeMap<(usize, String), (u64, Cursor)>,
    /// Every note that anybody wrote, by customer.
    notes: BTreeMap<String, BTreeSet<String>>,
    /// How many texts there are.
    texts: u64,
}

/// What one sees of one note; nothing where it is not there.
type Seen = (String, Option<String>);

impl Sessions {
    /// From now on somebody may rightly see what was before.
    pub(super) fn end(&mut self) {
        self.is_over = true;
        self.histories.clear();
    }

    /// A number that makes a text the only one of its kind.
    pub(super) fn next_text(&mut self) -> u64 {
        self.texts += 1;
        self.texts
    }

    /// A device kept a command.
    pub(super) fn wrote(&mut self, device: usize, id: &str, issued: &Issued) {
        let Some(store) = store_of(&issued.customer).filter(|_| !self.is_over) else {
            return;
        };
        let notes = self.notes.entry(issued.customer.clone()).or_default();
        notes.insert(issued.note.clone());
        let session = self.session(device, store);
        let history = self.histories.entry(store).or_default();
        match issued.kind {
            command::NOTE_REMOVE => history.removed(&session, &issued.note, id),
            _ => history.wrote(&session, &issued.note, &issued.text),
        }
    }

    fn session(&self, device: usize, store: usize) -> String {
        let life = self.places.get(&(device, scope(store)));
        format!("d-{device}/{}", life.map_or(0, |(life, _)| *life))
    }

    /// A device stands somewhere; whether it begins anew with that.
    fn stands(&mut self, device: usize, store: usize, cursor: Cursor) -> bool {
        let place = self.places.entry((device, scope(store)));
        let (life, before) = place.or_insert((0, cursor));
        let is_anew = cursor.epoch != before.epoch || cursor.seq < before.seq;
        *life += u64::from(is_anew);
        *before = cursor;
        is_anew
    }

    /// A device is in a store: in the others it begins anew when it comes back.
    fn leave_others(&mut self, device: usize, store: usize) {
        for other in (0..STORES.len()).filter(|other| *other != store) {
            if let Some((_, before)) = self.places.get_mut(&(device, scope(other))) {
                before.epoch = u64::MAX;
            }
        }
    }

    /// What a device shows of a customer's notes now.
    fn view(&self, device: &Device, her: &str) -> Result<Vec<Seen>> {
        let (Some(open), Some(notes)) = (&device.open, self.notes.get(her)) else {
            return Ok(Vec::new());
        };
        let views = open.replica.notes(&CustomerId::parse(her)?, NOTES_READ)?;
        let is_refused = |state: &Delivery| matches!(state, Delivery::Refused(_));
        let mut shown = BTreeMap::new();
        let mut refused = BTreeSet::new();
        for view in views {
            match is_refused(&view.state) {
                true => drop(refused.insert(view.note.id.to_string())),
                false => drop(shown.insert(view.note.id.to_string(), view.note.text)),
            }
        }
        let known = notes.iter().filter(|note| !refused.contains(*note));
        Ok(known
            .map(|note| (note.clone(), shown.remove(note)))
            .collect())
    }
}

impl World {
    /// Somebody looks at the notes of a customer, where the device stands somewhere in the feed of its store.
    pub(super) fn look_at_notes(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get(index).filter(|_| !self.sessions.is_over) else {
            return Ok(());
        };
        let (Some(open), store) = (&device.open, device.store.min(1)) else {
            return Ok(());
        };
        if device.is_kiosk || device.is_told_revoked {
            return Ok(());
        }
        self.sessions.leave_others(index, store);
        let scope = scope(store);
        let held = open.inspector.scopes()?.get(&scope).copied();
        let (Some(held), false) = (held, open.inspector.loading()?.contains(&scope)) else {
            self.sessions
                .stands(index, store, Cursor { epoch: 0, seq: 0 });
            return Ok(());
        };
        let cursor = if held.granted {
            held.cursor
        } else {
            Cursor { epoch: 0, seq: 0 }
        };
        if self.sessions.stands(index, store, cursor) {
            self.write_again(index, store)?;
        }
        if held.granted {
            self.read_notes(index, store)?;
        }
        Ok(())
    }

    /// What is still on its way belongs to the session that begins.
    fn write_again(&mut self, index: usize, store: usize) -> Result<()> {
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        let mut waiting: Vec<_> = device.copy_outbox()?.into_iter().collect();
        waiting.sort_by_key(|(_, (number, _))| *number);
        for (id, (_, state)) in waiting {
            if let Some(issued) = device.issued.get(&id)
                && state <= CONFIRMED
                && store_of(&issued.customer) == Some(store)
            {
                self.sessions.wrote(index, &id, issued);
            }
        }
        Ok(())
    }

    fn read_notes(&mut self, index: usize, store: usize) -> Result<()> {
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        let seen = self.sessions.view(device, &customer(store, self.effects))?;
        let session = self.sessions.session(index, store);
        let history = self.sessions.histories.entry(store).or_default();
        for (note, text) in seen {
            history.read(&session, &note, text.as_deref());
        }
        Ok(())
    }

    /// Once all is at rest: whether everybody saw one order, and everything in the end.
    pub(super) fn check_histories(&mut self) -> Result<()> {
        if self.sessions.is_over || self.plan.look_every > 1 {
            return Ok(());
        }
        for store in 0..STORES.len() {
            let mut history = self.sessions.histories.remove(&store).unwrap_or_default();
            let known = self.history();
            let feed = known.feeds.get(&scope(store)).cloned().unwrap_or_default();
            tell_feed(&mut history, &feed);
            for device in &self.devices {
                for (id, issued) in &device.issued {
                    let status = known.outcomes.get(id).map(|decided| decided.status);
                    let is_unsent = status.is_none() && device.is_told_revoked;
                    if is_unsent || status.is_some_and(|status| status != Status::Applied) {
                        history.refused(value(id, issued));
                    }
                }
            }
            drop(known);
            for index in 0..self.devices.len() {
                self.tell_end(&mut history, index, store)?;
            }
            self.counts.check("order");
            if let Some(anomaly) = history.check().first() {
                self.violate("order", format!("store {store}: {anomaly:?}"));
            }
        }
        Ok(())
    }

    fn tell_end(&self, history: &mut History, index: usize, store: usize) -> Result<()> {
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        if device.is_kiosk || device.is_told_revoked || device.store.min(1) != store {
            return Ok(());
        }
        for number in 0..CUSTOMERS {
            for (note, text) in self.sessions.view(device, &customer(store, number))? {
                history.finally(&format!("d-{index}"), &note, text.as_deref());
            }
        }
        Ok(())
    }
}

/// The notes of a feed, in its order.
fn tell_feed(history: &mut History, feed: &Feed) {
    for told in feed.told.iter().filter(|told| told.kind == kind::NOTE) {
        match text_of(told) {
            Some(text) => history.decided(&told.id, &text, false),
            None => history.decided(&told.id, told.command.as_deref().unwrap_or_default(), true),
        }
    }
}

fn text_of(told: &Told) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(told.body.as_deref()?).ok()?;
    Some(body.get("text")?.as_str()?.to_owned())
}

/// What a command leaves behind, as nobody else does.
fn value<'a>(id: &'a str, issued: &'a Issued) -> &'a str {
    match issued.kind {
        command::NOTE_REMOVE => id,
        _ => &issued.text,
    }
}

/// The feed that tells the notes of a store's customers.
fn scope(store: usize) -> String {
    store_id(store).map_or_else(
        |_| String::new(),
        |store| Scope::customers(&store).to_string(),
    )
}

/// The store of a customer, where there is such a customer.
fn store_of(her: &str) -> Option<usize> {
    (0..STORES.len()).find(|store| (0..CUSTOMERS).any(|number| customer(*store, number) == her))
}
