//! What became of an entry of a cart's log.

use super::author::Author;
use super::command::{CartCommand, CommandFault};
use super::duty::Duty;
use super::lease::LeaseRefusal;
use crate::ids::{CartId, CommandId, LineId, OrderId, Sku};
use serde::{Deserialize, Serialize};

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Outcome {
    /// Done.
    Applied,
    /// Kept until the checkout that is under way ends: then it is applied, or begins a follow-up.
    Held,
    /// This cart went into another: this is to be applied there.
    Forwarded {
        /// Where.
        into: CartId,
        /// What, on that cart's line.
        command: Box<CartCommand>,
    },
    /// Not done.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// Why an entry was not applied. The command stays with its author, who is told.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, thiserror::Error,
)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Refusal {
    /// Out of bounds.
    #[error("{fault}")]
    Malformed {
        /// How.
        fault: CommandFault,
    },
    /// Another command came under this id.
    #[error("another command came under this id before")]
    CommandMismatch,
    /// The cart never had such a line.
    #[error("there is no such line")]
    UnknownLine,
    /// Somebody took the line away.
    #[error("the line was taken away")]
    LineGone,
    /// Somebody who had seen this add took its line away, and that came first.
    #[error("the line was taken away before its add came")]
    RemovedBefore,
    /// The price is in another currency than the cart.
    #[error("the cart is in another currency")]
    WrongCurrency,
    /// As many lines or commands as a cart may have.
    #[error("the cart is full")]
    CartFull,
    /// The order is made: this cannot change it any more.
    #[error("the order {order} is already made")]
    TooLate {
        /// Which.
        order: OrderId,
    },
    /// The cart went into another.
    #[error("the cart went into {into}")]
    GoneInto {
        /// Which.
        into: CartId,
    },
    /// It is another customer's.
    #[error("the cart is another customer's")]
    AnotherCustomer,
    /// Only an open cart does that.
    #[error("the cart is not open")]
    NotOpen,
    /// No checkout is under way, or not in a phase for that.
    #[error("the checkout is not in a phase for that")]
    WrongPhase,
    /// The cart moved on since the sum was confirmed.
    #[error("the cart has moved on since it was confirmed")]
    VersionMoved {
        /// Its version now.
        version: u64,
    },
    /// Nothing to sell.
    #[error("there is nothing in the cart")]
    Empty,
    /// A line has no price.
    #[error("line {line} has no price")]
    Unpriced {
        /// Which.
        line: LineId,
    },
    /// The goods are no longer kept back: begin again.
    #[error("the reservation is over")]
    ReservationOver,
    /// Nobody knows yet whether the payment went through.
    #[error("the outcome of the payment is not known yet")]
    PaymentUnknown,
    /// This cart never asked for such a payment.
    #[error("the cart asked for no such payment")]
    UnknownPayment,
    /// Not the id that follows from the cart.
    #[error("the order must be {order}")]
    WrongOrder {
        /// What it must be.
        order: OrderId,
    },
    /// Another merge, or none.
    #[error("there is no such merge")]
    UnknownMerge,
    /// Whoever asked does not hold the cart.
    #[error("{refusal}")]
    Lease {
        /// How.
        refusal: LeaseRefusal,
    },
}

impl Refusal {
    /// What a device is told of a command that is rejected for this.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "cart-invalid",
            Self::CommandMismatch => "cart-command-mismatch",
            Self::UnknownLine => "cart-line-unknown",
            Self::LineGone => "cart-line-gone",
            Self::RemovedBefore => "cart-removed-before",
            Self::WrongCurrency => "cart-wrong-currency",
            Self::CartFull => "cart-full",
            Self::TooLate { .. } => "cart-too-late",
            Self::GoneInto { .. } => "cart-gone-into",
            Self::AnotherCustomer => "cart-another-customer",
            Self::NotOpen => "cart-not-open",
            Self::WrongPhase => "cart-wrong-phase",
            Self::VersionMoved { .. } => "cart-version-moved",
            Self::Empty => "cart-empty",
            Self::Unpriced { .. } => "cart-unpriced",
            Self::ReservationOver => "cart-reservation-over",
            Self::PaymentUnknown => "cart-payment-unknown",
            Self::UnknownPayment => "cart-unknown-payment",
            Self::WrongOrder { .. } => "cart-wrong-order",
            Self::UnknownMerge => "cart-unknown-merge",
            Self::Lease { .. } => "cart-held",
        }
    }
}

impl From<CommandFault> for Refusal {
    fn from(fault: CommandFault) -> Self {
        Self::Malformed { fault }
    }
}

/// What is known of a command that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decided {
    /// What it was, hashed: tells a repeat from another command.
    pub fingerprint: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Something that every channel of the cart is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    /// The cart's version with it: a channel shows what is newer than what it showed last.
    pub version: u64,
    /// The command behind it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
    /// What.
    #[serde(flatten)]
    pub kind: NoticeKind,
}

/// What channels are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum NoticeKind {
    /// Somebody set a quantity without having seen the last change. Hers stands.
    StaleQuantity {
        /// Of which line.
        line: LineId,
        /// Who set it.
        by: Author,
        /// What it was before.
        before: u32,
        /// What it is now.
        now: u32,
    },
    /// Somebody took a line away that another had just changed.
    RemovedWhileChanged {
        /// Which line.
        line: LineId,
        /// Of what.
        sku: Sku,
        /// Who took it away.
        by: Author,
        /// How many it was.
        quantity: u32,
    },
    /// Two adds came under one line id: the second is this line.
    LineRenamed {
        /// As it came.
        asked: LineId,
        /// As it is.
        given: LineId,
    },
    /// Something came while the cart was being paid.
    HeldDuringCheckout {
        /// About which line.
        line: LineId,
    },
    /// Something came after the order was made: it begins what is left over.
    FollowUp {
        /// After which.
        order: OrderId,
        /// About which line.
        line: LineId,
    },
    /// Something could not be done any more when the checkout had ended.
    HeldThenRefused {
        /// About which line.
        line: LineId,
        /// Why.
        refusal: Refusal,
    },
    /// It was bought on one channel, and sold on another with the network down: both stand.
    SoldTwice {
        /// The order that it became, or becomes where the payment under way comes through.
        order: OrderId,
        /// The sale beside it.
        other: OrderId,
    },
    /// It went into another cart, and goods of it were sold with the network down: the sale stands by itself.
    SoldApart {
        /// That sale.
        order: OrderId,
    },
    /// Two sales have one receipt number: both stand.
    ReceiptTwice {
        /// The number, as it is printed.
        receipt: String,
        /// The sale that came first.
        order: OrderId,
        /// The sale that came after.
        other: OrderId,
    },
    /// Prices were confirmed anew.
    PricesConfirmed {
        /// How many lines cost another amount with them.
        lines: u32,
    },
    /// Another cart came in.
    Absorbed {
        /// Which.
        from: CartId,
    },
    /// It went out again.
    MergeUndone {
        /// Which.
        from: CartId,
    },
}

/// What an entry did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Step {
    /// What became of it.
    pub outcome: Outcome,
    /// What has to be done outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
}

impl Step {
    pub(super) const fn applied() -> Self {
        Self::with(Vec::new())
    }

    pub(super) const fn with(duties: Vec<Duty>) -> Self {
        let outcome = Outcome::Applied;
        Self { outcome, duties }
    }
}

impl From<Outcome> for Step {
    fn from(outcome: Outcome) -> Self {
        let duties = Vec::new();
        Self { outcome, duties }
    }
}

impl From<Result<Self, Refusal>> for Step {
    fn from(result: Result<Self, Refusal>) -> Self {
        result.unwrap_or_else(|refusal| Outcome::Refused { refusal }.into())
    }
}
