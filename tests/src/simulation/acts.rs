//! What the plan makes happen.

use super::device::Device;
use super::plan::{Action, SECOND};
use super::scenery;
use super::world::{Due, World};
use anyhow::{Context, Result};

/// A month, ms.
const MONTH_MS: u64 = 30 * 86_400 * SECOND;
/// The name of a device's copy.
const COPY: &str = "copy";

impl World {
    /// Does what the plan says.
    pub(super) async fn act(&mut self, action: Action) -> Result<()> {
        self.trace.add(self.now, (5, format!("{action:?}")), || {
            format!("{action:?}")
        });
        match action {
            Action::AddNote {
                device,
                customer,
                version,
            } => self.add_note(device, customer, version),
            Action::ChangeNote { device, pick } => self.change_note(device, pick),
            Action::RemoveNote { device, pick } => self.remove_note(device, pick),
            Action::AddBadNote { device, which } => self.add_bad_note(device, which),
            Action::Attend { device, mend } => self.attend(device, mend),
            Action::Change { store, what, pick } => {
                self.counts.add("changes of the cloud");
                self.change(vec![scenery::change(store, what, pick, self.now)?])
            }
            Action::Delete { store, what, pick } => {
                self.change(vec![scenery::delete(store, what, pick)?])
            }
            Action::Kill {
                device,
                down_ms,
                torn,
            } => self.kill(device, down_ms, torn),
            Action::CloudRestart { instances } => {
                self.counts.fault("cloud restarted");
                self.restart_cloud(instances)
            }
            Action::Backup => self.back_up(),
            Action::Restore { anew } => self.restore(anew).await,
            Action::Compact => self.compact(),
            Action::Month => self.sleep_a_month(),
            Action::Revoke { device } => self.revoke(device),
            Action::MoveStore { device } => self.move_store(device).await,
            _ => self.act_on_device(action),
        }
    }

    fn act_on_device(&mut self, action: Action) -> Result<()> {
        let now = self.now;
        match action {
            Action::Offline { device, for_ms } => {
                self.counts.fault("offline");
                if let Some(device) = self.devices.get_mut(device) {
                    device.offline_until = now + for_ms;
                }
                self.deafen(device)
            }
            Action::Skew { device, by_s } => {
                self.counts.fault("clock skewed");
                if let Some(device) = self.devices.get_mut(device) {
                    device.skew_s = by_s;
                }
                Ok(())
            }
            Action::Full { device, for_ms } => {
                self.counts.fault("disk full");
                self.after(for_ms, Due::Empty(device));
                self.set_full(device, true)
            }
            Action::Corrupt { device, pick } => self.spoil(device, pick),
            Action::TabletBackup { device } => self.back_up_tablet(device),
            Action::TabletRestore { device } => self.restore_tablet(device),
            Action::Downgrade { device } => self.downgrade(device),
            _ => Ok(()),
        }
    }

    /// A device starts, where it does not run.
    pub(super) fn start(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        if device.open.is_some() {
            return Ok(());
        }
        device
            .start(&self.template)
            .with_context(|| format!("d-{index} starts"))?;
        self.counts.add("starts");
        self.check_kept(index)?;
        self.check_rows(index)?;
        self.start_driver(index)
    }

    /// A device is killed, and starts again after so long.
    pub(super) fn kill(&mut self, index: usize, down_ms: u64, torn: bool) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        if device.open.is_none() {
            return Ok(());
        }
        self.counts
            .fault(if torn { "killed in a write" } else { "killed" });
        device.kill(torn)?;
        self.drop_streams(index);
        self.trace
            .add(self.now, (6, index), || format!("d-{index} is killed"));
        self.after(down_ms + 1, Due::Start(index));
        Ok(())
    }

    /// The device's file may grow no more, or may again.
    pub(super) fn set_full(&mut self, index: usize, is_full: bool) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        if let Some(open) = &device.open {
            open.replica.set_full(is_full)?;
            device.is_full = is_full;
        }
        Ok(())
    }

    fn sleep_a_month(&mut self) -> Result<()> {
        self.counts.fault("a month asleep");
        // All were switched off: what was due meanwhile is due at once.
        for index in 0..self.devices.len() {
            self.kill(index, 0, false)?;
        }
        self.now += MONTH_MS;
        Ok(())
    }

    fn spoil(&mut self, index: usize, pick: u64) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        let Some(open) = &device.open else {
            return Ok(());
        };
        if let Ok(true) = open.inspector.spoil(pick) {
            self.counts.fault("row spoilt");
            self.sessions.end();
            taint(device)?;
        }
        Ok(())
    }

    fn back_up_tablet(&mut self, index: usize) -> Result<()> {
        let device = self.devices.get_mut(index);
        if let Some(device) = device.filter(|device| device.open.is_some()) {
            device.copy_to(COPY)?;
            device.copy_tainted.clone_from(&device.tainted);
        }
        Ok(())
    }

    fn restore_tablet(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        let copy = device.copy_of(COPY);
        if !copy.exists() || device.open.is_none() {
            return Ok(());
        }
        self.counts.fault("tablet restored from a copy");
        self.sessions.end();
        device.kill(false)?;
        device.copy_back(&copy)?;
        device.tainted.append(&mut device.copy_tainted.clone());
        device.start(&self.template)?;
        let kept = device
            .open
            .as_ref()
            .map(|open| open.inspector.outbox())
            .transpose()?
            .unwrap_or_default();
        for (id, issued) in &mut device.issued {
            issued.forgotten |= !kept.contains_key(id);
        }
        self.drop_streams(index);
        self.start_driver(index)
    }

    fn downgrade(&mut self, index: usize) -> Result<()> {
        let Some(device) = self
            .devices
            .get_mut(index)
            .filter(|device| device.open.is_some())
        else {
            return Ok(());
        };
        self.counts.fault("downgraded and back");
        let is_told = device.open_too_old(&self.template)?;
        self.counts.check("i22");
        if !is_told {
            self.violate(
                "i22",
                format!("d-{index}: an older program opened a newer file"),
            );
        }
        self.drop_streams(index);
        self.check_kept(index)?;
        self.start_driver(index)
    }

    fn revoke(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        device.is_revoked = true;
        let id = device.id.clone();
        self.counts.fault("revoked");
        self.operate(move |services| async move {
            cloud_functions::functions::identity::revoke(&services, &id)
                .await
                .is_ok()
        })
    }

    async fn move_store(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        device.store = 1 - device.store.min(1);
        let (id, is_kiosk, store) = (device.id.clone(), device.is_kiosk, device.store);
        self.counts.fault("moved to another store");
        self.operate(move |services| async move {
            let now = services.clock.now();
            scenery::place_device(&services, &id, is_kiosk, store, now)
                .await
                .is_ok()
        })
    }
}

/// Every scope of the device may differ for a while.
pub(super) fn taint(device: &mut Device) -> Result<()> {
    let scopes = device.scopes()?;
    device.tainted.extend(scopes.into_keys());
    Ok(())
}
