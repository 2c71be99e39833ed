//! Short ways to make what the tests are about.

use crate::cart::*;
use crate::ids::{CartId, CommandId, DeviceId, LineId, PriceListId, Sku, StoreId};
use crate::money::{Currency, Money};
use chrono::{DateTime, TimeDelta, Utc};

pub(super) fn noon() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

pub(super) fn after(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

pub(super) fn command_id(text: &str) -> CommandId {
    CommandId::parse(text).unwrap()
}

pub(super) fn line_id(text: &str) -> LineId {
    LineId::parse(text).unwrap()
}

pub(super) fn device(text: &str) -> DeviceId {
    DeviceId::parse(text).unwrap()
}

pub(super) fn opening(id: &str) -> Opening {
    Opening {
        id: CartId::parse(id).unwrap(),
        store: StoreId::parse("17").unwrap(),
        currency: Currency::EUR,
        customer: None,
    }
}

pub(super) fn cart(id: &str) -> Cart {
    Cart::open(opening(id))
}

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(super) fn price(minor: i64, version: u64) -> PriceSnapshot {
    PriceSnapshot {
        unit: eur(minor),
        version,
        source: PriceSource::List {
            list: PriceListId::parse("default").unwrap(),
        },
        valid_until: None,
    }
}

pub(super) fn command(id: &str, by: &str, action: Action) -> CartCommand {
    CartCommand {
        id: command_id(id),
        by: Author {
            channel: Channel::Tablet,
            device: device(by),
            associate: None,
        },
        issued_at_device: noon(),
        action,
    }
}

pub(super) fn new_line(line: &str, sku: &str, quantity: u32) -> Action {
    Action::AddLine(NewLine {
        line_id: line_id(line),
        sku: Sku::parse(sku).unwrap(),
        quantity,
        price: Some(price(1_000, 1)),
        note: String::new(),
    })
}

pub(super) fn change(line: &str, delta: i32) -> Action {
    let line_id = line_id(line);
    Action::ChangeQuantity { line_id, delta }
}

pub(super) fn set(line: &str, quantity: u32, base_version: u64) -> Action {
    Action::SetQuantity {
        line_id: line_id(line),
        quantity,
        base_version,
    }
}

pub(super) fn remove(line: &str, added: &str, version: u64) -> Action {
    Action::RemoveLine {
        line_id: line_id(line),
        observed: Observed {
            added: command_id(added),
            version,
        },
    }
}

/// Applies a command under an id.
pub(super) fn run(cart: &mut Cart, id: &str, action: Action) -> Outcome {
    cart.apply(&Entry::Command(command(id, "d-1", action)))
        .outcome
}

pub(super) fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused { refusal } => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// `sku x quantity` of each line that counts.
pub(super) fn shown(cart: &Cart) -> Vec<(String, u32)> {
    cart.counted()
        .map(|line| (line.sku.to_string(), line.quantity()))
        .collect()
}

/// A cart with two lines of 20.00 and 10.00 that `d-1` holds.
pub(super) fn held_cart(id: &str) -> Cart {
    let mut cart = cart(id);
    run(&mut cart, "add-a", new_line("a", "boots", 2));
    run(&mut cart, "add-b", new_line("b", "mug", 1));
    let lease = cart
        .lease
        .claim(&device("d-1"), Channel::Tablet, noon())
        .unwrap();
    cart.apply(&Entry::Lease(lease));
    cart
}

pub(super) fn begin(cart: &Cart, by: &str, fence: u64) -> CheckoutTurn {
    CheckoutTurn::Begin {
        device: device(by),
        fence,
        version: cart.version,
        total: eur(3_000),
        at: noon(),
        reserved_until: after(600),
    }
}

pub(super) fn turn(cart: &mut Cart, turn: CheckoutTurn) -> Step {
    cart.apply(&Entry::Checkout(turn))
}

pub(super) fn captured(cart: &Cart, attempt: u32, minor: i64) -> CheckoutTurn {
    answer(
        cart,
        attempt,
        PaymentOutcome::Captured(Capture {
            amount: eur(minor),
            reference: format!("ref-{attempt}"),
            brand: None,
            last_four: None,
        }),
    )
}

pub(super) fn answer(cart: &Cart, attempt: u32, outcome: PaymentOutcome) -> CheckoutTurn {
    CheckoutTurn::Answer(PaymentAnswer {
        payment: payment_key(&cart.order_id(), attempt),
        outcome,
        at: after(5),
    })
}

/// A cart that was ordered.
pub(super) fn ordered(id: &str) -> Cart {
    let mut cart = held_cart(id);
    let begun = begin(&cart, "d-1", 1);
    turn(&mut cart, begun);
    turn(&mut cart, CheckoutTurn::Pay { at: noon() });
    let paid = captured(&cart, 1, 3_000);
    turn(&mut cart, paid);
    let order = cart.order_id();
    assert_eq!(
        turn(&mut cart, CheckoutTurn::Complete { order }).outcome,
        Outcome::Applied
    );
    cart
}
