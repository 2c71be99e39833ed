//! How the device stands with the cloud, for whoever asks; the driver writes it down.

use chrono::{DateTime, Utc};
use std::sync::{Mutex, MutexGuard, PoisonError};
use sync::View;

/// What is known of the cloud.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Contact {
    /// How the sync stands.
    pub(crate) sync: View,
    /// When the cloud last answered, by the clock of the device; `None` since this start.
    pub(crate) last_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
pub(crate) struct ContactSlot(Mutex<Contact>);

impl ContactSlot {
    pub(crate) fn read(&self) -> Contact {
        *self.lock()
    }

    /// Whether the device was revoked.
    pub(crate) fn is_revoked(&self) -> bool {
        self.lock().sync.revoked
    }

    /// The cloud answered.
    pub(crate) fn heard(&self, now: DateTime<Utc>) {
        self.lock().last_at = Some(now);
    }

    /// The sync stands like this from now on. Gives how it stood before.
    pub(crate) fn stands(&self, view: View) -> View {
        std::mem::replace(&mut self.lock().sync, view)
    }

    /// The device was revoked before this start.
    pub(crate) fn set_revoked(&self) {
        self.lock().sync.revoked = true;
    }

    fn lock(&self) -> MutexGuard<'_, Contact> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
