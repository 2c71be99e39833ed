//! Nobody pays twice, nobody gets two orders, and no state is a dead end.

use super::fixture::*;
use crate::cart::*;
use crate::ids::{OrderId, PaymentKey};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn phase(cart: &Cart) -> &Phase {
    match &cart.status {
        Status::Checkout(checkout) => &checkout.phase,
        other => panic!("no checkout: {other:?}"),
    }
}

fn paying() -> Cart {
    let mut cart = held_cart("k");
    let begun = begin(&cart, "d-1", 1);
    assert_eq!(turn(&mut cart, begun).outcome, Outcome::Applied);
    let payment = payment_key(&cart.order_id(), 1);
    let asked = turn(&mut cart, CheckoutTurn::Pay { at: noon() });
    assert_eq!(asked.duties, [Duty::Charge { payment }]);
    cart
}

#[test]
fn i04_a_cart_is_ordered_once_under_the_one_id_it_can_have() {
    let mut cart = ordered("k");
    let order = cart.order_id();
    assert_eq!(order, order_id(&cart.opening.id, 1));
    let again = turn(&mut cart, CheckoutTurn::Complete { order });
    assert_eq!(
        again,
        Step {
            outcome: Outcome::Applied,
            duties: vec![]
        }
    );
    assert_eq!(cart.orders.len(), 1);
    let begun = begin(&cart, "d-1", 1);
    assert_eq!(refusal(turn(&mut cart, begun).outcome), Refusal::NotOpen);
    let mut other = paying();
    let paid = captured(&other, 1, 3_000);
    turn(&mut other, paid);
    let order = OrderId::parse("another").unwrap();
    let expected = other.order_id();
    assert_eq!(
        refusal(turn(&mut other, CheckoutTurn::Complete { order }).outcome),
        Refusal::WrongOrder { order: expected }
    );
}

#[test]
fn i16_a_stale_fence_or_a_lease_that_ran_out_cannot_check_out() {
    let mut cart = held_cart("k");
    let handed = cart.lease.transfer(&device("d-2"), Channel::Phone, noon());
    cart.apply(&Entry::Lease(handed));
    for (by, fence) in [("d-1", 1), ("d-1", 2), ("d-2", 1)] {
        let begun = begin(&cart, by, fence);
        let refusal = LeaseRefusal::StaleFence { fence: 2 };
        assert_eq!(
            super::fixture::refusal(turn(&mut cart, begun).outcome),
            Refusal::Lease { refusal }
        );
    }
    let mut late = begin(&cart, "d-2", 2);
    if let CheckoutTurn::Begin { at, .. } = &mut late {
        *at = after(LEASE_SECONDS);
    }
    let expired = refusal(turn(&mut cart, late).outcome);
    let refusal = LeaseRefusal::Expired;
    assert_eq!(expired, Refusal::Lease { refusal });
    let begun = begin(&cart, "d-2", 2);
    assert_eq!(turn(&mut cart, begun).outcome, Outcome::Applied);
    let older = Entry::Lease(Lease::default());
    assert!(
        matches!(cart.apply(&older).outcome, Outcome::Refused { .. }),
        "a fence never falls"
    );
}

#[test]
fn what_cannot_be_sold_is_said_before_it_is_frozen() {
    let mut cart = held_cart("k");
    let seen = begin(&cart, "d-1", 1);
    run(&mut cart, "more", change("a", 1));
    let version = cart.version;
    assert_eq!(
        refusal(turn(&mut cart, seen).outcome),
        Refusal::VersionMoved { version }
    );
    cart.lines[1].price = None;
    let begun = begin(&cart, "d-1", 1);
    let line = line_id("b");
    assert_eq!(
        refusal(turn(&mut cart, begun).outcome),
        Refusal::Unpriced { line }
    );
    cart.lines.clear();
    let begun = begin(&cart, "d-1", 1);
    assert_eq!(refusal(turn(&mut cart, begun).outcome), Refusal::Empty);
}

#[test]
fn a_declined_payment_is_tried_again_under_another_key() {
    let mut cart = paying();
    let no = answer(&cart, 1, PaymentOutcome::Declined { code: "51".into() });
    turn(&mut cart, no);
    assert_eq!(*phase(&cart), Phase::Failed { code: "51".into() });
    let again = turn(&mut cart, CheckoutTurn::Pay { at: after(9) });
    let payment = payment_key(&cart.order_id(), 2);
    assert_eq!(
        again.duties,
        [Duty::Charge {
            payment: payment.clone()
        }]
    );
    let paid = captured(&cart, 2, 3_000);
    turn(&mut cart, paid);
    assert!(matches!(phase(&cart), Phase::Paid { payment: by, .. } if *by == payment));
    let over = turn(&mut cart, CheckoutTurn::GiveUp { at: after(10) });
    assert_eq!(
        refusal(over.outcome),
        Refusal::WrongPhase,
        "money is never left behind"
    );
}

#[test]
fn an_unknown_outcome_holds_until_it_is_known_or_given_up() {
    let mut cart = paying();
    let unknown = answer(&cart, 1, PaymentOutcome::Unknown);
    turn(&mut cart, unknown);
    let retry = turn(&mut cart, CheckoutTurn::Pay { at: after(20) });
    assert_eq!(refusal(retry.outcome), Refusal::PaymentUnknown);
    let early = CheckoutTurn::GiveUp {
        at: after(PAYMENT_DOUBT_SECONDS - 1),
    };
    assert_eq!(
        refusal(turn(&mut cart, early).outcome),
        Refusal::PaymentUnknown
    );
    let later = CheckoutTurn::GiveUp {
        at: after(PAYMENT_DOUBT_SECONDS),
    };
    assert_eq!(turn(&mut cart, later).outcome, Outcome::Applied);
    assert_eq!(
        *phase(&cart),
        Phase::Failed {
            code: "no-answer".into()
        }
    );
    turn(&mut cart, CheckoutTurn::Pay { at: after(200) });
    let (first, second) = (captured(&cart, 1, 3_000), captured(&cart, 2, 3_000));
    let late = turn(&mut cart, first.clone());
    let payment = payment_key(&cart.order_id(), 1);
    assert_eq!(
        late.duties,
        [Duty::Reverse { payment }],
        "another is under way"
    );
    assert_eq!(turn(&mut cart, second).duties, []);
    let order = cart.order_id();
    turn(&mut cart, CheckoutTurn::Complete { order });
    assert!(matches!(cart.status, Status::Ordered { .. }));
    assert_eq!(
        turn(&mut cart, first).duties.len(),
        1,
        "given back as often as it comes"
    );
}

#[test]
fn late_money_is_taken_where_it_is_what_is_waited_for() {
    let mut cart = paying();
    let no = answer(&cart, 1, PaymentOutcome::Declined { code: "91".into() });
    turn(&mut cart, no);
    let paid = captured(&cart, 1, 3_000);
    assert_eq!(turn(&mut cart, paid).duties, []);
    assert!(matches!(phase(&cart), Phase::Paid { .. }));
    let mut cart = paying();
    let wrong = captured(&cart, 1, 2_999);
    assert_eq!(turn(&mut cart, wrong).duties.len(), 1);
    assert_eq!(
        *phase(&cart),
        Phase::Failed {
            code: "wrong-amount".into()
        }
    );
}

#[test]
fn money_for_a_cart_that_is_open_again_is_given_back() {
    let mut cart = paying();
    turn(&mut cart, CheckoutTurn::GiveUp { at: after(200) });
    turn(&mut cart, CheckoutTurn::GiveUp { at: after(201) });
    assert_eq!(cart.status, Status::Open);
    let paid = captured(&cart, 1, 3_000);
    let payment = payment_key(&cart.order_id(), 1);
    assert_eq!(turn(&mut cart, paid).duties, [Duty::Reverse { payment }]);
    let unknown = captured(&cart, 7, 3_000);
    assert_eq!(
        refusal(turn(&mut cart, unknown).outcome),
        Refusal::UnknownPayment
    );
}

#[test]
fn money_that_is_to_be_given_back_is_never_taken_after_all() {
    let mut cart = paying();
    turn(&mut cart, CheckoutTurn::GiveUp { at: after(200) });
    turn(&mut cart, CheckoutTurn::GiveUp { at: after(201) });
    let paid = captured(&cart, 1, 3_000);
    assert_eq!(turn(&mut cart, paid.clone()).duties.len(), 1);
    let again = begin(&cart, "d-1", 1);
    assert_eq!(turn(&mut cart, again).outcome, Outcome::Applied);
    assert_eq!(turn(&mut cart, paid).duties.len(), 1);
    assert_eq!(
        *phase(&cart),
        Phase::Reserved,
        "the provider may have given it back"
    );
}

#[test]
fn a_payment_that_was_cancelled_is_never_taken_after_all() {
    let mut cart = paying();
    let payment = payment_key(&cart.order_id(), 1);
    let cancel = || CheckoutTurn::Cancel {
        payment: payment.clone(),
    };
    let awaited = turn(&mut cart, cancel());
    assert_eq!(refusal(awaited.outcome), Refusal::WrongPhase);
    let given_up = CheckoutTurn::GiveUp {
        at: after(PAYMENT_DOUBT_SECONDS),
    };
    turn(&mut cart, given_up);
    let reverse = [Duty::Reverse {
        payment: payment.clone(),
    }];
    assert_eq!(turn(&mut cart, cancel()).duties, reverse);
    let late = captured(&cart, 1, 3_000);
    assert_eq!(turn(&mut cart, late).duties, reverse);
    assert!(matches!(phase(&cart), Phase::Failed { .. }));
    let stands = ordered("k").orders[0].payment.clone().unwrap();
    let mut bought = ordered("k");
    let cancel = CheckoutTurn::Cancel { payment: stands };
    assert_eq!(
        refusal(turn(&mut bought, cancel).outcome),
        Refusal::WrongPhase
    );
}

#[test]
fn goods_that_are_no_longer_kept_back_are_not_paid() {
    let mut cart = held_cart("k");
    let begun = begin(&cart, "d-1", 1);
    turn(&mut cart, begun);
    let late = turn(&mut cart, CheckoutTurn::Pay { at: after(600) });
    assert_eq!(refusal(late.outcome), Refusal::ReservationOver);
}

#[test]
fn what_costs_nothing_needs_no_payment() {
    let mut cart = held_cart("k");
    let mut free = begin(&cart, "d-1", 1);
    if let CheckoutTurn::Begin { total, .. } = &mut free {
        *total = eur(0);
    }
    turn(&mut cart, free);
    let asked = turn(&mut cart, CheckoutTurn::Pay { at: noon() });
    assert_eq!(refusal(asked.outcome), Refusal::WrongPhase);
    let order = cart.order_id();
    turn(&mut cart, CheckoutTurn::Complete { order });
    assert_eq!(cart.orders[0].payment, None);
}

/// A provider that takes money late, twice, or without saying so.
#[derive(Default)]
struct Provider {
    charged: BTreeSet<(u32, PaymentKey)>,
    took: BTreeMap<PaymentKey, bool>,
    reversed: BTreeSet<PaymentKey>,
}

impl Provider {
    fn obey(&mut self, cart: &Cart, duties: &[Duty]) {
        for duty in duties {
            match duty {
                Duty::Charge { payment } => {
                    self.charged.insert((cart.generation, payment.clone()));
                }
                Duty::Reverse { payment } => {
                    self.reversed.insert(payment.clone());
                }
                Duty::Reserve { .. } | Duty::Release { .. } => {}
            }
        }
    }

    /// The truth about a payment, fixed when it is asked for first.
    fn truth(&mut self, payment: &PaymentKey, takes: bool) -> PaymentOutcome {
        if *self.took.entry(payment.clone()).or_insert(takes) {
            PaymentOutcome::Captured(Capture {
                amount: eur(3_000),
                reference: "r".into(),
                brand: None,
                last_four: None,
            })
        } else {
            PaymentOutcome::Declined { code: "05".into() }
        }
    }

    fn kept(&self, generation: u32) -> usize {
        let keeps =
            |key: &PaymentKey| self.took.get(key) == Some(&true) && !self.reversed.contains(key);
        let own = self.charged.iter().filter(|(of, _)| *of == generation);
        own.filter(|(_, key)| keeps(key)).count()
    }
}

#[derive(Debug, Clone)]
enum Act {
    Begin {
        device: u8,
        fence: u64,
    },
    Hand {
        to: u8,
    },
    Pay,
    Hear {
        which: prop::sample::Index,
        takes: bool,
    },
    Silence {
        which: prop::sample::Index,
    },
    Complete,
    GiveUp,
    Edit,
    Wait {
        seconds: i64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0_u8..2, 0_u64..4).prop_map(|(device, fence)| Act::Begin { device, fence }),
        1 => (0_u8..2).prop_map(|to| Act::Hand { to }),
        6 => Just(Act::Pay),
        6 => (any::<prop::sample::Index>(), any::<bool>())
            .prop_map(|(which, takes)| Act::Hear { which, takes }),
        3 => any::<prop::sample::Index>().prop_map(|which| Act::Silence { which }),
        3 => Just(Act::Complete),
        3 => Just(Act::GiveUp),
        2 => Just(Act::Edit),
        3 => (1_i64..300).prop_map(|seconds| Act::Wait { seconds }),
    ]
}

struct Till {
    cart: Cart,
    provider: Provider,
    now: i64,
    edits: usize,
    ordered: BTreeMap<u32, BTreeSet<OrderId>>,
}

impl Till {
    fn turn(&mut self, next: CheckoutTurn) -> Outcome {
        let generation = self.cart.generation;
        let completes = match &next {
            CheckoutTurn::Complete { order } => Some(order.clone()),
            _ => None,
        };
        let step = turn(&mut self.cart, next);
        self.provider.obey(&self.cart, &step.duties);
        if let (Some(order), Outcome::Applied) = (completes, &step.outcome) {
            self.ordered.entry(generation).or_default().insert(order);
        }
        step.outcome
    }

    fn hear(&mut self, payment: PaymentKey, outcome: PaymentOutcome) {
        let at = after(self.now);
        let outcome = self.turn(CheckoutTurn::Answer(PaymentAnswer {
            payment,
            outcome,
            at,
        }));
        assert_eq!(
            outcome,
            Outcome::Applied,
            "every answer to what was asked is heard"
        );
    }

    fn pick(&self, which: prop::sample::Index) -> Option<PaymentKey> {
        let keys: Vec<_> = self.provider.charged.iter().collect();
        (!keys.is_empty()).then(|| which.get(&keys).1.clone())
    }

    fn act(&mut self, act: &Act) {
        let at = after(self.now);
        match act {
            Act::Begin { device: by, fence } => {
                let by = device(&format!("d-{by}"));
                let holds = self.cart.lease.may_check_out(&by, *fence, at).is_ok();
                let outcome = self.turn(CheckoutTurn::Begin {
                    device: by,
                    fence: *fence,
                    version: self.cart.version,
                    total: eur(3_000),
                    at,
                    reserved_until: after(self.now + 600),
                });
                assert!(holds || outcome != Outcome::Applied, "I16");
            }
            Act::Hand { to } => {
                let to = device(&format!("d-{to}"));
                let moved = self.cart.lease.transfer(&to, Channel::Tablet, at);
                self.cart.apply(&Entry::Lease(moved));
            }
            Act::Pay => {
                self.turn(CheckoutTurn::Pay { at });
            }
            Act::Hear { which, takes } => {
                if let Some(key) = self.pick(*which) {
                    let truth = self.provider.truth(&key, *takes);
                    self.hear(key, truth);
                }
            }
            Act::Silence { which } => {
                if let Some(key) = self.pick(*which) {
                    self.hear(key, PaymentOutcome::Unknown);
                }
            }
            Act::Complete => {
                let order = self.cart.order_id();
                self.turn(CheckoutTurn::Complete { order });
            }
            Act::GiveUp => {
                self.turn(CheckoutTurn::GiveUp { at });
            }
            Act::Edit => {
                self.edits += 1;
                let (id, line) = (format!("e{}", self.edits), format!("x{}", self.edits));
                run(&mut self.cart, &id, new_line(&line, "hat", 3));
            }
            Act::Wait { seconds } => self.now += seconds,
        }
    }

    /// Every payment's truth comes out, and the checkout is brought to an end.
    fn drain(&mut self) {
        for (_, key) in self.provider.charged.clone() {
            let truth = self.provider.truth(&key, true);
            self.hear(key.clone(), truth.clone());
            self.hear(key, truth);
        }
        for _ in 0..3 {
            self.now += PAYMENT_DOUBT_SECONDS;
            self.act(&Act::Complete);
            self.act(&Act::GiveUp);
        }
        assert!(
            !matches!(self.cart.status, Status::Checkout(_)),
            "no state is a dead end: {:?}",
            self.cart.status
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn i04_one_order_a_generation_and_one_payment_that_is_kept_for_it(
        acts in prop::collection::vec(act(), 1..50),
    ) {
        let mut cart = held_cart("k");
        let moved = cart.lease.transfer(&device("d-0"), Channel::Tablet, noon());
        cart.apply(&Entry::Lease(moved));
        let mut till = Till {
            cart,
            provider: Provider::default(),
            now: 0,
            edits: 0,
            ordered: BTreeMap::new(),
        };
        for act in &acts {
            till.act(act);
            prop_assert!(till.ordered.values().all(|orders| orders.len() <= 1));
        }
        till.drain();
        prop_assert!(till.ordered.values().all(|orders| orders.len() <= 1));
        for generation in 1..=till.cart.generation {
            let ordered = usize::from(till.ordered.contains_key(&generation));
            prop_assert_eq!(till.provider.kept(generation), ordered, "paid once, or not at all");
        }
        let lines = till.cart.sold.len() + till.cart.lines.len();
        prop_assert_eq!(lines, 2 + till.edits, "no line is lost");
    }
}
