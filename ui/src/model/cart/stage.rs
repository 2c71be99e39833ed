//! How far a checkout is, as the screen shows it: of the cart itself, and of what the last question was answered with.
//! Every stage has a way on and, but for a payment that nobody knows of yet, a way back.

use crate::model::cart::prices::Agreement;
use crate::words::CartWords;
use chrono::{DateTime, Utc};
use domain::api::cart::{CheckoutAnswer, PayAnswer};
use domain::cart::{Cart, Checkout, LeaseRefusal, PAYMENT_DOUBT_SECONDS, Phase, Refusal, Status};
use domain::ids::{CartId, OrderId, Sku};
use domain::money::Money;
use std::collections::BTreeMap;

/// What the last question was answered with, where the cart alone does not show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Prices moved.
    Prices(Agreement),
    /// The sum moved.
    Total {
        /// What was shown.
        was: Money,
    },
    /// Some items are short.
    Short(BTreeMap<Sku, u64>),
    /// It was refused.
    Refused(Refusal),
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It can be changed, and nobody asked for a checkout.
    Open,
    /// It can be changed, and something has to be settled first.
    Stopped(Said),
    /// It is to be paid.
    Due(Checkout),
    /// The provider was asked.
    Paying {
        /// The checkout.
        checkout: Checkout,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Nobody knows what became of it.
    Unknown {
        /// The checkout.
        checkout: Checkout,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// It was not paid.
    Failed {
        /// The checkout.
        checkout: Checkout,
        /// The provider's code.
        code: String,
    },
    /// The money is taken, the order is being made.
    Paid,
    /// It is bought.
    Ordered(OrderId),
    /// It went into another cart.
    Merged(CartId),
}

impl Stage {
    /// Where a cart stands.
    #[must_use]
    pub fn of(cart: &Cart, said: Option<&Said>) -> Self {
        match &cart.status {
            Status::Open => said.cloned().map_or(Self::Open, Self::Stopped),
            Status::Checkout(checkout) => Self::of_checkout(checkout.clone()),
            Status::Ordered { order } => Self::Ordered(order.clone()),
            Status::Merged(departure) => Self::Merged(departure.into.clone()),
        }
    }

    fn of_checkout(checkout: Checkout) -> Self {
        match checkout.phase.clone() {
            Phase::Reserved => Self::Due(checkout),
            Phase::Paying { since } => Self::Paying { checkout, since },
            Phase::Unknown { since } => Self::Unknown { checkout, since },
            Phase::Paid { .. } => Self::Paid,
            Phase::Failed { code } => Self::Failed { checkout, code },
        }
    }

    /// Whether lines can be changed.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Stopped(_))
    }

    /// Whether prices that changed are to be agreed to first.
    #[must_use]
    pub const fn asks_to_agree(&self) -> bool {
        matches!(self, Self::Stopped(Said::Prices(_)))
    }

    /// Whether the provider's answer is awaited: the screen asks by itself.
    #[must_use]
    pub const fn awaits(&self) -> bool {
        matches!(
            self,
            Self::Paying { .. } | Self::Unknown { .. } | Self::Paid
        )
    }

    /// The name that tests and styles know it by.
    #[must_use]
    pub const fn style(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Stopped(Said::Prices(_)) => "prices",
            Self::Stopped(Said::Total { .. }) => "total",
            Self::Stopped(Said::Short(_)) => "short",
            Self::Stopped(Said::Refused(_)) => "refused",
            Self::Due(_) => "due",
            Self::Paying { .. } => "paying",
            Self::Unknown { .. } => "unknown",
            Self::Failed { .. } => "failed",
            Self::Paid => "paid",
            Self::Ordered(_) => "ordered",
            Self::Merged(_) => "merged",
        }
    }
}

/// The attempt that a tap on a way of paying begins. It follows from the cart alone: a second tap begins no other.
#[must_use]
pub const fn next_attempt(cart: &Cart) -> u32 {
    cart.attempts.saturating_add(1)
}

/// Seconds until a payment without an answer may be given up.
#[must_use]
pub fn doubt_left(since: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let left = PAYMENT_DOUBT_SECONDS - (now - since).num_seconds();
    u32::try_from(left.clamp(0, PAYMENT_DOUBT_SECONDS)).unwrap_or_default()
}

/// What an answer to a checkout says beside the cart.
#[must_use]
pub fn of_checkout(answer: &CheckoutAnswer, shown: Money) -> Option<Said> {
    match answer {
        CheckoutAnswer::Begun { .. } => None,
        CheckoutAnswer::PricesChanged { changes, version } => {
            Some(Said::Prices(Agreement::new(changes.clone(), *version)))
        }
        CheckoutAnswer::TotalMoved { .. } => Some(Said::Total { was: shown }),
        CheckoutAnswer::OutOfStock { left } => Some(Said::Short(left.clone())),
        CheckoutAnswer::Refused { refusal, .. } => Some(Said::Refused(refusal.clone())),
    }
}

/// What an answer to a payment says beside the cart.
#[must_use]
pub fn of_pay(answer: &PayAnswer) -> Option<Said> {
    match answer {
        PayAnswer::Refused { refusal, .. } => Some(Said::Refused(refusal.clone())),
        PayAnswer::Asked { .. } | PayAnswer::Ordered { .. } | PayAnswer::NotPaid { .. } => None,
    }
}

/// Why it was refused, in plain words.
#[must_use]
pub const fn refusal(refusal: &Refusal, words: &CartWords) -> &'static str {
    match refusal {
        Refusal::Empty => words.refused_empty,
        Refusal::Unpriced { .. } => words.refused_unpriced,
        Refusal::Lease { refusal } => match refusal {
            LeaseRefusal::Held { .. } | LeaseRefusal::StaleFence { .. } => words.refused_lease,
            LeaseRefusal::Expired => words.refused_lease_over,
        },
        Refusal::VersionMoved { .. } => words.refused_moved,
        Refusal::ReservationOver => words.refused_reservation,
        Refusal::PaymentUnknown => words.refused_unknown,
        Refusal::TooLate { .. } => words.refused_late,
        Refusal::GoneInto { .. } => words.merged_away,
        Refusal::AnotherCustomer => words.refused_customer,
        Refusal::CartFull => words.refused_full,
        Refusal::LineGone | Refusal::UnknownLine | Refusal::RemovedBefore => words.refused_line,
        _ => words.refused_other,
    }
}

/// Why the money was not taken.
#[must_use]
pub fn failure(code: &str, words: &CartWords) -> &'static str {
    match code {
        "no-answer" => words.failed_no_answer,
        "wrong-amount" => words.failed_amount,
        _ => words.failed_declined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cart::line;
    use crate::words::Lang;
    use serde_json::{Value, json};

    fn cart_in(phase: &Value) -> Cart {
        let mut cart = line::tests::page().cart;
        cart.status = serde_json::from_value(json!({"state": "checkout", "attempt": 1, "frozen": 3, "fence": 1,
            "total": {"minor": 15_300, "currency": "EUR"}, "reserved_until": "2026-11-23T10:15:00Z", "phase": phase}))
        .unwrap();
        cart
    }

    #[test]
    fn the_cart_says_how_far_it_is() {
        let since = "2026-11-23T10:00:00Z";
        for (phase, style, awaits) in [
            (json!({"phase": "reserved"}), "due", false),
            (json!({"phase": "paying", "since": since}), "paying", true),
            (json!({"phase": "unknown", "since": since}), "unknown", true),
            (
                json!({"phase": "failed", "code": "declined"}),
                "failed",
                false,
            ),
        ] {
            let stage = Stage::of(&cart_in(&phase), None);
            assert_eq!(
                (stage.style(), stage.awaits(), stage.is_open()),
                (style, awaits, false)
            );
        }
    }

    #[test]
    fn what_was_said_of_an_open_cart_is_forgotten_when_it_is_paid() {
        let cart = line::tests::page().cart;
        let said = Said::Refused(Refusal::Empty);
        let stopped = Stage::of(&cart, Some(&said));
        assert_eq!((stopped.style(), stopped.is_open()), ("refused", true));
        let due = Stage::of(&cart_in(&json!({"phase": "reserved"})), Some(&said));
        assert_eq!(due.style(), "due");
    }

    #[test]
    fn a_payment_is_given_up_after_three_minutes_and_not_before() {
        let since = "2026-11-23T10:00:00Z".parse().unwrap();
        let at = |seconds| since + chrono::TimeDelta::seconds(seconds);
        assert_eq!(doubt_left(since, at(10)), 170);
        assert_eq!(doubt_left(since, at(180)), 0);
        assert_eq!(doubt_left(since, at(-600)), 180, "a clock that is behind");
    }

    #[test]
    fn the_attempt_follows_from_the_cart() {
        let mut cart = line::tests::page().cart;
        assert_eq!(next_attempt(&cart), 1);
        cart.attempts = 2;
        assert_eq!(next_attempt(&cart), 3);
    }

    #[test]
    fn refusals_are_worded() {
        let words = Lang::De.cart();
        let until = "2026-11-23T10:00:00Z".parse().unwrap();
        let channel = domain::cart::Channel::Phone;
        let held = LeaseRefusal::Held { channel, until };
        let lease = Refusal::Lease { refusal: held };
        assert_eq!(refusal(&lease, words), words.refused_lease);
        assert_eq!(
            refusal(&Refusal::CommandMismatch, words),
            words.refused_other
        );
        assert_eq!(failure("no-answer", words), words.failed_no_answer);
        assert_eq!(failure("insufficient_funds", words), words.failed_declined);
    }
}
