//! What associates do on their devices.

use super::device::Issued;
use super::scenery::{CUSTOMERS, associate, customer};
use super::world::World;
use anyhow::Result;
use domain::api::device::{Delivery, NoteView};
use domain::api::sync::command;
use domain::ids::{AssociateId, CommandId, CustomerId, NoteId};
use domain::note::{Note, NoteChange, NoteRemoval};
use serde::Serialize;
use serde_json::value::RawValue;
use sync::{Event, NewCommand, ReplicaError};

/// The most notes that a card shows.
const NOTES_SHOWN: usize = 50;

/// A command before it is kept.
struct Draft {
    kind: &'static str,
    version: u32,
    args: Box<RawValue>,
    issued: Issued,
}

fn args(value: &impl Serialize) -> Result<Box<RawValue>> {
    Ok(serde_json::value::to_raw_value(value)?)
}

impl World {
    fn new_id(&mut self, prefix: &str) -> String {
        format!("{prefix}-{:016x}", self.chance.draw())
    }

    /// She adds a note.
    pub(super) fn add_note(&mut self, device: usize, number: u64, version: u32) -> Result<()> {
        let Some(store) = self.tablet(device) else {
            return Ok(());
        };
        self.add_note_on(
            device,
            &customer(store, number),
            &associate(store),
            version,
            None,
        )
    }

    /// She adds a note that will be refused: on nobody, on somebody of the other store, or of nobody.
    pub(super) fn add_bad_note(&mut self, device: usize, which: u64) -> Result<()> {
        let Some(store) = self.tablet(device) else {
            return Ok(());
        };
        match which % 3 {
            0 => self.add_note_on(device, "c-nobody", &associate(store), 2, None),
            1 => self.add_note_on(
                device,
                &customer(1 - store.min(1), which),
                &associate(store),
                1,
                None,
            ),
            _ => self.add_note_on(device, &customer(store, which), "a-nobody", 2, None),
        }
    }

    /// The store of a tablet that runs and may be used.
    fn tablet(&self, device: usize) -> Option<usize> {
        let device = self.devices.get(device)?;
        (!device.is_kiosk && device.open.is_some() && !device.is_told_revoked)
            .then_some(device.store)
    }

    fn add_note_on(
        &mut self,
        device: usize,
        of: &str,
        author: &str,
        version: u32,
        in_place_of: Option<&CommandId>,
    ) -> Result<()> {
        let id = self.new_id("n");
        // Now and then as long as a note may be: it fills pages, and disks.
        let is_full = self
            .devices
            .get(device)
            .is_some_and(|device| device.is_full);
        let padding = if self.chance.permille(if is_full { 800 } else { 100 }) {
            1_900
        } else {
            0
        };
        let (likes, number) = (self.chance.below(1_000), self.sessions.next_text());
        let text = format!("Likes {likes:padding$} {number}");
        let Some(written_at) = self.devices.get(device).map(|device| device.now(self.now)) else {
            return Ok(());
        };
        let note = Note {
            id: NoteId::parse(id.as_str())?,
            customer: CustomerId::parse(of)?,
            text: text.clone(),
            author: AssociateId::parse(author)?,
            written_at,
            pinned: version > 1 && self.chance.permille(300),
        };
        let mut value = serde_json::to_value(&note)?;
        if version == 1 {
            // As programs wrote it that knew no pins.
            value.as_object_mut().map(|fields| fields.remove("pinned"));
        }
        let draft = Draft {
            kind: command::NOTE_ADD,
            version,
            args: args(&value)?,
            issued: issued(command::NOTE_ADD, id, of, text),
        };
        self.give(device, draft, in_place_of)
    }

    /// A note that a tablet shows, in the place `pick`.
    fn shown(&self, device: usize, pick: u64) -> Result<Option<NoteView>> {
        let Some(store) = self.tablet(device) else {
            return Ok(None);
        };
        let Some(open) = self
            .devices
            .get(device)
            .and_then(|device| device.open.as_ref())
        else {
            return Ok(None);
        };
        let her = CustomerId::parse(customer(store, pick % CUSTOMERS))?;
        let mut notes = open.replica.notes(&her, NOTES_SHOWN)?;
        notes.retain(|note| !matches!(note.state, Delivery::Refused(_)));
        let place = usize::try_from(pick >> 8).unwrap_or(0) % notes.len().max(1);
        Ok((place < notes.len()).then(|| notes.swap_remove(place)))
    }

    /// She changes a note.
    pub(super) fn change_note(&mut self, device: usize, pick: u64) -> Result<()> {
        let Some(view) = self.shown(device, pick)? else {
            return Ok(());
        };
        let text = format!(
            "{} {} {}",
            view.note.text.chars().take(80).collect::<String>(),
            self.chance.below(100),
            self.sessions.next_text()
        );
        let change = NoteChange {
            id: view.note.id.clone(),
            customer: view.note.customer.clone(),
            base: view.version,
            text: text.clone(),
            pinned: self.chance.permille(500),
            author: AssociateId::parse(self.author(device))?,
        };
        let issued = issued(
            command::NOTE_CHANGE,
            view.note.id.to_string(),
            view.note.customer.as_str(),
            text,
        );
        let draft = Draft {
            kind: command::NOTE_CHANGE,
            version: 1,
            args: args(&change)?,
            issued,
        };
        self.give(device, draft, None)
    }

    /// She takes a note away.
    pub(super) fn remove_note(&mut self, device: usize, pick: u64) -> Result<()> {
        let Some(view) = self.shown(device, pick)? else {
            return Ok(());
        };
        let removal = NoteRemoval {
            id: view.note.id.clone(),
            customer: view.note.customer.clone(),
            base: view.version,
            author: AssociateId::parse(self.author(device))?,
        };
        let issued = issued(
            command::NOTE_REMOVE,
            view.note.id.to_string(),
            view.note.customer.as_str(),
            String::new(),
        );
        let draft = Draft {
            kind: command::NOTE_REMOVE,
            version: 1,
            args: args(&removal)?,
            issued,
        };
        self.give(device, draft, None)
    }

    fn author(&self, device: usize) -> String {
        associate(self.devices.get(device).map_or(0, |device| device.store))
    }

    /// Keeps a command: from then on it may not be lost.
    fn give(&mut self, index: usize, draft: Draft, in_place_of: Option<&CommandId>) -> Result<()> {
        let id = CommandId::parse(self.new_id("k"))?;
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        let Some(open) = &device.open else {
            return Ok(());
        };
        let command = NewCommand {
            id: &id,
            kind: draft.kind,
            version: draft.version,
            args: &draft.args,
            issued_at: device.now(self.now),
        };
        let kept = match in_place_of {
            Some(refused) => open.replica.mend(refused, &command).map(|_| ()),
            None => open.replica.queue(&command).map(|_| ()),
        };
        self.trace
            .add(self.now, (4, index, id.as_str(), draft.kind), || {
                format!(
                    "d-{index} keeps {id}: {} {} {}",
                    draft.kind,
                    draft.issued.note,
                    if kept.is_ok() { "" } else { "FAILED" }
                )
            });
        match kept {
            Ok(()) => {
                if let Some(mended) =
                    in_place_of.and_then(|refused| device.issued.get_mut(refused.as_str()))
                {
                    mended.mended = true;
                }
                self.sessions.wrote(index, id.as_str(), &draft.issued);
                device.issued.insert(id.to_string(), draft.issued);
                self.counts.add("commands");
                self.check_shown(index, id.as_str())?;
                self.tell(index, Event::Queued)
            }
            // She is told that it was not kept.
            Err(ReplicaError::StorageFull) => {
                self.counts.check("i21");
                Ok(())
            }
            Err(error) => {
                self.violate("i21", format!("d-{index}: {error}"));
                Ok(())
            }
        }
    }

    /// Somebody looks after a refused command: sets it aside, or gives another in its place.
    pub(super) fn attend(&mut self, index: usize, mend: bool) -> Result<()> {
        let Some(store) = self.tablet(index) else {
            return Ok(());
        };
        let Some(open) = self
            .devices
            .get(index)
            .and_then(|device| device.open.as_ref())
        else {
            return Ok(());
        };
        let unsent = open.replica.unsent(NOTES_SHOWN)?;
        let refused = unsent
            .into_iter()
            .find(|command| matches!(command.state, Delivery::Refused(_)));
        let Some(refused) = refused else {
            return Ok(());
        };
        self.counts.add("attended");
        if mend {
            return self.add_note_on(
                index,
                &customer(store, 0),
                &associate(store),
                2,
                Some(&refused.id),
            );
        }
        match open.replica.set_aside(&refused.id) {
            Ok(_) | Err(ReplicaError::StorageFull) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn issued(kind: &'static str, note: String, of: &str, text: String) -> Issued {
    Issued {
        kind,
        note,
        customer: of.to_owned(),
        text,
        forgotten: false,
        mended: false,
    }
}
