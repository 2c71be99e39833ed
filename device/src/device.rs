//! The device: what its calls and its driver share.

use crate::allotting::Allotting;
use crate::carts::CartSlot;
use crate::cloud::{Cloud, CloudAddress, CloudError, Credentials};
use crate::contact::ContactSlot;
use crate::folder::{Folder, FolderError};
use crate::keepsakes::{ENROLMENT, REVOKED};
use crate::key::FoundKey;
use crate::model::ModelSlot;
use crate::ports::Ports;
use crate::queued::Queued;
use crate::refusal::{fault, of_replica};
use crate::session::SessionSlot;
use crate::signals::{Listener, Signals};
use crate::telemetry::Taps;
use chrono::{DateTime, Utc};
use domain::api::device::{Aged, Refusal, Source};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::ids::StoreId;
use std::sync::{Arc, OnceLock};
use sync::{Replica, ReplicaError};
use tokio::sync::Notify;

/// What a device is opened with.
pub struct Setup {
    /// Where it keeps everything.
    pub folder: Folder,
    /// The key of its database.
    pub key: FoundKey,
    /// Where the cloud is.
    pub cloud: CloudAddress,
    /// What it is for, until its enrolment says so.
    pub kind: DeviceKind,
    /// The clock and randomness.
    pub ports: Ports,
}

/// Why a device was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] crate::key::KeyError),
    /// The database cannot be used.
    #[error("the database of this device cannot be opened")]
    Replica(#[from] ReplicaError),
    /// There is no client of the cloud.
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

/// A tablet or kiosk. Cheap to clone: all clones are the one device.
#[derive(Clone)]
pub struct Device {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) replica: Replica,
    pub(crate) cloud: Cloud,
    pub(crate) ports: Ports,
    pub(crate) signals: Signals,
    pub(crate) contact: ContactSlot,
    pub(crate) session: SessionSlot,
    pub(crate) model: ModelSlot,
    pub(crate) carts: CartSlot,
    pub(crate) allotting: Allotting,
    pub(crate) key_in_file: bool,
    /// Commands that the driver has not heard of.
    pub(crate) queued: Queued,
    /// Which taps they come from.
    pub(crate) taps: Taps,
    /// The cloud is back: ask for the model.
    pub(crate) model_wanted: Notify,
    kind: DeviceKind,
    enrolment: OnceLock<Enrolment>,
    /// Keeps other programs out for as long as the device lives.
    _folder: Folder,
}

impl Device {
    /// Opens the device. Blocks on the disk.
    pub fn open(setup: Setup) -> Result<Self, OpenError> {
        let replica = Replica::open(&setup.folder.replica(), setup.key.key)?;
        let cloud = Cloud::new(setup.cloud, setup.ports.clone())?;
        let shared = Shared {
            cloud,
            ports: setup.ports,
            signals: Signals::default(),
            contact: ContactSlot::default(),
            session: SessionSlot::default(),
            model: ModelSlot::open(setup.folder.model()),
            carts: CartSlot::default(),
            allotting: Allotting::default(),
            key_in_file: setup.key.in_file,
            queued: Queued::default(),
            taps: Taps::default(),
            model_wanted: Notify::new(),
            kind: setup.kind,
            enrolment: OnceLock::new(),
            _folder: setup.folder,
            replica,
        };
        if let Some(enrolment) = ENROLMENT.read(&shared.replica)? {
            shared.join(enrolment);
        }
        if REVOKED.read(&shared.replica)?.unwrap_or(false) {
            shared.contact.set_revoked();
        }
        let shared = Arc::new(shared);
        Ok(Self { shared })
    }

    /// Listens to what changes, from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.shared.signals.listen()
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> DeviceKind {
        self.shared.kind()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Does what blocks on the disk or takes a core for long, beside the threads that serve.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let shared = self.shared.clone();
        let cause = telemetry::current();
        let work = move || telemetry::within_sync(cause, || work(&shared));
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(fault)?
    }

    /// The same for work of the replica alone.
    pub(crate) async fn replica<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Replica) -> Result<T, ReplicaError> + Send + 'static,
    ) -> Result<T, ReplicaError> {
        let shared = self.shared.clone();
        let done = tokio::task::spawn_blocking(move || work(&shared.replica)).await;
        done.map_err(|error| ReplicaError::Damaged(error.to_string()))?
    }
}

impl Shared {
    /// What the device is for: what it enrolled as, or what it was started as.
    pub(crate) fn kind(&self) -> DeviceKind {
        self.enrolment()
            .map_or(self.kind, |enrolment| enrolment.kind)
    }

    pub(crate) fn enrolment(&self) -> Option<&Enrolment> {
        self.enrolment.get()
    }

    /// Where it stands, once it is enrolled.
    pub(crate) fn store(&self) -> Option<&StoreId> {
        self.enrolment().map(|enrolment| &enrolment.store)
    }

    /// It belongs to a store from now on.
    pub(crate) fn join(&self, enrolment: Enrolment) {
        if enrolment.kind != self.kind {
            tracing::warn!(enrolled = ?enrolment.kind, started = ?self.kind, "this device enrolled as another kind, and stays it");
        }
        self.cloud.prove_with(Credentials {
            device: enrolment.device.clone(),
            secret: enrolment.secret.clone(),
        });
        // Set once: a device does not move to another store.
        let _ = self.enrolment.set(enrolment);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.ports.now()
    }

    /// A value from the replica with its age.
    pub(crate) fn here<T>(&self, value: T) -> Result<Aged<T>, Refusal> {
        let as_of = match self.contact.read().last_at {
            Some(at) => Some(at),
            // Not since this start: what the cloud's clock said at the last page.
            None => self.replica.standing().map_err(of_replica)?.as_of,
        };
        Ok(Aged {
            value,
            as_of,
            source: Source::Here,
        })
    }
}
