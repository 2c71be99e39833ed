//! A line: at most one errand is under way on it, and what comes between errands.

use super::Pace;
use super::backoff::Backoff;
use super::event::Trouble;
use super::instruction::{Errand, Instruction, Line, Timer};

/// How a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Nothing to do, and no timer.
    Idle,
    /// An errand is under way.
    UnderWay(Errand),
    /// A try failed; a timer is set.
    Waiting {
        /// The cloud itself asked to wait.
        told: bool,
    },
    /// All is well; a timer is set all the same.
    Resting,
}

/// A line.
#[derive(Debug, Clone)]
pub(super) struct Track {
    line: Line,
    state: State,
    backoff: Backoff,
}

impl Track {
    pub(super) const fn new(line: Line, pace: &Pace) -> Self {
        Self {
            line,
            state: State::Idle,
            backoff: pace.backoff(),
        }
    }

    /// Begins an errand. Where one is under way, nothing happens.
    pub(super) fn run(&mut self, errand: Errand, out: &mut Vec<Instruction>) {
        if !self.is_under_way() {
            self.state = State::UnderWay(errand.clone());
            out.push(Instruction::Run(errand));
        }
    }

    /// An errand is over: whether it is the one that is under way.
    pub(super) fn land(&mut self, errand: &Errand) -> bool {
        let ours = matches!(&self.state, State::UnderWay(flying) if flying == errand);
        if ours {
            self.state = State::Idle;
        }
        ours
    }

    /// A try failed: the next one comes later.
    pub(super) fn wait(&mut self, told_ms: Option<u64>, chance: u16, out: &mut Vec<Instruction>) {
        let told = told_ms.is_some();
        let after_ms = self.backoff.next(chance).max(told_ms.unwrap_or(0));
        self.state = State::Waiting { told };
        self.wake(after_ms, out);
    }

    /// All is well: the next errand comes later, where nothing asks for it before.
    pub(super) fn rest(&mut self, after_ms: u64, out: &mut Vec<Instruction>) {
        self.state = State::Resting;
        self.wake(after_ms, out);
    }

    fn wake(&self, after_ms: u64, out: &mut Vec<Instruction>) {
        let timer = Timer::Line(self.line);
        out.push(Instruction::Wake { timer, after_ms });
    }

    pub(super) const fn went_well(&mut self) {
        self.backoff.reset();
    }

    pub(super) const fn is_under_way(&self) -> bool {
        matches!(self.state, State::UnderWay(_))
    }

    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    pub(super) const fn is_resting(&self) -> bool {
        matches!(self.state, State::Resting)
    }

    pub(super) const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    /// Whether it waits by its own choice.
    pub(super) const fn may_hurry(&self) -> bool {
        matches!(self.state, State::Waiting { told: false })
    }
}

impl Trouble {
    /// How long the cloud asked to wait, in milliseconds.
    pub(super) const fn told_ms(&self) -> Option<u64> {
        match self {
            Self::Offline { retry_after_ms, .. } => *retry_after_ms,
            _ => None,
        }
    }
}
