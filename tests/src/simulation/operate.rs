//! What whoever runs the system does.

use super::acts::taint;
use super::calls::Answer;
use super::device::Device;
use super::history::{Rows, Status};
use super::inspector::CONFIRMED;
use super::ledger::Rates;
use super::world::{Work, World};
use anyhow::Result;
use cloud_functions::feed::snapshot::{build, lookup_manifest, lookup_part, tidy};
use cloud_functions::feed::{self, SnapshotAt};
use cloud_functions::ports::ledger::{Condition, Ledger};
use cloud_functions::services::Services;
use cloud_functions::table;
use domain::api::sync::{Row, Scope};
use std::collections::BTreeSet;
use std::sync::PoisonError;

impl World {
    /// Somebody does something with the ports of an instance; it is tried again by those who look, not here.
    pub(super) fn operate<F>(&mut self, work: impl FnOnce(Services) -> F) -> Result<()>
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let instance = self.chance.index(self.cloud.instances());
        if let Some(services) = self.cloud.services(instance) {
            let work = work(services);
            self.begin(Work::Operate, async move {
                let status = if work.await { 200 } else { 503 };
                Answer {
                    status,
                    body: Vec::new(),
                }
            });
        }
        Ok(())
    }

    /// Keeps a copy of the ledger.
    pub(super) fn back_up(&mut self) -> Result<()> {
        if let Some(model) = self.cloud.ledger.backup() {
            self.counts.add("backups");
            let history = self.history().clone();
            self.backup = Some((model, history));
        }
        Ok(())
    }

    /// Puts the copy back: the instances end, and what was written since never was.
    pub(super) async fn restore(&mut self, anew: bool) -> Result<()> {
        let Some((model, history)) = self.backup.clone() else {
            return Ok(());
        };
        self.counts.fault(if anew {
            "restored in a new life"
        } else {
            "restored as it was"
        });
        let instances = self.cloud.instances();
        self.sessions.end();
        self.restart_cloud(instances)?;
        self.cloud.ledger.restore(model);
        let before = std::mem::replace(&mut *self.history(), history);
        self.decided_before.extend(before.statuses());
        self.restored_at = Some(self.now);
        let decided: BTreeSet<String> = self.history().outcomes.keys().cloned().collect();
        for device in &mut self.devices {
            taint(device)?;
            forget(device, &decided)?;
        }
        if anew {
            self.begin_epochs().await?;
        }
        Ok(())
    }

    /// Every feed begins another life, but those whose first entries are in a snapshot of this one.
    async fn begin_epochs(&mut self) -> Result<()> {
        let scopes: Vec<Scope> = self
            .history()
            .feeds
            .keys()
            .filter_map(|scope| Scope::parse(scope))
            .collect();
        let Some(services) = self.cloud.services(0) else {
            return Ok(());
        };
        self.gate.set_open(true);
        self.cloud.ledger.set_rates(Rates::default());
        for scope in scopes {
            let mut head = feed::read_head(&*services.ledger, &scope).await?;
            if head.floor > 0 {
                continue;
            }
            head.epoch += 1;
            head.snapshot = None;
            head.previous = None;
            let write = table::put(feed::head_key(&scope), &head, Condition::Any)?;
            services.ledger.write(vec![write]).await?;
        }
        self.cloud.ledger.set_rates(if self.is_calm {
            Rates::default()
        } else {
            self.plan.ledger
        });
        self.gate.set_open(false);
        Ok(())
    }

    /// Builds snapshots and lets go of old entries.
    pub(super) fn compact(&mut self) -> Result<()> {
        let mut scopes: Vec<Scope> = self
            .history()
            .feeds
            .keys()
            .filter_map(|scope| Scope::parse(scope))
            .collect();
        if self.chance.permille(700) {
            scopes.retain(|scope| scope.as_str().ends_with("/customers"));
        }
        self.counts.add("snapshots wanted");
        self.operate(move |services| async move {
            for scope in scopes {
                let ledger = &*services.ledger;
                if build(ledger, &scope).await.is_err() || tidy(ledger, &scope).await.is_err() {
                    return false;
                }
            }
            true
        })
    }

    /// I25: a snapshot is what a replay of the whole feed gives.
    pub(super) async fn check_snapshots(&mut self) -> Result<()> {
        let Some(services) = self.cloud.services(0) else {
            return Ok(());
        };
        let scopes: Vec<String> = self.history().feeds.keys().cloned().collect();
        self.gate.set_open(true);
        for name in scopes {
            let Some(scope) = Scope::parse(&name) else {
                continue;
            };
            let head = feed::read_head(&*services.ledger, &scope).await?;
            if let Some(at) = head.snapshot {
                let rows = snapshot_rows(&*services.ledger, &scope, head.epoch, at).await?;
                let told = self
                    .history()
                    .feeds
                    .get(&name)
                    .map(|feed| feed.rows_at(at.seq));
                self.counts.check("i25");
                if told != rows {
                    self.violate(
                        "i25",
                        format!("the snapshot of {name} at {} is not its replay", at.seq),
                    );
                }
            }
        }
        self.gate.set_open(false);
        Ok(())
    }
}

/// All rows of a snapshot.
async fn snapshot_rows(
    ledger: &dyn Ledger,
    scope: &Scope,
    epoch: u64,
    at: SnapshotAt,
) -> Result<Option<Rows>> {
    let Some(manifest) = lookup_manifest(ledger, scope, epoch, at).await? else {
        return Ok(None);
    };
    let mut rows = Rows::new();
    for number in 0..manifest.parts.len() {
        let Some(part) = lookup_part(ledger, scope, epoch, at, number).await? else {
            return Ok(None);
        };
        for line in zstd::decode_all(&*part)?
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let row: Row = serde_json::from_slice(line)?;
            rows.insert((row.kind, row.id), (row.version, row.body.get().to_owned()));
        }
    }
    Ok(Some(rows))
}

impl World {
    /// An answer from before the cloud was put back may say that a command is done: the device lets go of it, and the
    /// cloud knows nothing of it. Nobody has it any more.
    pub(super) fn forget_told(&mut self, index: usize) -> Result<()> {
        if !self.is_haunted() {
            return Ok(());
        }
        self.forget_done(index, |kept| kept.is_none())
    }

    /// A device that is to delete everything lets go of what it was told is done, also where that was the cloud's word
    /// from before it was put back, and the cloud knows nothing of it any more.
    pub(super) fn forget_confirmed(&mut self, index: usize) -> Result<()> {
        self.forget_done(index, |kept| kept == Some(CONFIRMED))
    }

    /// What the cloud had done before it was put back and knows nothing of, where the device's queue says of its state
    /// that it is gone.
    fn forget_done(&mut self, index: usize, is_gone: impl Fn(Option<u8>) -> bool) -> Result<()> {
        let history = self.history.clone();
        let history = history.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        let kept = device.copy_outbox()?;
        for (id, issued) in &mut device.issued {
            let was_done =
                matches!(self.decided_before.get(id), Some(status) if *status != Status::Rejected);
            let is_gone = is_gone(kept.get(id).map(|(_, state)| *state));
            issued.forgotten |= was_done && is_gone && !history.outcomes.contains_key(id);
        }
        Ok(())
    }
}

/// What was done and taken out of the queue, and is not in the copy: nobody has it any more. What was refused stays with
/// whoever has to look after it.
fn forget(device: &mut Device, decided: &BTreeSet<String>) -> Result<()> {
    let kept = device.copy_outbox()?;
    for (id, issued) in &mut device.issued {
        let stays = kept.get(id).is_some_and(|(_, state)| *state != CONFIRMED);
        issued.forgotten |= !stays && !decided.contains(id);
    }
    Ok(())
}
