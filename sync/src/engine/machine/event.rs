//! What the machine is told.

use super::instruction::{Errand, Timer};
use crate::replica::{MAX_TOUCHED, Settled};
use domain::api::sync::{Offer, Scope};
use domain::ids::{CartId, CustomerId};
use std::collections::BTreeSet;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The device has joined a store and runs: the first event, once.
    Started,
    /// A command was queued.
    Queued,
    /// The stream of pokes is open: from now on it tells what moves.
    Listening,
    /// The stream of pokes was refused, or broke.
    Deaf {
        /// Any number, drawn anew: spreads devices.
        chance: u16,
    },
    /// The cloud says that something of the device's has moved.
    Poked,
    /// A timer that was set has run out.
    Fired(Timer),
    /// An errand is over.
    Done {
        /// Which.
        errand: Errand,
        /// What came of it.
        outcome: Result<Outcome, Trouble>,
        /// Any number, drawn anew: spreads devices.
        chance: u16,
    },
}

/// What came of an errand that went well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Of [`Errand::Pull`]: the page is applied.
    Pulled(Pulled),
    /// Of [`Errand::Begin`]: which part is wanted next, of how many.
    Begun {
        /// Parts that are here, some perhaps from before a restart.
        done: u32,
        /// Parts in all.
        total: u32,
    },
    /// Of [`Errand::Part`]: it is applied.
    Taken {
        /// The part that is wanted next; `None` where the snapshot is here.
        next: Option<u32>,
        /// The snapshot is here, and the scope holds something else than it should.
        differs: bool,
        /// What it changed.
        news: News,
    },
    /// Of [`Errand::Repair`]: what differed is replaced.
    Repaired {
        /// What it changed.
        news: News,
    },
    /// Of [`Errand::Anew`]: the scope's rows and its cursor are gone.
    Emptied,
    /// Of [`Errand::Push`]: nothing waited.
    Drained,
    /// Of [`Errand::Push`]: decisions are kept.
    Pushed(Pushed),
    /// Of [`Errand::Refuse`]: the command waits for somebody now.
    Refused {
        /// Commands that do, in all.
        needs_attention: u32,
    },
    /// Of [`Errand::Renumber`]: queued commands have other numbers.
    Renumbered,
}

/// What a pull did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pulled {
    /// Whether anything was new: changes, confirmations, revocations.
    pub moved: bool,
    /// Whether the cloud has more at once.
    pub more: bool,
    /// Whether the cloud has forgotten commands that it had decided on: they wait again.
    pub forgotten: bool,
    /// Scopes that go on from a snapshot only.
    pub offers: Vec<Offer>,
    /// Scopes that hold something else than the cloud says.
    pub differing: BTreeSet<Scope>,
    /// What it changed.
    pub news: News,
}

/// What a push did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pushed {
    /// The number of the first command that was sent.
    pub first_cseq: u64,
    /// The number of the last one.
    pub last_cseq: u64,
    /// What was decided.
    pub settled: Settled,
    /// Commands that wait for somebody now, in all.
    pub needs_attention: u32,
    /// Whom the commands are about.
    pub customers: BTreeSet<CustomerId>,
    /// Which carts.
    pub carts: BTreeSet<CartId>,
}

/// What changed, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// Customers of whom something changed.
    pub customers: BTreeSet<CustomerId>,
    /// Carts of which something changed.
    pub carts: BTreeSet<CartId>,
    /// Whether a kiosk asks for somebody, or does not any more.
    pub help: bool,
    /// So much changed that screens had better ask for everything again.
    pub everything: bool,
}

impl News {
    /// And this changed, too. What does not fit is told as everything.
    pub(super) fn add(&mut self, more: Self) {
        self.customers.extend(more.customers);
        self.carts.extend(more.carts);
        self.help |= more.help;
        let touched = self.customers.len().max(self.carts.len());
        self.everything |= more.everything || touched > MAX_TOUCHED;
        if self.everything {
            self.customers.clear();
            self.carts.clear();
            self.help = false;
        }
    }
}

/// Why an errand failed. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody answered, or somebody who cannot now.
    #[error("no contact: {reason}")]
    Offline {
        /// How long the cloud asked to wait.
        retry_after_ms: Option<u64>,
        /// Why, for a log.
        reason: String,
    },
    /// The device was revoked.
    #[error("this device was revoked")]
    Revoked,
    /// Somebody answered and will not do it: a proof that is not accepted, another schema, a stranger.
    #[error("denied: {reason}")]
    Denied {
        /// Why, for a log.
        reason: String,
    },
    /// The snapshot or cursor is not served any more, or what differs is too much to be repaired.
    #[error("it is not there any more")]
    Gone,
    /// The cloud goes on with another number than that of the first command sent.
    #[error("the cloud expects command {expected}")]
    Expects {
        /// Which.
        expected: u64,
    },
    /// The cloud cannot read what was sent, because of commands in it.
    #[error("the cloud cannot read the first command, {cseq}: {message}")]
    Unreadable {
        /// The number of the first command that was sent.
        cseq: u64,
        /// Why, for programs.
        code: String,
        /// Why, for people.
        message: String,
    },
    /// The answer cannot be used.
    #[error("the answer cannot be used: {reason}")]
    Unusable {
        /// Why, for a log.
        reason: String,
    },
    /// The answer does not follow on what is here.
    #[error("the answer does not follow on what is here of {scope}")]
    Gap {
        /// Of which feed.
        scope: Scope,
    },
    /// The replica did not do its part.
    #[error("on this device: {reason}")]
    Local {
        /// Why, for a log.
        reason: String,
    },
}

impl Trouble {
    /// What it says about the cloud: whether it answered as the cloud does; nothing where it was not asked.
    #[must_use]
    pub const fn is_contact(&self) -> Option<bool> {
        match self {
            Self::Offline { .. } | Self::Revoked | Self::Denied { .. } | Self::Unusable { .. } => {
                Some(false)
            }
            Self::Gone | Self::Expects { .. } | Self::Unreadable { .. } | Self::Gap { .. } => {
                Some(true)
            }
            Self::Local { .. } => None,
        }
    }
}
