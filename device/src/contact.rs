//! Whether the cloud answers, and when it last did.

use chrono::{DateTime, Utc};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of the cloud.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Contact {
    /// Whether the last contact went well.
    pub(crate) online: bool,
    /// When the cloud last answered, by the clock of the device; `None` since this start.
    pub(crate) last_at: Option<DateTime<Utc>>,
    /// Whether the cloud has said that this device was revoked.
    pub(crate) revoked: bool,
}

/// What an answer, or its want, changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing that a screen shows at once.
    Same,
    /// The cloud is back.
    Online,
    /// The cloud is gone.
    Offline,
}

#[derive(Debug, Default)]
pub(crate) struct ContactSlot(Mutex<Contact>);

impl ContactSlot {
    pub(crate) fn read(&self) -> Contact {
        *self.lock()
    }

    /// The cloud answered.
    pub(crate) fn heard(&self, now: DateTime<Utc>) -> Turn {
        let mut contact = self.lock();
        contact.last_at = Some(now);
        if std::mem::replace(&mut contact.online, true) {
            Turn::Same
        } else {
            Turn::Online
        }
    }

    /// The cloud did not answer.
    pub(crate) fn lost(&self) -> Turn {
        if std::mem::take(&mut self.lock().online) {
            Turn::Offline
        } else {
            Turn::Same
        }
    }

    pub(crate) fn set_revoked(&self) {
        let mut contact = self.lock();
        contact.revoked = true;
        contact.online = false;
    }

    fn lock(&self) -> MutexGuard<'_, Contact> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_turn_is_told() {
        let now = "2026-05-17T10:00:00Z".parse().unwrap();
        let slot = ContactSlot::default();
        assert_eq!(slot.lost(), Turn::Same, "it begins offline");
        assert_eq!(slot.heard(now), Turn::Online);
        assert_eq!(slot.heard(now), Turn::Same);
        assert_eq!(slot.lost(), Turn::Offline);
        assert_eq!(slot.read().last_at, Some(now), "the age goes on from there");
    }
}
