//! Hears pokes: a stream that the cloud holds open. Without it the device asks and waits.

use super::Pace;
use super::backoff::Backoff;
use super::instruction::{Instruction, Timer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Opening,
    Open,
    Waiting,
}

/// The stream of pokes.
#[derive(Debug, Clone)]
pub(super) struct Ear {
    state: State,
    backoff: Backoff,
}

impl Ear {
    pub(super) const fn new(pace: &Pace) -> Self {
        Self {
            state: State::Closed,
            backoff: pace.backoff(),
        }
    }

    /// Whether whatever moves is told.
    pub(super) const fn hears(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// The cloud is there: a good moment to open the stream.
    pub(super) fn open(&mut self, out: &mut Vec<Instruction>) {
        if self.state == State::Closed {
            self.state = State::Opening;
            out.push(Instruction::Listen);
        }
    }

    /// It is open. Whether that was asked for.
    pub(super) fn opened(&mut self) -> bool {
        let asked = self.state == State::Opening;
        if asked {
            self.state = State::Open;
        }
        asked
    }

    /// A poke came: the stream does what it is for.
    pub(super) const fn poked(&mut self) {
        self.backoff.reset();
    }

    /// It broke, or never was.
    pub(super) fn broke(&mut self, chance: u16, out: &mut Vec<Instruction>) {
        if matches!(self.state, State::Opening | State::Open) {
            self.state = State::Waiting;
            let after_ms = self.backoff.next(chance);
            let timer = Timer::Listen;
            out.push(Instruction::Wake { timer, after_ms });
        }
    }

    /// The time to try again. While the cloud is away nobody listens; its return opens the stream.
    pub(super) fn fired(&mut self, online: bool, out: &mut Vec<Instruction>) {
        if self.state == State::Waiting {
            self.state = State::Closed;
            if online {
                self.open(out);
            }
        }
    }
}
