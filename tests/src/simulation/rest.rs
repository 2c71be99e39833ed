//! Calm: nothing fails any more and nobody does anything new; everything must come to rest, and agree.

use super::checks::difference;
use super::device::Device;
use super::history::{History, Status};
use super::inspector::{CONFIRMED, QUEUED};
use super::ledger::Rates;
use super::plan::SECOND;
use super::scenery;
use super::world::{Due, Work, World};
use anyhow::Result;
use cloud_functions::functions::sync::granted;
use domain::api::device::Delivery;
use domain::api::identity::DeviceKind;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// Calm begins.
    pub(super) async fn rest(&mut self) -> Result<()> {
        self.is_calm = true;
        self.rest_from = self.now;
        self.cloud.ledger.set_rates(Rates::default());
        self.trace.add(self.now, 8, || "calm".to_owned());
        for index in 0..self.devices.len() {
            self.set_full(index, false)?;
            if let Some(device) = self.devices.get_mut(index) {
                device.offline_until = 0;
            }
            self.after(1, Due::Start(index));
        }
        // A revocation that was not heard in the storm is said again.
        for index in 0..self.devices.len() {
            self.place_anew(index)?;
        }
        self.after(5 * SECOND, Due::Look);
        Ok(())
    }

    fn place_anew(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        let (id, is_kiosk, store, is_revoked) = (
            device.id.clone(),
            device.is_kiosk,
            device.store,
            device.is_revoked,
        );
        let at = super::clock::instant(self.now);
        self.operate(move |services| async move {
            for _ in 0..20 {
                let placed = scenery::place_device(&services, &id, is_kiosk, store, at)
                    .await
                    .is_ok();
                let revoked = !is_revoked
                    || cloud_functions::functions::identity::revoke(&services, &id)
                        .await
                        .is_ok();
                if placed && revoked {
                    return true;
                }
            }
            false
        })
    }

    /// Whether everything is at rest; if so, whether everything agrees.
    pub(super) async fn look(&mut self) -> Result<()> {
        let unrest = self.unrest()?;
        self.trace
            .add(self.now, 9, || format!("at rest: {unrest:?}"));
        let Some(unrest) = unrest else {
            self.counts.check("i20");
            self.check_end()?;
            self.check_histories()?;
            self.check_snapshots().await?;
            self.is_over = true;
            return Ok(());
        };
        if self.now > self.rest_from + Self::patience() {
            self.violate("i20", unrest);
        }
        let is_early = self.now < self.rest_from + 60 * SECOND;
        self.after(if is_early { 5 } else { 60 } * SECOND, Due::Look);
        Ok(())
    }

    /// Who is not at rest, and why.
    fn unrest(&self) -> Result<Option<String>> {
        if self
            .work
            .values()
            .any(|work| matches!(work, Work::Change(_) | Work::Operate))
        {
            return Ok(Some("the cloud is changing something".to_owned()));
        }
        let history = self.history();
        for device in &self.devices {
            if let Some(unrest) = unrest_of(device, &history)? {
                return Ok(Some(format!("{}: {unrest}", device.id)));
            }
        }
        Ok(None)
    }

    /// I2, I11 and I13, once all is at rest.
    fn check_end(&mut self) -> Result<()> {
        let mut wrong = Vec::new();
        let history = self.history();
        for device in &self.devices {
            if device.is_told_revoked {
                self.counts.check("i13");
                let lost = unsent_by_revoked(device, &history)?;
                wrong.extend(lost.map(|what| ("i02", format!("{}: {what}", device.id))));
                continue;
            }
            self.counts.check("i11");
            self.counts.check("i02");
            let undecided = undecided(device, &history, &self.decided_before)?;
            wrong.extend(undecided.map(|what| ("i02", format!("{}: {what}", device.id))));
        }
        drop(history);
        if let Some(model) = self.cloud.ledger.backup() {
            let history = self.history();
            wrong.extend(super::projection::compare(&model, &history).map(|what| ("i11", what)));
        }
        wrong
            .into_iter()
            .for_each(|(invariant, what)| self.violate(invariant, what));
        Ok(())
    }
}

fn unrest_of(device: &Device, history: &History) -> Result<Option<String>> {
    let Some(open) = &device.open else {
        return Ok(Some("it is down".to_owned()));
    };
    let (scopes, mut rows) = (open.inspector.scopes()?, open.inspector.rows()?);
    let outbox = open.inspector.outbox()?;
    if device.is_revoked {
        let clean = device.is_told_revoked && rows.is_empty();
        return Ok((!clean).then(|| "it is revoked and holds rows".to_owned()));
    }
    if let Some((id, (cseq, state))) = outbox
        .iter()
        .find(|(_, (_, state))| matches!(*state, QUEUED | CONFIRMED))
    {
        return Ok(Some(format!("{id} waits as {cseq}, state {state}")));
    }
    let kind = if device.is_kiosk {
        DeviceKind::Kiosk
    } else {
        DeviceKind::Tablet
    };
    let should: BTreeSet<String> = granted(kind, &scenery::store_id(device.store)?)
        .iter()
        .map(ToString::to_string)
        .collect();
    let has: BTreeSet<String> = scopes
        .iter()
        .filter(|(_, held)| held.granted)
        .map(|(scope, _)| scope.clone())
        .collect();
    if should != has {
        let differ: Vec<_> = should.symmetric_difference(&has).collect();
        return Ok(Some(format!("its grants differ: {differ:?}")));
    }
    for scope in should {
        let here = rows.remove(&scope).unwrap_or_default();
        let there = history
            .feeds
            .get(&scope)
            .map(|feed| feed.rows_at(feed.head()))
            .unwrap_or_default();
        if here != there {
            return Ok(Some(format!(
                "{scope} differs: {}",
                difference(Some(&there), &here)
            )));
        }
    }
    Ok(None)
}

/// A command of a revoked device that neither the cloud decided on nor the device keeps as refused.
fn unsent_by_revoked(device: &Device, history: &History) -> Result<Option<String>> {
    let Some(open) = &device.open else {
        return Ok(None);
    };
    let outbox = open.inspector.outbox()?;
    if let Some((id, _)) = outbox.iter().find(|(_, (_, state))| *state <= CONFIRMED) {
        return Ok(Some(format!("{id} still waits, and nobody decides on it")));
    }
    let mut issued = device.issued.iter();
    let lost = issued.find(|(id, issued)| {
        !issued.forgotten
            && !issued.mended
            && !outbox.contains_key(*id)
            && !history.outcomes.contains_key(*id)
    });
    Ok(lost.map(|(id, _)| format!("{id} was not sent and is gone")))
}

/// A command that did not end as exactly one of applied, duplicate, rejected or superseded, visible on the device. What was
/// refused stays refused where the cloud was put back since and knows nothing of it: somebody is looking after it.
fn undecided(
    device: &Device,
    history: &History,
    decided_before: &BTreeMap<String, Status>,
) -> Result<Option<String>> {
    let Some(open) = &device.open else {
        return Ok(None);
    };
    let outbox = open.inspector.outbox()?;
    let shown = open.replica.unsent(500)?;
    for (id, issued) in device
        .issued
        .iter()
        .filter(|(_, issued)| !issued.forgotten && !issued.mended)
    {
        let is_refused = outbox.get(id).is_some_and(|(_, state)| *state > CONFIRMED);
        let Some(decided) = history.outcomes.get(id) else {
            if is_refused && decided_before.get(id) == Some(&Status::Rejected) {
                continue;
            }
            return Ok(Some(format!("{id} was never decided")));
        };
        let is_shown = shown.iter().any(|command| {
            command.id.as_str() == id && matches!(command.state, Delivery::Refused(_))
        });
        match decided.status {
            Status::Rejected if !is_refused => {
                return Ok(Some(format!(
                    "{id} was refused and is gone: {}",
                    issued.kind
                )));
            }
            Status::Applied | Status::Duplicate | Status::Superseded if is_shown => {
                return Ok(Some(format!("{id} was done and is shown as refused")));
            }
            _ => {}
        }
    }
    Ok(None)
}
