//! The line from the cloud to the device: pulls, snapshots, repairs.

use super::Pace;
use super::event::{News, Outcome, Pulled, Trouble};
use super::instruction::{Errand, Instruction, Line};
use super::loads::Loads;
use super::mending::{Mending, Remedy};
use super::track::Track;
use domain::api::device::{Loading, Signal};
use domain::api::sync::Scope;
use std::collections::BTreeSet;

/// A cloud that answers "nothing new" is asked again after this pause only, should it not have waited itself.
const PAUSE_MS: u64 = 500;

/// The line from the cloud to the device.
#[derive(Debug, Clone)]
pub(super) struct Down {
    pace: Pace,
    track: Track,
    loads: Loads,
    mending: Mending,
    repairs: BTreeSet<Scope>,
    anew: BTreeSet<Scope>,
    /// Something may be new: pull without waiting in the cloud.
    again: bool,
    /// Compare every scope with the next pull.
    verify: bool,
    /// Pulls since every scope was compared.
    pulls: u32,
    /// What is told when nothing more is to come.
    held: News,
}

impl Down {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            track: Track::new(Line::Down, &pace),
            pace,
            loads: Loads::default(),
            mending: Mending::default(),
            repairs: BTreeSet::new(),
            anew: BTreeSet::new(),
            again: true,
            verify: true,
            pulls: 0,
            held: News::default(),
        }
    }

    pub(super) fn start(&mut self, hears: bool, out: &mut Vec<Instruction>) {
        if self.track.is_idle() {
            self.next(hears, out);
        }
    }

    /// Something may have moved. A pull that failed keeps its patience: pokes come as often as they like.
    pub(super) fn poked(&mut self, hears: bool, out: &mut Vec<Instruction>) {
        self.again = true;
        if self.track.is_resting() {
            self.next(hears, out);
        }
    }

    /// The cloud is back: another one, perhaps, than the one that was there before.
    pub(super) fn hurry(&mut self, hears: bool, out: &mut Vec<Instruction>) {
        self.verify = true;
        if self.track.may_hurry() {
            self.next(hears, out);
        }
    }

    pub(super) fn fired(&mut self, hears: bool, out: &mut Vec<Instruction>) {
        if self.track.is_resting() {
            // Silence is asked about now and then: a poke can be lost, and what differs in a scope that never moves shows
            // only where it is compared.
            self.again |= hears;
            self.verify |= hears;
            self.next(hears, out);
        } else if self.track.is_waiting() {
            self.next(hears, out);
        }
    }

    pub(super) fn land(&mut self, errand: &Errand) -> bool {
        self.track.land(errand)
    }

    /// An errand of this line went well.
    pub(super) fn went(
        &mut self,
        errand: &Errand,
        outcome: Outcome,
        chance: u16,
        hears: bool,
        out: &mut Vec<Instruction>,
    ) {
        match (errand, outcome) {
            (Errand::Pull { wait_ms, verify }, Outcome::Pulled(pulled)) => {
                let waited = *wait_ms > 0;
                self.pulled(pulled, *verify, waited, chance, hears, out);
                return;
            }
            (_, Outcome::Begun { done, total }) => self.loads.begin(done, total),
            (
                Errand::Part { scope, .. },
                Outcome::Taken {
                    next,
                    differs,
                    news,
                },
            ) => {
                self.track.went_well();
                self.held.add(news);
                self.loads.take(next);
                if differs {
                    self.differ(BTreeSet::from([scope.clone()]));
                }
                out.push(Instruction::Tell(Signal::Status));
            }
            (_, Outcome::Repaired { news }) => {
                self.held.add(news);
                self.verify = true;
            }
            (Errand::Anew { scope }, _) => {
                self.loads.forget(scope);
                self.held.everything = true;
            }
            _ => {}
        }
        self.again = true;
        self.next(hears, out);
    }

    fn pulled(
        &mut self,
        pulled: Pulled,
        verified: bool,
        waited: bool,
        chance: u16,
        hears: bool,
        out: &mut Vec<Instruction>,
    ) {
        self.pulls = if verified {
            0
        } else {
            self.pulls.saturating_add(1)
        };
        self.again |= pulled.more;
        self.held.add(pulled.news);
        let in_circles = self.loads.offer(pulled.offers) || (pulled.more && !pulled.moved);
        if verified {
            self.verify = false;
            self.mending.compared(&pulled.differing);
        }
        let not_mended = self.differ(pulled.differing);
        let all_is_here = self.loads.is_done() && !pulled.more;
        if all_is_here {
            self.tell(out);
        }
        // The age on every screen moved, too.
        if pulled.moved || all_is_here {
            out.push(Instruction::Tell(Signal::Status));
        }
        if in_circles || not_mended {
            self.track.wait(None, chance, out);
            return;
        }
        self.track.went_well();
        let asked_in_vain = !pulled.moved && (waited || self.pace.wait_ms == 0);
        if asked_in_vain && !hears && self.has_nothing_else() {
            self.track.rest(self.pace.wait_ms.clamp(1, PAUSE_MS), out);
        } else {
            self.next(hears, out);
        }
    }

    /// Scopes differ: whether that had been tried to mend before.
    fn differ(&mut self, scopes: BTreeSet<Scope>) -> bool {
        let mut tried = false;
        for scope in scopes {
            match self.mending.differs(&scope) {
                Remedy::Repair => {
                    self.repairs.insert(scope);
                }
                Remedy::RepairLater => {
                    self.repairs.insert(scope);
                    tried = true;
                }
                Remedy::Anew => {
                    self.repairs.remove(&scope);
                    self.anew.insert(scope);
                    tried = true;
                }
            }
        }
        tried
    }

    /// An errand of this line failed.
    pub(super) fn failed(
        &mut self,
        errand: &Errand,
        trouble: &Trouble,
        chance: u16,
        out: &mut Vec<Instruction>,
    ) {
        // Whether the cloud is back is asked without waiting in it.
        self.again = true;
        let no_contact = matches!(trouble, Trouble::Offline { .. });
        match errand {
            Errand::Pull { verify, .. } => {
                self.verify |= verify;
                if let Trouble::Gap { scope } = trouble
                    && self.mending.differs(scope) == Remedy::Anew
                {
                    self.anew.insert(scope.clone());
                }
            }
            Errand::Begin(_) | Errand::Part { .. } if *trouble == Trouble::Gone => {
                self.loads.give_up();
            }
            Errand::Begin(_) | Errand::Part { .. } if !no_contact => self.loads.fail(),
            Errand::Repair { scope } if no_contact => {
                self.repairs.insert(scope.clone());
            }
            // The next comparison says whether it still differs.
            Errand::Repair { scope } => {
                self.verify = true;
                if *trouble == Trouble::Gone {
                    self.mending.is_hopeless(scope);
                }
            }
            Errand::Anew { scope } => {
                self.anew.insert(scope.clone());
            }
            _ => {}
        }
        self.track.wait(trouble.told_ms(), chance, out);
    }

    fn has_nothing_else(&self) -> bool {
        !self.again && !self.verify && self.repairs.is_empty() && self.loads.is_done()
    }

    /// Begins what comes next: snapshots first, then repairs, then pulls.
    fn next(&mut self, hears: bool, out: &mut Vec<Instruction>) {
        if let Some(errand) = self.loads.next() {
            return self.track.run(errand, out);
        }
        if let Some(scope) = self.repairs.pop_first() {
            return self.track.run(Errand::Repair { scope }, out);
        }
        if let Some(scope) = self.anew.pop_first() {
            return self.track.run(Errand::Anew { scope }, out);
        }
        let verify = std::mem::take(&mut self.verify) || self.pulls >= self.pace.verify_every;
        let again = std::mem::take(&mut self.again) || verify;
        if again || !hears {
            let wait_ms = if again { 0 } else { self.pace.wait_ms };
            return self.track.run(Errand::Pull { wait_ms, verify }, out);
        }
        self.track.rest(self.pace.rest_ms, out);
    }

    /// Tells what changed since everything was last here.
    fn tell(&mut self, out: &mut Vec<Instruction>) {
        let news = std::mem::take(&mut self.held);
        if news.everything {
            out.push(Instruction::Tell(Signal::Everything));
            return;
        }
        let customers = news.customers.into_iter();
        out.extend(customers.map(|customer| Instruction::Tell(Signal::Customer { customer })));
        let carts = news.carts.into_iter();
        out.extend(carts.map(|cart| Instruction::Tell(Signal::Cart { cart })));
        out.extend(news.help.then_some(Instruction::Tell(Signal::Help)));
    }

    pub(super) fn loading(&self) -> Option<Loading> {
        self.loads.progress()
    }

    pub(super) fn is_repairing(&self) -> bool {
        self.mending.is_at_work()
    }
}
