//! Pages, snapshots and repairs on their way down.

use super::*;
use domain::api::sync::{Cursor, Offer, Scope, Sum};
use std::collections::BTreeSet;

fn pulled(moved: bool, more: bool) -> Outcome {
    Outcome::Pulled(Pulled {
        moved,
        more,
        ..Pulled::default()
    })
}

fn offer(scope: Scope, seq: u64) -> Offer {
    Offer {
        scope,
        cursor: Cursor { epoch: 1, seq },
        sum: Sum::default(),
    }
}

fn offers(offers: Vec<Offer>) -> Outcome {
    Outcome::Pulled(Pulled {
        moved: true,
        offers,
        ..Pulled::default()
    })
}

fn part(offer: &Offer, part: u32) -> Errand {
    Errand::Part {
        scope: offer.scope.clone(),
        cursor: offer.cursor,
        part,
    }
}

fn taken(next: Option<u32>) -> Outcome {
    Outcome::Taken {
        next,
        differs: false,
        news: News::default(),
    }
}

fn differing(scope: &Scope) -> Outcome {
    Outcome::Pulled(Pulled {
        moved: true,
        differing: BTreeSet::from([scope.clone()]),
        ..Pulled::default()
    })
}

#[test]
fn without_a_stream_it_waits_in_the_cloud() {
    let mut bench = Bench::new();
    bench.tell(Event::Started);
    bench.out.clear();
    bench.ok(FIRST_PULL, pulled(true, true));
    assert_eq!(bench.runs(), [PULL]);
    bench.ok(PULL, pulled(true, false));
    assert_eq!(bench.runs(), [LONG_PULL]);
    bench.ok(LONG_PULL, pulled(true, false));
    assert_eq!(bench.runs(), [LONG_PULL]);
    bench.ok(LONG_PULL, pulled(false, false));
    assert!(
        bench.wakes(Line::Down).unwrap() <= 500,
        "a cloud may not have waited"
    );
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [LONG_PULL]);
}

#[test]
fn every_scope_is_compared_at_the_start_and_now_and_then() {
    let mut bench = Bench::new();
    bench.tell(Event::Started);
    bench.fail(FIRST_PULL, offline());
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [FIRST_PULL], "it was not answered");
    bench.ok(FIRST_PULL, pulled(true, false));
    for _ in 0..PACE.verify_every {
        assert_eq!(bench.runs(), [LONG_PULL]);
        bench.ok(LONG_PULL, pulled(true, false));
    }
    assert_eq!(bench.runs(), [FIRST_PULL]);
    bench.fail(FIRST_PULL, offline());
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [FIRST_PULL], "it is still due");
}

#[test]
fn every_scope_is_compared_when_the_cloud_is_back_and_in_silence() {
    let mut bench = Bench::listening();
    bench.tell(Event::Poked);
    bench.fail(PULL, offline());
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    bench.ok(PULL, pulled(false, false));
    assert_eq!(bench.runs(), [PULL, FIRST_PULL], "it may be another one");
    bench.ok(FIRST_PULL, pulled(false, false));
    assert_eq!(
        bench.wakes(Line::Down),
        Some(PACE.rest_ms),
        "once is enough"
    );
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [FIRST_PULL], "a scope that never moves");
    bench.ok(FIRST_PULL, pulled(false, false));
    bench.out.clear();
    bench.tell(Event::Poked);
    assert_eq!(bench.runs(), [PULL]);
}

#[test]
fn with_a_stream_it_pulls_when_poked_and_now_and_then() {
    let mut bench = Bench::listening();
    bench.tell(Event::Poked);
    bench.tell(Event::Poked);
    assert_eq!(bench.runs(), [PULL], "one at a time");
    bench.ok(PULL, pulled(true, false));
    assert_eq!(bench.runs(), [PULL], "the second poke may have come after");
    bench.ok(PULL, pulled(false, false));
    assert_eq!(bench.wakes(Line::Down), Some(PACE.rest_ms));
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs().len(), 1, "a poke may be lost");
}

#[test]
fn pokes_do_not_hurry_a_pull_that_fails() {
    let mut bench = Bench::listening();
    bench.tell(Event::Poked);
    let reason = "nonsense".to_owned();
    bench.fail(PULL, Trouble::Unusable { reason });
    bench.out.clear();
    for _ in 0..9 {
        bench.tell(Event::Poked);
    }
    assert_eq!(bench.runs(), []);
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [PULL]);
}

#[test]
fn a_stream_that_breaks_is_replaced_by_asking() {
    let mut bench = Bench::listening();
    bench.tell(Event::Deaf { chance: 0 });
    assert_eq!(bench.runs(), [PULL], "what moved meanwhile");
    bench.ok(PULL, pulled(false, false));
    assert_eq!(bench.runs(), [LONG_PULL]);
}

#[test]
fn snapshots_come_part_by_part_and_then_what_is_newer() {
    let mut bench = Bench::new();
    bench.tell(Event::Started);
    let (prices, items) = (offer(Scope::prices(), 5), offer(Scope::catalogue(1), 9));
    bench.out.clear();
    bench.ok(FIRST_PULL, offers(vec![prices.clone(), items.clone()]));
    assert_eq!(bench.runs(), [Errand::Begin(prices.clone())]);
    bench.ok(
        Errand::Begin(prices.clone()),
        Outcome::Begun { done: 1, total: 3 },
    );
    let loading = bench.engine.view().loading.unwrap();
    assert_eq!((loading.done, loading.total), (1, 4));
    assert_eq!(
        bench.runs(),
        [part(&prices, 1)],
        "the first is here from before"
    );
    bench.ok(part(&prices, 1), taken(Some(2)));
    bench.fail(part(&prices, 2), offline());
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [part(&prices, 2)], "it goes on where it was");
    bench.ok(part(&prices, 2), taken(None));
    assert_eq!(bench.runs(), [Errand::Begin(items.clone())]);
    bench.ok(
        Errand::Begin(items.clone()),
        Outcome::Begun { done: 0, total: 1 },
    );
    let loading = bench.engine.view().loading.unwrap();
    assert_eq!((loading.done, loading.total), (3, 4));
    bench.out.clear();
    bench.ok(part(&items, 0), taken(None));
    assert_eq!(bench.engine.view().loading, None);
    assert_eq!(bench.runs(), [FIRST_PULL], "the cloud was away");
}

#[test]
fn a_snapshot_that_is_gone_is_asked_for_anew() {
    let mut bench = Bench::at_rest();
    let prices = offer(Scope::prices(), 5);
    bench.ok(LONG_PULL, offers(vec![prices.clone()]));
    bench.fail(Errand::Begin(prices), Trouble::Gone);
    assert!(bench.wakes(Line::Down).is_some());
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [PULL]);
}

#[test]
fn a_part_that_is_never_right_is_given_up() {
    let mut bench = Bench::at_rest();
    let prices = offer(Scope::prices(), 5);
    bench.ok(LONG_PULL, offers(vec![prices.clone()]));
    bench.ok(
        Errand::Begin(prices.clone()),
        Outcome::Begun { done: 0, total: 2 },
    );
    for _ in 0..3 {
        let reason = "another hash".to_owned();
        bench.fail(part(&prices, 0), Trouble::Unusable { reason });
        bench.out.clear();
        bench.tell(Event::Fired(Timer::Line(Line::Down)));
    }
    assert_eq!(bench.runs(), [PULL]);
}

#[test]
fn a_cloud_that_offers_in_circles_is_asked_later() {
    let mut bench = Bench::at_rest();
    let prices = offer(Scope::prices(), 5);
    bench.ok(LONG_PULL, offers(vec![prices.clone()]));
    bench.ok(
        Errand::Begin(prices.clone()),
        Outcome::Begun { done: 0, total: 1 },
    );
    bench.ok(part(&prices, 0), taken(None));
    bench.out.clear();
    bench.ok(PULL, offers(vec![prices]));
    assert_eq!(bench.wakes(Line::Down), Some(PACE.first_retry_ms));
    assert_eq!(bench.runs(), []);
}

#[test]
fn what_differs_is_repaired_then_begun_anew_once() {
    let scope = Scope::prices();
    let mut bench = Bench::at_rest();
    let repair = Errand::Repair {
        scope: scope.clone(),
    };
    let repaired = || Outcome::Repaired {
        news: News::default(),
    };
    bench.ok(LONG_PULL, differing(&scope));
    assert!(bench.engine.view().repairing);
    assert_eq!(bench.runs(), std::slice::from_ref(&repair));
    for _ in 0..2 {
        bench.ok(repair.clone(), repaired());
        assert_eq!(bench.runs(), [FIRST_PULL], "did it help?");
        bench.ok(FIRST_PULL, differing(&scope));
        assert_eq!(bench.runs(), [], "not at once");
        bench.tell(Event::Fired(Timer::Line(Line::Down)));
        assert_eq!(bench.runs(), std::slice::from_ref(&repair));
    }
    bench.ok(repair.clone(), repaired());
    bench.ok(FIRST_PULL, differing(&scope));
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    let anew = Errand::Anew {
        scope: scope.clone(),
    };
    assert_eq!(bench.runs(), std::slice::from_ref(&anew));
    bench.ok(anew, Outcome::Emptied);
    assert_eq!(bench.runs(), [PULL]);
    bench.ok(PULL, differing(&scope));
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(
        bench.runs(),
        std::slice::from_ref(&repair),
        "rows that differ serve better than none"
    );
    bench.ok(repair, repaired());
    bench.ok(FIRST_PULL, pulled(true, false));
    assert!(!bench.engine.view().repairing);
}

#[test]
fn a_snapshot_that_does_not_add_up_is_repaired() {
    let mut bench = Bench::at_rest();
    let prices = offer(Scope::prices(), 5);
    bench.ok(LONG_PULL, offers(vec![prices.clone()]));
    let begun = Outcome::Begun { done: 0, total: 1 };
    bench.ok(Errand::Begin(prices.clone()), begun);
    bench.out.clear();
    let taken = Outcome::Taken {
        next: None,
        differs: true,
        news: News::default(),
    };
    bench.ok(part(&prices, 0), taken);
    let scope = Scope::prices();
    assert_eq!(bench.runs(), [Errand::Repair { scope }]);
}

#[test]
fn what_the_cloud_does_not_repair_is_begun_anew() {
    let scope = Scope::prices();
    let mut bench = Bench::at_rest();
    bench.ok(LONG_PULL, differing(&scope));
    let repair = Errand::Repair {
        scope: scope.clone(),
    };
    bench.fail(repair, Trouble::Gone);
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    bench.ok(FIRST_PULL, differing(&scope));
    bench.out.clear();
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [Errand::Anew { scope }]);
}

#[test]
fn a_repair_that_did_not_get_through_is_no_try() {
    let scope = Scope::prices();
    let mut bench = Bench::at_rest();
    let repair = Errand::Repair {
        scope: scope.clone(),
    };
    bench.ok(LONG_PULL, differing(&scope));
    for _ in 0..9 {
        bench.fail(repair.clone(), offline());
        bench.out.clear();
        bench.tell(Event::Fired(Timer::Line(Line::Down)));
        assert_eq!(bench.runs(), std::slice::from_ref(&repair));
    }
}

#[test]
fn a_page_that_never_follows_ends_in_a_new_beginning() {
    let scope = Scope::prices();
    let mut bench = Bench::at_rest();
    bench.fail(
        LONG_PULL,
        Trouble::Gap {
            scope: scope.clone(),
        },
    );
    for _ in 0..3 {
        bench.tell(Event::Fired(Timer::Line(Line::Down)));
        bench.fail(
            PULL,
            Trouble::Gap {
                scope: scope.clone(),
            },
        );
        bench.out.clear();
    }
    bench.tell(Event::Fired(Timer::Line(Line::Down)));
    assert_eq!(bench.runs(), [Errand::Anew { scope }]);
}

#[test]
fn news_are_told_when_nothing_more_is_to_come() {
    let mut bench = Bench::at_rest();
    let zoe = domain::ids::CustomerId::parse("c-1").unwrap();
    let news = News {
        customers: BTreeSet::from([zoe.clone()]),
        ..News::default()
    };
    let page = |more| {
        Outcome::Pulled(Pulled {
            moved: true,
            more,
            news: news.clone(),
            ..Pulled::default()
        })
    };
    let told = Instruction::Tell(Signal::Customer { customer: zoe });
    bench.ok(LONG_PULL, page(true));
    assert!(!bench.wants(&told) && bench.wants(&status()));
    bench.ok(PULL, page(false));
    let times = bench.out.iter().filter(|instruction| **instruction == told);
    assert_eq!(times.count(), 1);
}
