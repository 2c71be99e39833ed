//! A small world around the machine: a cloud, a replica, timers, a stream. It does what the machine says, or fails to.

use super::*;
use crate::replica::Settled;
use domain::api::sync::{Cursor, Offer, Scope, Sum};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Parts of a snapshot of this world.
const PARTS: u32 = 3;

pub(super) struct World {
    pub(super) engine: Engine,
    /// What is under way, by its line.
    pub(super) under_way: BTreeMap<Line, Errand>,
    pub(super) timers: BTreeSet<Timer>,
    /// The machine asked for a stream, and was not told how that goes.
    pub(super) opening: bool,
    pub(super) open: bool,
    /// Commands that wait, and whether the cloud can read them.
    pub(super) queue: VecDeque<bool>,
    first_cseq: u64,
    pub(super) expected: u64,
    /// How far the device and the cloud are.
    pub(super) here: u64,
    pub(super) there: u64,
    /// A snapshot is needed, of which so many parts are here.
    snapshot: Option<u32>,
    snapshots: u64,
    /// Repairs that it takes until nothing differs.
    pub(super) differs: u32,
    pub(super) revoked: bool,
    /// Whether rows could be here.
    pub(super) purged: bool,
}

impl World {
    pub(super) fn new() -> Self {
        let mut world = Self {
            engine: Engine::new(PACE),
            under_way: BTreeMap::new(),
            timers: BTreeSet::new(),
            opening: false,
            open: false,
            queue: VecDeque::new(),
            first_cseq: 1,
            expected: 1,
            here: 0,
            there: 0,
            snapshot: None,
            snapshots: 0,
            differs: 0,
            revoked: false,
            purged: false,
        };
        world.tell(Event::Started);
        world
    }

    pub(super) fn tell(&mut self, event: Event) {
        for instruction in self.engine.handle(event) {
            match instruction {
                Instruction::Run(errand) => {
                    let before = self.under_way.insert(errand.line(), errand);
                    assert_eq!(before, None, "two errands of a line under way");
                }
                Instruction::Wake { timer, .. } => {
                    self.timers.insert(timer);
                }
                Instruction::Listen => {
                    assert!(!self.opening && !self.open, "two streams");
                    self.opening = true;
                }
                Instruction::Purge => self.purged = true,
                Instruction::Heard | Instruction::Tell(_) => {}
            }
        }
        self.check();
    }

    /// What holds after every event.
    fn check(&self) {
        if self.engine.view().revoked {
            assert!(self.purged, "rows stay on a revoked device");
            return;
        }
        let goes_on =
            |line| self.under_way.contains_key(&line) || self.timers.contains(&Timer::Line(line));
        assert!(goes_on(Line::Down), "nobody would ever pull again");
        assert!(
            self.queue.is_empty() || goes_on(Line::Up),
            "nobody would ever push again"
        );
    }

    pub(super) fn queue(&mut self, readable: bool) {
        self.queue.push_back(readable);
        self.tell(Event::Queued);
    }

    pub(super) fn need_snapshot(&mut self) {
        self.snapshots += 1;
        self.snapshot = Some(0);
    }

    pub(super) fn fire(&mut self, timer: Timer) {
        if self.timers.remove(&timer) {
            self.tell(Event::Fired(timer));
        }
    }

    /// The stream opens, or breaks.
    pub(super) fn stream(&mut self, opens: bool, chance: u16) {
        if opens && self.opening {
            (self.opening, self.open) = (false, true);
            self.tell(Event::Listening);
        } else if !opens && (self.opening || self.open) {
            (self.opening, self.open) = (false, false);
            self.tell(Event::Deaf { chance });
        }
    }

    /// Ends what is under way on a line: with a trouble, or as it should.
    pub(super) fn end(&mut self, line: Line, trouble: Option<Trouble>, chance: u16) {
        let Some(errand) = self.under_way.remove(&line) else {
            return;
        };
        let outcome = match trouble {
            _ if self.revoked && !is_local(&errand) => Err(Trouble::Revoked),
            Some(trouble) => Err(trouble),
            None => self.run(&errand),
        };
        if outcome.is_ok() {
            self.purged = false;
        }
        self.tell(Event::Done {
            errand,
            outcome,
            chance,
        });
    }

    fn run(&mut self, errand: &Errand) -> Result<Outcome, Trouble> {
        Ok(match errand {
            Errand::Pull { .. } => Outcome::Pulled(self.pull()),
            Errand::Begin(offer) if offer.cursor.seq != self.snapshots => {
                return Err(Trouble::Gone);
            }
            Errand::Begin(_) => Outcome::Begun {
                done: self.snapshot.unwrap_or(PARTS),
                total: PARTS,
            },
            Errand::Part { cursor, .. } if cursor.seq != self.snapshots => {
                return Err(Trouble::Gone);
            }
            Errand::Part { part, .. } => {
                self.snapshot = Some(part + 1).filter(|done| *done < PARTS);
                Outcome::Taken {
                    next: self.snapshot,
                    differs: false,
                    news: News::default(),
                }
            }
            Errand::Repair { .. } => {
                self.differs = self.differs.saturating_sub(1);
                let news = News::default();
                Outcome::Repaired { news }
            }
            Errand::Anew { .. } => {
                (self.differs, self.here) = (0, 0);
                Outcome::Emptied
            }
            Errand::Push { limit } => return self.push(*limit),
            Errand::Refuse { cseq, .. } => {
                assert_eq!(*cseq, self.first_cseq);
                assert_eq!(
                    self.queue.pop_front(),
                    Some(false),
                    "a good one was refused"
                );
                self.first_cseq += 1;
                Outcome::Refused { needs_attention: 1 }
            }
            Errand::Renumber { expected } => {
                self.first_cseq = *expected;
                Outcome::Renumbered
            }
        })
    }

    fn pull(&mut self) -> Pulled {
        let mut pulled = Pulled::default();
        if self.snapshot.is_some() {
            pulled.moved = true;
            let seq = self.snapshots;
            pulled.offers.push(Offer {
                scope: Scope::prices(),
                cursor: Cursor { epoch: 1, seq },
                sum: Sum::default(),
            });
            return pulled;
        }
        pulled.moved = self.here < self.there;
        // Two at a time.
        self.here = self.there.min(self.here + 2);
        pulled.more = self.here < self.there;
        if self.differs > 0 {
            pulled.differing.insert(Scope::prices());
        }
        pulled
    }

    fn push(&mut self, limit: usize) -> Result<Outcome, Trouble> {
        let batch = self.queue.iter().take(limit.min(3));
        if !batch.clone().all(|readable| *readable) {
            return Err(Trouble::Unreadable {
                cseq: self.first_cseq,
                code: "c".into(),
                message: "m".into(),
            });
        }
        let confirmed = batch.count();
        if confirmed == 0 {
            return Ok(Outcome::Drained);
        }
        if self.first_cseq != self.expected {
            let expected = self.expected;
            return Err(Trouble::Expects { expected });
        }
        self.queue.drain(..confirmed);
        let first_cseq = self.first_cseq;
        self.first_cseq += u64::try_from(confirmed).unwrap();
        self.expected = self.first_cseq;
        Ok(Outcome::Pushed(Pushed {
            first_cseq,
            last_cseq: self.first_cseq - 1,
            settled: Settled {
                confirmed,
                rejected: 0,
            },
            ..Pushed::default()
        }))
    }

    pub(super) fn is_done(&self) -> bool {
        self.queue.is_empty()
            && self.here == self.there
            && self.snapshot.is_none()
            && self.differs == 0
            && !self.engine.view().repairing
    }
}

fn is_local(errand: &Errand) -> bool {
    matches!(
        errand,
        Errand::Anew { .. } | Errand::Refuse { .. } | Errand::Renumber { .. }
    )
}
