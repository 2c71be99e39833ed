//! The sync badge: the one thing about the sync that is worth a glance.

use domain::api::device::{Loading, SyncStatus};

/// What the badge says; the most urgent true thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// Something was refused and waits for somebody.
    Attention(u32),
    /// Something waits to be sent.
    Unsent(u32),
    /// No contact at the moment.
    Offline,
    /// A long fetch goes on; how far it is, in per cent.
    Loading(u32),
    /// Something is being pulled or put right.
    Working,
    /// Everything was sent.
    Fresh,
}

impl Badge {
    /// The badge for a status.
    #[must_use]
    pub fn of(sync: &SyncStatus) -> Self {
        match sync {
            SyncStatus {
                needs_attention: count @ 1..,
                ..
            } => Self::Attention(*count),
            SyncStatus {
                unsent: count @ 1..,
                ..
            } => Self::Unsent(*count),
            SyncStatus { online: false, .. } => Self::Offline,
            SyncStatus {
                loading: Some(loading),
                ..
            } => Self::Loading(percent(*loading)),
            SyncStatus {
                complete: false, ..
            }
            | SyncStatus {
                repairing: true, ..
            } => Self::Working,
            _ => Self::Fresh,
        }
    }

    /// The name that styles know it by.
    #[must_use]
    pub const fn style(self) -> &'static str {
        match self {
            Self::Attention(_) => "attention",
            Self::Unsent(_) => "unsent",
            Self::Offline => "offline",
            Self::Loading(_) => "loading",
            Self::Working => "working",
            Self::Fresh => "fresh",
        }
    }
}

/// How far a fetch has come; 100 only when nothing is missing.
#[must_use]
pub fn percent(loading: Loading) -> u32 {
    let (done, total) = (u64::from(loading.done), u64::from(loading.total.max(1)));
    u32::try_from((done * 100 / total).min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: SyncStatus = SyncStatus {
        online: true,
        last_contact_at: None,
        unsent: 0,
        oldest_unsent_at: None,
        needs_attention: 0,
        complete: true,
        loading: None,
        repairing: false,
    };

    #[test]
    fn the_most_urgent_thing_is_said() {
        let repairing = SyncStatus {
            repairing: true,
            ..FRESH
        };
        let loading = SyncStatus {
            loading: Some(Loading { done: 2, total: 8 }),
            complete: false,
            ..repairing.clone()
        };
        let offline = SyncStatus {
            online: false,
            ..loading.clone()
        };
        let unsent = SyncStatus {
            unsent: 3,
            ..offline.clone()
        };
        let refused = SyncStatus {
            needs_attention: 1,
            ..unsent.clone()
        };
        for (sync, badge) in [
            (FRESH, Badge::Fresh),
            (repairing, Badge::Working),
            (loading, Badge::Loading(25)),
            (offline, Badge::Offline),
            (unsent, Badge::Unsent(3)),
            (refused, Badge::Attention(1)),
        ] {
            assert_eq!(Badge::of(&sync), badge, "{sync:?}");
        }
    }

    #[test]
    fn a_share_is_never_more_than_all() {
        let of = |done, total| percent(Loading { done, total });
        assert_eq!((of(0, 0), of(199, 200), of(9, 3)), (0, 99, 100));
        assert_eq!(of(u32::MAX, u32::MAX), 100);
    }
}
