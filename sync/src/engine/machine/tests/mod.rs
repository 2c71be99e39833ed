//! The machine, event by event and at random.

mod down;
mod liveness;
mod up;
mod world;

use super::*;
use domain::api::device::Notice;

const PACE: Pace = Pace {
    first_retry_ms: 500,
    longest_retry_ms: 30_000,
    wait_ms: 25_000,
    rest_ms: 60_000,
    verify_every: 8,
};

/// A machine and what it wanted since it was last asked.
struct Bench {
    engine: Engine,
    out: Vec<Instruction>,
}

impl Bench {
    fn new() -> Self {
        Self {
            engine: Engine::new(PACE),
            out: Vec::new(),
        }
    }

    /// Started, everything pulled, nothing queued; no stream.
    fn at_rest() -> Self {
        let mut bench = Self::new();
        bench.tell(Event::Started);
        bench.ok(FIRST_PULL, Outcome::Pulled(Pulled::default()));
        bench.ok(PUSH, Outcome::Drained);
        bench.tell(Event::Deaf { chance: 0 });
        bench.out.clear();
        bench
    }

    /// The same with a stream that is open.
    fn listening() -> Self {
        let mut bench = Self::new();
        bench.tell(Event::Started);
        bench.ok(FIRST_PULL, Outcome::Pulled(Pulled::default()));
        bench.ok(PUSH, Outcome::Drained);
        bench.tell(Event::Listening);
        bench.ok(LONG_PULL, Outcome::Pulled(Pulled::default()));
        bench.ok(PULL, Outcome::Pulled(Pulled::default()));
        bench.out.clear();
        bench
    }

    fn tell(&mut self, event: Event) {
        self.out.extend(self.engine.handle(event));
    }

    fn ok(&mut self, errand: Errand, outcome: Outcome) {
        self.over(errand, Ok(outcome));
    }

    fn fail(&mut self, errand: Errand, trouble: Trouble) {
        self.over(errand, Err(trouble));
    }

    fn over(&mut self, errand: Errand, outcome: Result<Outcome, Trouble>) {
        let chance = u16::MAX;
        self.tell(Event::Done {
            errand,
            outcome,
            chance,
        });
    }

    /// The errands that were begun since the last time.
    fn runs(&mut self) -> Vec<Errand> {
        let all = std::mem::take(&mut self.out);
        all.into_iter()
            .filter_map(|instruction| match instruction {
                Instruction::Run(errand) => Some(errand),
                _ => None,
            })
            .collect()
    }

    fn notices(&self) -> Vec<Notice> {
        let all = self.out.iter();
        all.filter_map(|instruction| match instruction {
            Instruction::Tell(Signal::Notice { notice }) => Some(notice.clone()),
            _ => None,
        })
        .collect()
    }

    fn wants(&self, instruction: &Instruction) -> bool {
        self.out.contains(instruction)
    }

    fn wakes(&self, line: Line) -> Option<u64> {
        self.out
            .iter()
            .rev()
            .find_map(|instruction| match instruction {
                Instruction::Wake { timer, after_ms } if *timer == Timer::Line(line) => {
                    Some(*after_ms)
                }
                _ => None,
            })
    }
}

const FIRST_PULL: Errand = Errand::Pull {
    wait_ms: 0,
    verify: true,
};
const PULL: Errand = Errand::Pull {
    wait_ms: 0,
    verify: false,
};
const LONG_PULL: Errand = Errand::Pull {
    wait_ms: PACE.wait_ms,
    verify: false,
};
const PUSH: Errand = Errand::Push {
    limit: domain::api::sync::MAX_COMMANDS,
};
const PUSH_ONE: Errand = Errand::Push { limit: 1 };

fn offline() -> Trouble {
    Trouble::Offline {
        retry_after_ms: None,
        reason: "no route".into(),
    }
}

fn status() -> Instruction {
    Instruction::Tell(Signal::Status)
}

#[test]
fn nothing_happens_before_the_start() {
    let mut bench = Bench::new();
    for event in [
        Event::Queued,
        Event::Poked,
        Event::Listening,
        Event::Fired(Timer::Listen),
    ] {
        bench.tell(event);
    }
    assert_eq!(bench.out, []);
    bench.tell(Event::Started);
    assert_eq!(bench.runs(), [FIRST_PULL, PUSH]);
    bench.tell(Event::Started);
    assert_eq!(bench.out, [], "it starts once");
}

#[test]
fn the_first_contact_opens_the_stream_and_the_last_failure_says_offline() {
    let mut bench = Bench::new();
    bench.tell(Event::Started);
    assert!(!bench.engine.view().online);
    bench.ok(FIRST_PULL, Outcome::Pulled(Pulled::default()));
    assert!(bench.wants(&Instruction::Listen) && bench.wants(&Instruction::Heard));
    assert!(bench.engine.view().online);
    bench.out.clear();
    bench.fail(LONG_PULL, offline());
    assert!(bench.wants(&status()) && !bench.engine.view().online);
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    bench.fail(PULL, offline());
    assert!(!bench.wants(&status()), "only a turn is told");
}

#[test]
fn a_stream_that_breaks_is_opened_again_later_and_later() {
    let mut bench = Bench::listening();
    let mut last = 0;
    for _ in 0..4 {
        bench.tell(Event::Deaf { chance: u16::MAX });
        let wait = bench.out.iter().find_map(|instruction| match instruction {
            Instruction::Wake { timer, after_ms } if *timer == Timer::Listen => Some(*after_ms),
            _ => None,
        });
        assert!(wait.unwrap() > last);
        last = wait.unwrap();
        bench.out.clear();
        bench.tell(Event::Fired(Timer::Listen));
        assert!(bench.wants(&Instruction::Listen));
        bench.tell(Event::Listening);
        bench.out.clear();
    }
    bench.tell(Event::Poked);
    bench.tell(Event::Deaf { chance: u16::MAX });
    let again = Instruction::Wake {
        timer: Timer::Listen,
        after_ms: PACE.first_retry_ms,
    };
    assert!(bench.wants(&again), "it did what it is for");
}

#[test]
fn what_was_not_asked_for_changes_nothing() {
    let mut bench = Bench::at_rest();
    bench.ok(PUSH, Outcome::Pushed(Pushed::default()));
    bench.ok(Errand::Renumber { expected: 7 }, Outcome::Renumbered);
    bench.fail(PULL, Trouble::Revoked);
    bench.tell(Event::Fired(Timer::Line(Line::Up)));
    bench.tell(Event::Listening);
    assert_eq!(bench.out, []);
}

#[test]
fn a_revoked_device_purges_and_does_nothing_more() {
    let mut bench = Bench::listening();
    bench.tell(Event::Poked);
    bench.tell(Event::Queued);
    assert_eq!(bench.runs(), [PULL, PUSH]);
    bench.fail(PUSH, Trouble::Revoked);
    assert!(bench.wants(&Instruction::Purge) && bench.engine.view().revoked);
    bench.out.clear();
    bench.ok(PULL, Outcome::Pulled(Pulled::default()));
    assert!(bench.wants(&Instruction::Purge), "it may have brought rows");
    bench.out.clear();
    for event in [
        Event::Started,
        Event::Queued,
        Event::Poked,
        Event::Fired(Timer::Line(Line::Up)),
    ] {
        bench.tell(event);
    }
    assert_eq!(bench.out, []);
}
