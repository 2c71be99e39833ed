//! The sync badge: the one thing about the sync that is worth a glance.

use domain::api::device::SyncStatus;

/// What the badge says; the most urgent true thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// Something was refused and waits for somebody.
    Attention(u32),
    /// Something waits to be sent.
    Unsent(u32),
    /// Nothing was ever pulled completely.
    Filling,
    /// No contact at the moment.
    Offline,
    /// Everything was sent.
    Fresh,
}

impl Badge {
    /// The badge for a status.
    #[must_use]
    pub const fn of(sync: &SyncStatus) -> Self {
        match sync {
            SyncStatus {
                needs_attention: 1..,
                ..
            } => Self::Attention(sync.needs_attention),
            SyncStatus { unsent: 1.., .. } => Self::Unsent(sync.unsent),
            SyncStatus { online: false, .. } => Self::Offline,
            SyncStatus {
                complete: false, ..
            } => Self::Filling,
            _ => Self::Fresh,
        }
    }

    /// The name that styles know it by.
    #[must_use]
    pub const fn style(self) -> &'static str {
        match self {
            Self::Attention(_) => "attention",
            Self::Unsent(_) => "unsent",
            Self::Filling => "filling",
            Self::Offline => "offline",
            Self::Fresh => "fresh",
        }
    }
}

/// A sync that nothing is known of: for screens that do not show it.
#[must_use]
pub const fn unknown() -> SyncStatus {
    SyncStatus {
        online: true,
        last_contact_at: None,
        unsent: 0,
        oldest_unsent_at: None,
        needs_attention: 0,
        complete: true,
        loading: None,
        repairing: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_thing_is_said() {
        let fresh = unknown();
        assert_eq!(Badge::of(&fresh), Badge::Fresh);
        let offline = SyncStatus {
            online: false,
            ..fresh
        };
        assert_eq!(Badge::of(&offline), Badge::Offline);
        let unsent = SyncStatus {
            unsent: 3,
            ..offline
        };
        assert_eq!(Badge::of(&unsent), Badge::Unsent(3));
        let refused = SyncStatus {
            needs_attention: 1,
            ..unsent
        };
        assert_eq!(Badge::of(&refused), Badge::Attention(1));
        let filling = SyncStatus {
            complete: false,
            ..fresh
        };
        assert_eq!(Badge::of(&filling), Badge::Filling);
    }
}
