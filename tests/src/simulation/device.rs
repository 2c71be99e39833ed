//! A device: the real replica on a real encrypted file, its clock, and what its people remember of it.

use super::clock::instant;
use super::inspector::{Inspector, KEY};
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::DeviceId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use sync::{Key, Replica, ReplicaError};

/// A command that somebody gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Issued {
    /// What kind.
    pub kind: &'static str,
    /// On which note.
    pub note: String,
    /// On which customer.
    pub customer: String,
    /// The note's text after it.
    pub text: String,
    /// The device's copy from before this command was put back: nobody can remember it.
    pub forgotten: bool,
    /// Somebody put another in its place.
    pub mended: bool,
}

/// What is open while a device runs.
pub(super) struct Open {
    /// The replica.
    pub replica: Replica,
    /// Looks beside it.
    pub inspector: Inspector,
}

/// A device.
pub(super) struct Device {
    /// Which.
    pub id: DeviceId,
    /// Kiosk, or else tablet.
    pub is_kiosk: bool,
    /// The store that it was placed in.
    pub store: usize,
    folder: PathBuf,
    /// While it runs.
    pub open: Option<Open>,
    /// Grows with each start; what was begun before a start is nobody's.
    pub life: u64,
    /// Without network until then, ms.
    pub offline_until: u64,
    /// Whether its disk is full.
    pub(super) is_full: bool,
    /// How far its clock is off, seconds.
    pub skew_s: i64,
    /// Whether it was told that it is revoked.
    pub is_told_revoked: bool,
    /// Whether the cloud was told to revoke it.
    pub is_revoked: bool,
    /// What its people did.
    pub issued: BTreeMap<String, Issued>,
    /// Scopes that may differ from every state that the cloud ever had, until they are mended.
    pub tainted: std::collections::BTreeSet<String>,
    /// Those of them when a copy of its files was kept: it comes back with the same faults.
    pub copy_tainted: std::collections::BTreeSet<String>,
}

impl Device {
    /// A device that has never run.
    pub(super) fn new(id: &str, is_kiosk: bool, store: usize, folder: &Path) -> Result<Self> {
        let folder = folder.join(id);
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            id: DeviceId::parse(id)?,
            is_kiosk,
            store,
            folder,
            open: None,
            life: 0,
            offline_until: 0,
            is_full: false,
            skew_s: 0,
            is_told_revoked: false,
            is_revoked: false,
            issued: BTreeMap::new(),
            tainted: std::collections::BTreeSet::new(),
            copy_tainted: std::collections::BTreeSet::new(),
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.join("replica.db")
    }

    /// What the device takes for the time.
    #[must_use]
    pub(super) fn now(&self, at_ms: u64) -> DateTime<Utc> {
        instant(at_ms) + TimeDelta::seconds(self.skew_s)
    }

    /// Starts it. `template` is a replica that nobody has used, which is quicker to copy than to make.
    pub(super) fn start(&mut self, template: &Path) -> Result<()> {
        if !self.path().exists() {
            std::fs::copy(template, self.path())?;
        }
        let replica = Replica::open(&self.path(), Key::new(KEY))?;
        let inspector = Inspector::open(&self.path())?;
        self.open = Some(Open { replica, inspector });
        self.life += 1;
        Ok(())
    }

    /// Kills it: its files stay as they are at this instant. `torn` leaves half of a write behind the last whole one.
    pub(super) fn kill(&mut self, torn: bool) -> Result<()> {
        self.life += 1;
        if self.open.is_none() {
            return Ok(());
        }
        // Closing in order would move the WAL into the database; a kill does not.
        let kept = self.copy_to("killed")?;
        self.open = None;
        self.copy_back(&kept)?;
        if torn {
            let mut wal = std::fs::OpenOptions::new().append(true).open(self.wal())?;
            std::io::Write::write_all(&mut wal, &[0x5A; 1_717])?;
        }
        Ok(())
    }

    fn wal(&self) -> PathBuf {
        self.folder.join("replica.db-wal")
    }

    /// What waits in its queue; of a device that does not run too.
    pub(super) fn copy_outbox(&self) -> Result<BTreeMap<String, (u64, u8)>> {
        match &self.open {
            Some(open) => open.inspector.outbox(),
            None if self.path().exists() => Inspector::open(&self.path())?.outbox(),
            None => Ok(BTreeMap::new()),
        }
    }

    /// What it holds; of a device that does not run too.
    pub(super) fn scopes(&self) -> Result<BTreeMap<String, super::inspector::Held>> {
        match &self.open {
            Some(open) => open.inspector.scopes(),
            None if self.path().exists() => Inspector::open(&self.path())?.scopes(),
            None => Ok(BTreeMap::new()),
        }
    }

    /// Copies what a kill now would leave; gives where.
    pub(super) fn copy_to(&self, name: &str) -> Result<PathBuf> {
        let kept = self.folder.join(name);
        std::fs::create_dir_all(&kept)?;
        for file in ["replica.db", "replica.db-wal"] {
            let (from, to) = (self.folder.join(file), kept.join(file));
            if from.exists() {
                std::fs::copy(from, to)?;
            } else {
                std::fs::write(to, b"")?;
            }
        }
        Ok(kept)
    }

    /// Puts a copy back; the device does not run.
    pub(super) fn copy_back(&self, kept: &Path) -> Result<()> {
        let index = self.folder.join("replica.db-shm");
        if index.exists() {
            std::fs::remove_file(index)?;
        }
        for file in ["replica.db", "replica.db-wal"] {
            std::fs::copy(kept.join(file), self.folder.join(file))?;
        }
        Ok(())
    }

    /// Where [`Device::copy_to`] puts a copy of this name.
    #[must_use]
    pub(super) fn copy_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// An older program finds the file: it is told so, and changes nothing.
    pub(super) fn open_too_old(&mut self, template: &Path) -> Result<bool> {
        self.kill(false)?;
        Inspector::open(&self.path())?.shift_schema(1)?;
        let refused = Replica::open(&self.path(), Key::new(KEY));
        let is_told = matches!(refused, Err(ReplicaError::NewerSchema { .. }));
        drop(refused);
        Inspector::open(&self.path())?.shift_schema(-1)?;
        self.start(template)?;
        Ok(is_told)
    }
}

/// A replica that nobody has used, in a folder.
pub(super) fn make_template(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("template.db");
    drop(Replica::open(&path, Key::new(KEY))?);
    Ok(path)
}
