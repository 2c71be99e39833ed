//! What a device asks the cart function, and how it reads what comes back.

use crate::simulation::cloud::Wire;
use anyhow::Result;
use domain::api::cart::CommandBatch;
use serde::Serialize;

/// A request of a device.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// What for.
    pub what: What,
    /// About which cart; of a return, which order.
    pub cart: String,
    /// The HTTP request.
    pub wire: Wire,
}

/// What a request is for.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// Begins the cart.
    Create,
    /// Reads it.
    Read,
    /// Changes what is in it.
    Commands(CommandBatch),
    /// Takes, renews or gives back its lease.
    Lease,
    /// Offers it to another device.
    Offer,
    /// Takes over what is on offer under this QR.
    Claim(String),
    /// Begins a checkout.
    Checkout,
    /// Agrees to prices.
    Confirm,
    /// Pays.
    Pay,
    /// Asks what became of a payment.
    AskPayment,
    /// Gives the checkout up.
    GiveUp,
    /// Takes another cart in.
    Merge,
    /// Gives it out again.
    UndoMerge,
    /// Brings pieces of an order back.
    Return,
    /// Wants stock for itself.
    Allot,
    /// Sends its queue.
    Push,
}

impl What {
    /// For figures.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Create => "begin",
            Self::Read => "read",
            Self::Commands(_) => "change",
            Self::Lease => "lease",
            Self::Offer => "offer",
            Self::Claim(_) => "claim",
            Self::Checkout => "checkout",
            Self::Confirm => "confirm prices",
            Self::Pay => "pay",
            Self::AskPayment => "ask payment",
            Self::GiveUp => "give up",
            Self::Merge => "merge",
            Self::UndoMerge => "undo merge",
            Self::Return => "return",
            Self::Allot => "allot",
            Self::Push => "push",
        }
    }
}

impl Ask {
    /// `POST /v1/carts/<cart><rest>`.
    pub(super) fn post(
        device: &str,
        cart: &str,
        rest: &str,
        what: What,
        body: &impl Serialize,
    ) -> Result<Self> {
        let path = format!("/v1/carts/{cart}{rest}");
        Self::to(device, cart, path, what, body)
    }

    /// `POST` to any path.
    pub(super) fn to(
        device: &str,
        cart: &str,
        path: String,
        what: What,
        body: &impl Serialize,
    ) -> Result<Self> {
        let wire = Wire {
            method: "POST",
            path,
            token: device.to_owned(),
            body: serde_json::to_vec(body)?,
        };
        let cart = cart.to_owned();
        Ok(Self { what, cart, wire })
    }

    /// `GET /v1/carts/<cart>`.
    pub(super) fn read(device: &str, cart: &str) -> Self {
        let wire = Wire {
            method: "GET",
            path: format!("/v1/carts/{cart}"),
            token: device.to_owned(),
            body: Vec::new(),
        };
        Self {
            what: What::Read,
            cart: cart.to_owned(),
            wire,
        }
    }
}
