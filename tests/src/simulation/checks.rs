//! What must hold of a device after each step.

use super::device::Device;
use super::history::{Feed, History};
use super::inspector::{Held, Rows};
use super::world::World;
use anyhow::Result;
use domain::api::device::Delivery;
use domain::api::sync::command;
use domain::ids::CustomerId;
use std::collections::BTreeMap;

/// The rows of one scope.
type ScopeRows = BTreeMap<(String, String), (u64, String)>;

impl World {
    /// What must hold after each effect.
    pub(super) fn check_step(&mut self, index: usize) -> Result<()> {
        self.effects += 1;
        if self.effects.is_multiple_of(self.plan.look_every) {
            self.check_rows(index)?;
            self.look_at_notes(index)?;
        }
        Ok(())
    }

    /// I1: what was kept is still here, or was decided.
    pub(super) fn check_kept(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        let Some(open) = device.open.as_ref().filter(|_| !device.is_told_revoked) else {
            return Ok(());
        };
        let outbox = open.inspector.outbox()?;
        let history = self.history();
        let lost: Vec<String> = device
            .issued
            .iter()
            .filter(|(_, issued)| !issued.forgotten && !issued.mended)
            .map(|(id, _)| id)
            .filter(|id| !outbox.contains_key(*id) && !history.outcomes.contains_key(*id))
            .cloned()
            .collect();
        drop(history);
        self.counts.check("i01");
        if let Some(id) = lost.first() {
            self.violate(
                "i01",
                format!("d-{index} lost {id} and {} more", lost.len() - 1),
            );
        }
        Ok(())
    }

    /// I10: whoever does something sees it at once.
    pub(super) fn check_shown(&mut self, index: usize, id: &str) -> Result<()> {
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        let (Some(open), Some(issued)) = (&device.open, device.issued.get(id)) else {
            return Ok(());
        };
        let notes = open
            .replica
            .notes(&CustomerId::parse(issued.customer.as_str())?, 200)?;
        let shown = notes
            .iter()
            .find(|view| view.note.id.as_str() == issued.note);
        let is_so = match issued.kind {
            command::NOTE_REMOVE => shown.is_none(),
            _ => shown.is_some_and(|view| {
                view.note.text == issued.text && !matches!(view.state, Delivery::Refused(_))
            }),
        };
        let what = format!(
            "d-{index} does not show {id}: {} {}, but {shown:?}",
            issued.kind, issued.note
        );
        self.counts.check("i10");
        if !is_so {
            self.violate("i10", what);
        }
        Ok(())
    }

    /// I6, I7, I12: a cursor means all that was told up to it, once, and nothing else is here.
    pub(super) fn check_rows(&mut self, index: usize) -> Result<()> {
        let is_haunted = self.is_haunted();
        let history = self.history.clone();
        let history = history
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        let Some(open) = &device.open else {
            return Ok(());
        };
        let (scopes, mut rows) = (open.inspector.scopes()?, open.inspector.rows()?);
        self.counts.check("i12");
        if let Some(scope) = stray(device, &scopes, &rows) {
            let what = format!("d-{index} has rows of {scope}");
            self.violations
                .push(super::violation::Violation::new("i12", what));
            return Ok(());
        }
        let loading = loading(device)?;
        for (scope, held) in scopes.iter().filter(|(_, held)| held.granted) {
            let here = rows.remove(scope).unwrap_or_default();
            let told = expected(&history, scope, *held);
            if told.as_ref().is_some_and(|told| *told == here) {
                self.counts.check("i06");
                device.tainted.remove(scope);
            } else if is_haunted {
                // An answer from before the cloud was restored may still be on its way.
                device.tainted.insert(scope.clone());
            } else if !device.tainted.contains(scope) && !loading.contains(scope) {
                let what = format!(
                    "d-{index} {scope} at {:?}: {}",
                    held.cursor,
                    difference(told.as_ref(), &here)
                );
                self.violations
                    .push(super::violation::Violation::new("i06", what));
            }
        }
        Ok(())
    }
}

/// Scopes of which a snapshot is half here.
fn loading(device: &Device) -> Result<Vec<String>> {
    device
        .open
        .as_ref()
        .map_or_else(|| Ok(Vec::new()), |open| open.inspector.loading())
}

/// A scope that has rows and may have none.
fn stray(device: &Device, scopes: &BTreeMap<String, Held>, rows: &Rows) -> Option<String> {
    let mut present = rows.keys();
    let is_person = |scope: &&String| scope.ends_with("/customers") || scope.ends_with("/team");
    if device.is_kiosk
        && let Some(scope) = rows.keys().find(is_person)
    {
        return Some(scope.clone());
    }
    present
        .find(|scope| scopes.get(*scope).is_none_or(|held| !held.granted))
        .cloned()
}

/// What is here of a scope at its cursor; nothing where the cloud never was there.
fn expected(history: &History, scope: &str, held: Held) -> Option<ScopeRows> {
    let nowhere = Feed::default();
    let feed = history.feeds.get(scope).unwrap_or(&nowhere);
    if held.cursor.seq == 0 {
        return Some(ScopeRows::new());
    }
    let is_known = feed.epoch == held.cursor.epoch && held.cursor.seq <= feed.head();
    is_known.then(|| feed.rows_at(held.cursor.seq))
}

/// In words, the first difference.
pub(super) fn difference(told: Option<&ScopeRows>, here: &ScopeRows) -> String {
    let Some(told) = told else {
        return "the cloud never was there".to_owned();
    };
    let missing = told.iter().find(|(key, row)| here.get(*key) != Some(row));
    let extra = here.keys().find(|key| !told.contains_key(*key));
    match (missing, extra) {
        (Some((key, row)), _) => format!("{key:?} is {:?}, not {row:?}", here.get(key)),
        (None, Some(key)) => format!("{key:?} is here and should not be"),
        (None, None) => "no difference".to_owned(),
    }
}
