//! What whoever runs the system does.

use super::acts::taint;
use super::calls::Answer;
use super::device::Device;
use super::world::{Work, World};
use anyhow::Result;
use cloud_functions::services::Services;
use std::collections::BTreeSet;

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
        self.restart_cloud(instances)?;
        self.cloud.ledger.restore(model);
        *self.history() = history;
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

    /// Every feed begins another life.
    async fn begin_epochs(&mut self) -> Result<()> {
        Ok(())
    }

    /// Builds snapshots and lets go of old entries.
    pub(super) fn compact(&mut self) -> Result<()> {
        Ok(())
    }
}

/// What was decided and taken out of the queue, and is not in the copy: nobody has it any more.
fn forget(device: &mut Device, decided: &BTreeSet<String>) -> Result<()> {
    let kept = device.copy_outbox()?;
    for (id, issued) in &mut device.issued {
        let waits = kept.get(id).is_some_and(|(_, state)| *state == 0);
        issued.forgotten |= !waits && !decided.contains(id);
    }
    Ok(())
}
