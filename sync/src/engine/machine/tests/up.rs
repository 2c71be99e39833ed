//! Commands on their way up.

use super::*;
use crate::replica::Settled;

fn pushed(first_cseq: u64, last_cseq: u64, rejected: usize) -> Outcome {
    let sent = usize::try_from(last_cseq - first_cseq + 1).unwrap();
    let settled = Settled {
        confirmed: sent - rejected,
        rejected,
    };
    Outcome::Pushed(Pushed {
        first_cseq,
        last_cseq,
        settled,
        needs_attention: u32::try_from(rejected).unwrap(),
        ..Pushed::default()
    })
}

fn unreadable(cseq: u64) -> Trouble {
    Trouble::Unreadable {
        cseq,
        code: "invalid-request".into(),
        message: "not so".into(),
    }
}

#[test]
fn the_queue_is_sent_until_it_is_empty() {
    let mut bench = Bench::at_rest();
    bench.tell(Event::Queued);
    bench.tell(Event::Queued);
    assert_eq!(bench.runs(), [PUSH], "one at a time");
    bench.ok(PUSH, pushed(1, 2, 0));
    assert_eq!(bench.runs(), [PUSH]);
    bench.ok(PUSH, Outcome::Drained);
    assert_eq!(bench.runs(), []);
    assert_eq!(bench.notices(), [], "nothing was held up");
}

#[test]
fn what_was_queued_while_a_push_looked_is_not_forgotten() {
    let mut bench = Bench::at_rest();
    bench.tell(Event::Queued);
    bench.tell(Event::Queued);
    bench.out.clear();
    bench.ok(PUSH, Outcome::Drained);
    assert_eq!(bench.runs(), [PUSH]);
}

#[test]
fn a_failure_is_tried_again_without_a_new_write() {
    let mut bench = Bench::at_rest();
    bench.tell(Event::Queued);
    bench.fail(PUSH, offline());
    assert_eq!(bench.wakes(Line::Up), Some(PACE.first_retry_ms));
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Up)));
    bench.fail(PUSH, offline());
    assert_eq!(bench.wakes(Line::Up), Some(2 * PACE.first_retry_ms));
    bench.tell(Event::Fired(Timer::Line(Line::Up)));
    bench.ok(PUSH, pushed(1, 1, 0));
    bench.ok(PUSH, Outcome::Drained);
    assert_eq!(bench.notices(), [Notice::Sent { commands: 1 }]);
}

#[test]
fn a_contact_of_the_other_line_ends_the_wait_unless_the_cloud_asked_for_it() {
    for (retry_after_ms, expected) in [(None, vec![PUSH]), (Some(9_000), vec![])] {
        let mut bench = Bench::at_rest();
        bench.tell(Event::Queued);
        let reason = "busy".into();
        let trouble = Trouble::Offline {
            retry_after_ms,
            reason,
        };
        bench.fail(PUSH, trouble);
        assert!(bench.wakes(Line::Up).unwrap() >= retry_after_ms.unwrap_or(0));
        bench.out.clear();
        bench.ok(
            LONG_PULL,
            Outcome::Pulled(Pulled {
                moved: true,
                ..Pulled::default()
            }),
        );
        let mut runs = bench.runs();
        runs.retain(|errand| errand.line() == Line::Up);
        assert_eq!(runs, expected);
    }
}

#[test]
fn what_the_cloud_has_forgotten_is_sent_without_anybody_writing_anything() {
    let mut bench = Bench::at_rest();
    bench.out.clear();
    let forgotten = Pulled {
        forgotten: true,
        ..Pulled::default()
    };
    bench.ok(LONG_PULL, Outcome::Pulled(forgotten));
    let mut runs = bench.runs();
    runs.retain(|errand| errand.line() == Line::Up);
    assert_eq!(runs, [PUSH]);
}

#[test]
fn a_poison_command_stops_none_of_the_others() {
    let mut bench = Bench::at_rest();
    bench.tell(Event::Queued);
    bench.out.clear();
    bench.fail(PUSH, unreadable(1));
    assert_eq!(bench.runs(), [PUSH_ONE], "who is it?");
    bench.ok(PUSH_ONE, pushed(1, 1, 0));
    assert_eq!(bench.runs(), [PUSH_ONE]);
    bench.fail(PUSH_ONE, unreadable(2));
    let refuse = Errand::Refuse {
        cseq: 2,
        code: "invalid-request".into(),
        message: "not so".into(),
    };
    assert_eq!(bench.runs(), std::slice::from_ref(&refuse));
    bench.ok(refuse, Outcome::Refused { needs_attention: 1 });
    assert_eq!(bench.notices(), [Notice::NeedsAttention { commands: 1 }]);
    assert_eq!(bench.runs(), [PUSH], "the others together again");
    bench.fail(PUSH, Trouble::Expects { expected: 2 });
    let renumber = Errand::Renumber { expected: 2 };
    assert_eq!(bench.runs(), std::slice::from_ref(&renumber));
    bench.ok(renumber, Outcome::Renumbered);
    bench.ok(PUSH, pushed(2, 9, 0));
    bench.ok(PUSH, Outcome::Drained);
    assert_eq!(bench.wakes(Line::Up), None);
}

#[test]
fn renumbering_in_circles_ends_in_a_wait() {
    let mut bench = Bench::at_rest();
    bench.tell(Event::Queued);
    for expected in 1..=3 {
        bench.fail(PUSH, Trouble::Expects { expected });
        bench.ok(Errand::Renumber { expected }, Outcome::Renumbered);
    }
    bench.out.clear();
    bench.fail(PUSH, Trouble::Expects { expected: 4 });
    assert_eq!(bench.wakes(Line::Up), Some(PACE.first_retry_ms));
    assert_eq!(bench.runs(), []);
}

#[test]
fn lower_numbers_after_a_renumbering_are_progress() {
    let mut bench = Bench::at_rest();
    bench.tell(Event::Queued);
    bench.ok(PUSH, pushed(8, 9, 0));
    bench.fail(PUSH, Trouble::Expects { expected: 4 });
    bench.ok(Errand::Renumber { expected: 4 }, Outcome::Renumbered);
    bench.out.clear();
    bench.ok(PUSH, pushed(4, 5, 0));
    assert_eq!(bench.runs(), [PUSH]);
}

#[test]
fn a_new_write_ends_the_wait_unless_the_cloud_asked_for_it() {
    for (retry_after_ms, expected) in [(None, vec![PUSH]), (Some(9_000), vec![])] {
        let mut bench = Bench::at_rest();
        bench.tell(Event::Queued);
        let reason = "busy".into();
        let trouble = Trouble::Offline {
            retry_after_ms,
            reason,
        };
        bench.fail(PUSH, trouble);
        bench.out.clear();
        bench.tell(Event::Queued);
        assert_eq!(bench.runs(), expected);
    }
}

#[test]
fn an_answer_that_decides_on_nothing_ends_in_a_wait() {
    let mut bench = Bench::at_rest();
    bench.tell(Event::Queued);
    bench.ok(PUSH, pushed(1, 1, 0));
    bench.out.clear();
    bench.ok(PUSH, pushed(1, 1, 0));
    assert!(bench.wakes(Line::Up).is_some());
    assert_eq!(bench.runs(), []);
}

#[test]
fn refusals_are_told_and_what_was_written_offline_is_counted() {
    let mut bench = Bench::at_rest();
    bench.fail(LONG_PULL, offline());
    bench.tell(Event::Queued);
    bench.tell(Event::Queued);
    bench.tell(Event::Queued);
    bench.ok(PUSH, pushed(1, 3, 1));
    assert_eq!(bench.notices(), [Notice::NeedsAttention { commands: 1 }]);
    bench.out.clear();
    bench.ok(PUSH, Outcome::Drained);
    assert_eq!(bench.notices(), [Notice::Sent { commands: 2 }]);
}
