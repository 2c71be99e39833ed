//! The line from the device to the cloud: sends what is queued, oldest first, until nothing is.

use super::Pace;
use super::event::{Outcome, Pushed, Trouble};
use super::instruction::{Errand, Instruction, Line};
use super::tally::Tally;
use super::track::Track;
use domain::api::device::{Notice, Signal};
use domain::api::sync::MAX_COMMANDS;

/// After so many renumberings in a row that led nowhere the line waits.
const RENUMBERINGS: u32 = 3;

/// The line from the device to the cloud.
#[derive(Debug, Clone)]
pub(super) struct Up {
    track: Track,
    tally: Tally,
    /// Commands in one push. One while a command that the cloud cannot read is looked for: alone, it stops no other.
    limit: usize,
    /// Something was queued while an errand was under way, which may not have seen it.
    wanted: bool,
    /// The first number of the last push that was decided on: the next one begins higher.
    decided: u64,
    renumbered: u32,
}

impl Up {
    pub(super) fn new(pace: &Pace) -> Self {
        Self {
            track: Track::new(Line::Up, pace),
            tally: Tally::default(),
            limit: MAX_COMMANDS,
            wanted: false,
            decided: 0,
            renumbered: 0,
        }
    }

    pub(super) fn start(&mut self, out: &mut Vec<Instruction>) {
        if self.track.is_idle() {
            self.push(out);
        }
    }

    /// Somebody did something.
    pub(super) fn queued(&mut self, online: bool, out: &mut Vec<Instruction>) {
        self.tally.queued();
        if !online {
            self.tally.held_up();
        }
        self.wait_no_longer(out);
    }

    /// Commands wait again that the cloud had decided on and has forgotten.
    pub(super) fn forgotten(&mut self, out: &mut Vec<Instruction>) {
        self.decided = 0;
        self.wait_no_longer(out);
    }

    fn wait_no_longer(&mut self, out: &mut Vec<Instruction>) {
        self.wanted = true;
        if self.track.is_idle() || self.track.may_hurry() {
            self.push(out);
        }
    }

    /// The cloud is back.
    pub(super) fn hurry(&mut self, out: &mut Vec<Instruction>) {
        if self.track.may_hurry() {
            self.push(out);
        }
    }

    pub(super) fn fired(&mut self, out: &mut Vec<Instruction>) {
        if self.track.is_waiting() {
            self.push(out);
        }
    }

    pub(super) fn land(&mut self, errand: &Errand) -> bool {
        self.track.land(errand)
    }

    fn push(&mut self, out: &mut Vec<Instruction>) {
        self.wanted = false;
        self.track.run(Errand::Push { limit: self.limit }, out);
    }

    /// An errand of this line went well.
    pub(super) fn went(&mut self, outcome: Outcome, chance: u16, out: &mut Vec<Instruction>) {
        match outcome {
            Outcome::Drained if !self.wanted => return self.drained(out),
            Outcome::Pushed(pushed) => {
                if pushed.first_cseq <= self.decided {
                    // It decided on nothing that was sent: asking again at once would go on for ever.
                    self.decided = 0;
                    return self.track.wait(None, chance, out);
                }
                self.pushed(pushed, out);
            }
            Outcome::Refused { needs_attention } => {
                self.limit = MAX_COMMANDS;
                self.refused(1, needs_attention, out);
                out.push(Instruction::Tell(Signal::Everything));
            }
            Outcome::Renumbered => self.decided = 0,
            _ => {}
        }
        self.push(out);
    }

    fn pushed(&mut self, pushed: Pushed, out: &mut Vec<Instruction>) {
        self.track.went_well();
        self.renumbered = 0;
        self.decided = pushed.first_cseq;
        self.tally.confirmed(pushed.settled.confirmed);
        out.push(Instruction::Tell(Signal::Status));
        let customers = pushed.customers.into_iter();
        out.extend(customers.map(|customer| Instruction::Tell(Signal::Customer { customer })));
        let carts = pushed.carts.into_iter();
        out.extend(carts.map(|cart| Instruction::Tell(Signal::Cart { cart })));
        if pushed.settled.rejected > 0 {
            self.refused(pushed.settled.rejected, pushed.needs_attention, out);
        }
    }

    fn refused(&mut self, commands: usize, needs_attention: u32, out: &mut Vec<Instruction>) {
        self.tally.refused(commands);
        out.push(Instruction::Tell(Signal::Notice {
            notice: Notice::NeedsAttention {
                commands: needs_attention,
            },
        }));
    }

    fn drained(&mut self, out: &mut Vec<Instruction>) {
        self.track.went_well();
        self.limit = MAX_COMMANDS;
        self.decided = 0;
        self.renumbered = 0;
        if let Some(commands) = self.tally.drained() {
            let notice = Notice::Sent { commands };
            out.push(Instruction::Tell(Signal::Notice { notice }));
        }
    }

    /// An errand of this line failed.
    pub(super) fn failed(&mut self, trouble: Trouble, chance: u16, out: &mut Vec<Instruction>) {
        match trouble {
            Trouble::Expects { expected } if self.renumbered < RENUMBERINGS => {
                self.renumbered += 1;
                self.track.run(Errand::Renumber { expected }, out);
            }
            Trouble::Unreadable { .. } if self.limit > 1 => {
                self.limit = 1;
                self.push(out);
            }
            Trouble::Unreadable {
                cseq,
                code,
                message,
            } => {
                let errand = Errand::Refuse {
                    cseq,
                    code,
                    message,
                };
                self.track.run(errand, out);
            }
            trouble => {
                self.renumbered = 0;
                self.tally.held_up();
                self.track.wait(trouble.told_ms(), chance, out);
            }
        }
    }
}
