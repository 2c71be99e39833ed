//! What the machine wants done.

use domain::api::device::Signal;
use domain::api::sync::{Cursor, Offer, Scope};

/// Something to do. None waits for another, but those of one answer are begun in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// Run an errand, and tell what came of it. At most one of each [`Line`] is under way.
    Run(Errand),
    /// Tell when this time is over. A timer that is set again forgets its earlier time.
    Wake {
        /// Which.
        timer: Timer,
        /// After how many milliseconds.
        after_ms: u64,
    },
    /// Open the stream of pokes, and tell how that goes.
    Listen,
    /// The cloud answered just now: keep when that was.
    Heard,
    /// Tell whoever shows something.
    Tell(Signal),
    /// The device was revoked: sign out whoever is signed in, and delete every row that was granted. What is under way
    /// may end as it likes.
    Purge,
}

/// Something to do with the cloud, with the replica, or with both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Ask for what is new, and apply it.
    Pull {
        /// Wait this long in the cloud for something new.
        wait_ms: u64,
        /// Compare every scope.
        verify: bool,
    },
    /// Fetch what a snapshot consists of.
    Begin(Offer),
    /// Fetch a part of a snapshot, and apply it.
    Part {
        /// Of which scope.
        scope: Scope,
        /// At which number.
        cursor: Cursor,
        /// Which part, from 0.
        part: u32,
    },
    /// Find out where a scope differs, and replace that.
    Repair {
        /// Which.
        scope: Scope,
    },
    /// Delete what is here of a scope, so that it is fetched anew. No call.
    Anew {
        /// Which.
        scope: Scope,
    },
    /// Send the oldest commands that wait, and keep the decisions.
    Push {
        /// At most so many.
        limit: usize,
    },
    /// Keep a command that the cloud cannot even read as refused, so that it stops none of the others. No call.
    Refuse {
        /// Its number.
        cseq: u64,
        /// Why, for programs.
        code: String,
        /// Why, for people.
        message: String,
    },
    /// Number the commands that wait from here on. No call.
    Renumber {
        /// The number of the first.
        expected: u64,
    },
}

impl Errand {
    /// On which line it runs.
    #[must_use]
    pub const fn line(&self) -> Line {
        match self {
            Self::Pull { .. }
            | Self::Begin(_)
            | Self::Part { .. }
            | Self::Repair { .. }
            | Self::Anew { .. } => Line::Down,
            Self::Push { .. } | Self::Refuse { .. } | Self::Renumber { .. } => Line::Up,
        }
    }
}

/// Errands of one line follow each other; the two lines do not wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// From the cloud to the device.
    Down,
    /// From the device to the cloud.
    Up,
}

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The next errand of a line.
    Line(Line),
    /// The next try to hear pokes.
    Listen,
}
