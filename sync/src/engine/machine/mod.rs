//! The sync as a machine: it is told what happened, and says what to do.
//!
//! [`Engine::handle`] is all there is. Whoever drives it runs the errands ([`crate::Errand::prepare`] and
//! [`crate::Errand::finish`] do the replica's part), keeps the timers, and tells it how things went. The machine never
//! reads a clock, draws a number, or touches the network or the replica: the same events give the same instructions.
//!
//! What it promises: commands are sent one push at a time, in their order; whatever fails is tried again later without
//! anybody writing anything; a command that the cloud cannot read stops none of the others; a copy that differs is
//! repaired, and begun anew at most once a start; after a revocation nothing of what was granted stays.

mod backoff;
mod down;
mod ear;
mod event;
mod instruction;
mod loads;
mod mending;
mod tally;
#[cfg(test)]
mod tests;
mod track;
mod up;

pub use backoff::Backoff;
pub use event::{Event, News, Outcome, Pulled, Pushed, Trouble};
pub use instruction::{Errand, Instruction, Line, Timer};

use domain::api::device::{Loading, Signal};
use domain::api::sync::MAX_WAIT_MS;
use down::Down;
use ear::Ear;
use up::Up;

/// How patient the machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The first wait after a failure, in milliseconds; doubled after each further one.
    pub first_retry_ms: u64,
    /// The longest wait between tries, in milliseconds.
    pub longest_retry_ms: u64,
    /// How long a pull waits in the cloud for a change where no stream tells of them, in milliseconds.
    pub wait_ms: u64,
    /// How long the stream of pokes may be silent before a pull asks, in milliseconds.
    pub rest_ms: u64,
    /// After so many pulls one compares every scope.
    pub verify_every: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first_retry_ms: 500,
            longest_retry_ms: 30_000,
            wait_ms: MAX_WAIT_MS,
            rest_ms: 60_000,
            verify_every: 32,
        }
    }
}

impl Pace {
    /// Counts failures at this pace.
    #[must_use]
    pub const fn backoff(&self) -> Backoff {
        Backoff::new(self.first_retry_ms, self.longest_retry_ms)
    }
}

/// How the sync stands, beside what the replica knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// Whether the last contact went well.
    pub online: bool,
    /// Whether the device was revoked.
    pub revoked: bool,
    /// How far snapshots have come that are being fetched.
    pub loading: Option<Loading>,
    /// Whether something differed from the cloud and is being mended.
    pub repairing: bool,
}

/// The machine.
#[derive(Debug, Clone)]
pub struct Engine {
    down: Down,
    up: Up,
    ear: Ear,
    started: bool,
    online: bool,
    revoked: bool,
}

impl Engine {
    /// A machine that was not started yet.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self {
            down: Down::new(pace),
            up: Up::new(&pace),
            ear: Ear::new(&pace),
            started: false,
            online: false,
            revoked: false,
        }
    }

    /// How the sync stands now.
    #[must_use]
    pub fn view(&self) -> View {
        View {
            online: self.online,
            revoked: self.revoked,
            loading: self.down.loading(),
            repairing: self.down.is_repairing(),
        }
    }

    /// Takes what happened, and says what to do. An event that makes no sense now changes nothing.
    pub fn handle(&mut self, event: Event) -> Vec<Instruction> {
        let mut out = Vec::new();
        if self.revoked {
            Self::after_the_end(&event, &mut out);
        } else if self.started || event == Event::Started {
            self.started = true;
            self.take(event, &mut out);
        }
        out
    }

    fn take(&mut self, event: Event, out: &mut Vec<Instruction>) {
        match event {
            Event::Started => {
                self.down.start(self.ear.hears(), out);
                self.up.start(out);
            }
            Event::Queued => self.up.queued(self.online, out),
            Event::Listening => {
                if self.ear.opened() {
                    self.heard(out);
                    // What moved before the stream was open is asked for.
                    self.down.poked(true, out);
                }
            }
            Event::Deaf { chance } => {
                self.ear.broke(chance, out);
                self.down.poked(false, out);
            }
            Event::Poked => {
                self.ear.poked();
                self.down.poked(self.ear.hears(), out);
            }
            Event::Fired(Timer::Line(Line::Down)) => self.down.fired(self.ear.hears(), out),
            Event::Fired(Timer::Line(Line::Up)) => self.up.fired(out),
            Event::Fired(Timer::Listen) => self.ear.fired(self.online, out),
            Event::Done {
                errand,
                outcome,
                chance,
            } => self.done(&errand, outcome, chance, out),
        }
    }

    fn done(
        &mut self,
        errand: &Errand,
        outcome: Result<Outcome, Trouble>,
        chance: u16,
        out: &mut Vec<Instruction>,
    ) {
        let line = errand.line();
        let ours = match line {
            Line::Down => self.down.land(errand),
            Line::Up => self.up.land(errand),
        };
        if !ours {
            return;
        }
        if outcome == Err(Trouble::Revoked) {
            return self.end(out);
        }
        match outcome
            .as_ref()
            .map_or_else(Trouble::is_contact, Outcome::is_contact)
        {
            Some(true) => self.heard(out),
            Some(false) => self.lost(out),
            None => {}
        }
        let hears = self.ear.hears();
        match (line, outcome) {
            (Line::Down, Ok(outcome)) => {
                if outcome.forgets() {
                    self.up.forgotten(out);
                }
                self.down.went(errand, outcome, chance, hears, out);
            }
            (Line::Down, Err(trouble)) => self.down.failed(errand, &trouble, chance, out),
            (Line::Up, Ok(outcome)) => self.up.went(outcome, chance, out),
            (Line::Up, Err(trouble)) => self.up.failed(trouble, chance, out),
        }
    }

    /// The cloud answered.
    fn heard(&mut self, out: &mut Vec<Instruction>) {
        out.push(Instruction::Heard);
        if !std::mem::replace(&mut self.online, true) {
            out.push(Instruction::Tell(Signal::Status));
            self.ear.open(out);
            self.down.hurry(self.ear.hears(), out);
            self.up.hurry(out);
        }
    }

    /// The cloud did not answer.
    fn lost(&mut self, out: &mut Vec<Instruction>) {
        if std::mem::take(&mut self.online) {
            out.push(Instruction::Tell(Signal::Status));
        }
    }

    /// The device was revoked.
    fn end(&mut self, out: &mut Vec<Instruction>) {
        self.revoked = true;
        self.online = false;
        Self::purge(out);
    }

    /// An errand that was under way at the end may have brought rows after all.
    fn after_the_end(event: &Event, out: &mut Vec<Instruction>) {
        if let Event::Done { outcome: Ok(_), .. } = event {
            Self::purge(out);
        }
    }

    fn purge(out: &mut Vec<Instruction>) {
        out.push(Instruction::Purge);
        out.push(Instruction::Tell(Signal::Everything));
        out.push(Instruction::Tell(Signal::Status));
    }
}

impl Outcome {
    /// Whether commands wait again that had been decided on.
    fn forgets(&self) -> bool {
        matches!(self, Self::Pulled(pulled) if pulled.forgotten)
    }

    /// Whether the cloud was asked, and answered.
    const fn is_contact(&self) -> Option<bool> {
        match self {
            Self::Pulled(_)
            | Self::Begun { .. }
            | Self::Taken { .. }
            | Self::Repaired { .. }
            | Self::Pushed(_) => Some(true),
            Self::Emptied | Self::Drained | Self::Refused { .. } | Self::Renumbered => None,
        }
    }
}
