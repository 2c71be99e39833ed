//! Carts over a wire, for every channel: the phone's web app, the online shop, kiosks and tablets.
//!
//! What may be repeated is safe to repeat: commands, merges and refunds have ids, a claim has a nonce, a checkout a
//! version. Expected refusals are answers with a code; a problem is what should not have been asked.

use crate::cart::{
    Allotment, Author, Cart, CartCommand, CartOrder, Claim, Claimant, LinePrice, Opening, Outcome,
    PaymentMethod, PaymentRequest, PriceChange, Proof, Refund, Refusal, Settlement, SignedCapsule,
    Totals, Workstation,
};
use crate::ids::{AssociateId, CartId, CommandId, CustomerId, LineId, RefundId, Sku};
use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most commands in one batch.
pub const MAX_CART_COMMANDS: usize = 100;
/// The most items that one [`AllotRequest`] names.
pub const MAX_ALLOT: usize = 35;

/// A cart as a channel shows it. Answered by every call that reads or changes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CartView {
    /// The cart.
    pub cart: Cart,
    /// What it costs, with promotions and tax of now; `None` where a line has no price yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
}

/// `POST /v1/carts`: begins a cart. A repeat with the same id answers the cart that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreateCart {
    /// What it is begun with.
    pub opening: Opening,
}

/// `POST /v1/carts/{cart}/commands`: what was done on a device, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CommandBatch {
    /// At most [`MAX_CART_COMMANDS`].
    pub commands: Vec<CartCommand>,
}

/// `POST /v1/carts/capsules`: what was done on a device that gave it on without a network. Whoever has the capsule sends
/// it; its commands count once, here or through a queue. Answered with a [`BatchAnswer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CapsuleUpload {
    /// The capsule.
    pub signed: SignedCapsule,
}

/// What became of each command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BatchAnswer {
    /// In the order of the batch.
    pub results: Vec<CommandResult>,
    /// The cart with them.
    pub view: CartView,
}

/// What became of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CommandResult {
    /// Which.
    pub id: CommandId,
    /// What became of it; of a repeat, what became of it then.
    pub outcome: Outcome,
}

/// `POST /v1/carts/{cart}/lease`: who may check out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum LeaseRequest {
    /// Takes it where it is free.
    Claim,
    /// Holds it for longer.
    Renew {
        /// The fence that she has.
        fence: u64,
    },
    /// Gives it back.
    Release {
        /// The fence that she has.
        fence: u64,
    },
}

/// `POST /v1/carts/handoffs/claim`: takes a cart over with a code. The cart is found by the code alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClaimRequest {
    /// The code, scanned or typed.
    pub proof: Proof,
    /// Who takes it over; its device must be the token's.
    pub claimant: Claimant,
}

/// What a claim gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClaimAnswer {
    /// Which cart, and the fence of her lease.
    pub claim: Claim,
    /// The cart.
    pub view: CartView,
}

/// `POST /v1/carts/{cart}/merge`: another cart goes into this one, as when a guest signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MergeRequest {
    /// Made on the device: a repeat is the same merge.
    pub id: CommandId,
    /// The cart that goes.
    pub source: CartId,
}

/// `POST /v1/carts/{cart}/merge/undo`: each cart has its own again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UndoMergeRequest {
    /// Which merge.
    pub id: CommandId,
}

/// `POST /v1/carts/{cart}/customer`: a guest's cart is hers from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AssignCustomer {
    /// Whose it is.
    pub customer: CustomerId,
}

/// `POST /v1/carts/{cart}/checkout`: freezes the cart and keeps its goods back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckoutRequest {
    /// The fence of her lease.
    pub fence: u64,
    /// The cart's version that she saw.
    pub version: u64,
    /// The sum that she saw.
    pub total: Money,
}

/// `POST /v1/carts/{cart}/checkout/confirm`: she agrees to changed prices. The checkout is asked for anew after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConfirmPrices {
    /// The cart's version that she saw.
    pub version: u64,
    /// The prices that she agreed to: taken only where they still are the prices.
    pub prices: Vec<LinePrice>,
}

/// What came of asking for a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum CheckoutAnswer {
    /// It is frozen, and the goods are kept back.
    Begun {
        /// The cart.
        view: Box<CartView>,
    },
    /// Prices are not what the cart shows: to be confirmed.
    PricesChanged {
        /// Which.
        changes: Vec<PriceChange>,
        /// The cart's version.
        version: u64,
    },
    /// The sum is another than she saw: a promotion began or ended, or tax moved.
    TotalMoved {
        /// The cart with the sum of now.
        view: Box<CartView>,
    },
    /// There are too few of some items.
    OutOfStock {
        /// How many there are of each.
        left: BTreeMap<Sku, u64>,
    },
    /// It cannot be begun.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The cart as it is.
        view: Box<CartView>,
    },
}

/// `POST /v1/carts/{cart}/checkout/pay`: asks for the money, for the first time or again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PayRequest {
    /// How.
    pub method: PaymentMethod,
    /// The attempt that she begins: a repeat does not begin another.
    pub attempt: u32,
    /// The till, where it is paid at one: for the receipt's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workstation: Option<Workstation>,
    /// Who sells, where somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associate: Option<AssociateId>,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum PayAnswer {
    /// The provider was asked; its answer moves the cart.
    Asked {
        /// What it was asked.
        request: PaymentRequest,
        /// The cart.
        view: Box<CartView>,
    },
    /// The cart is bought.
    Ordered {
        /// The order.
        order: Box<CartOrder>,
        /// The cart.
        view: Box<CartView>,
    },
    /// It was declined, or nobody knows: the cart's phase says which.
    NotPaid {
        /// The cart.
        view: Box<CartView>,
    },
    /// It could not be asked for.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The cart as it is.
        view: Box<CartView>,
    },
}

/// `POST /v1/orders/{order}/returns`: pieces come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReturnRequest {
    /// Made on the device: a repeat is the same refund.
    pub id: RefundId,
    /// How many pieces of which lines.
    pub pieces: BTreeMap<LineId, u32>,
    /// Who takes them back.
    pub by: Author,
    /// How many refunds of the order she saw: a new one is refused where there are more by now, so that a return whose
    /// answer was lost is not done again in other words. Without it nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<u32>,
}

/// `POST /v1/carts/allotments`: a tablet asks for stock that it alone may sell, or gives some back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AllotRequest {
    /// How many pieces of each it wants to have, in all: 0 gives back. At most [`MAX_ALLOT`].
    pub skus: BTreeMap<Sku, u64>,
}

/// What a tablet has of what it asked for: fewer pieces where there are fewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AllotAnswer {
    /// Of each SKU that was named.
    pub allotments: Vec<Allotment>,
}

/// `GET /v1/orders/{order}`: an order, by its id or by the number on its receipt, however old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderView {
    /// The order.
    pub order: CartOrder,
    /// What came back of it.
    pub settlement: Settlement,
    /// Whether it is so old that the feeds do not have it any more.
    pub archived: bool,
}

/// What was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReturnAnswer {
    /// The refund.
    pub refund: Refund,
    /// All refunds of the order, with this one.
    pub settlement: Settlement,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_reads_as_a_web_app_writes_it() {
        let text = r#"{"commands":[
            {"id":"c-1","by":{"channel":"phone","device":"d-1"},"issued_at_device":"2026-05-01T10:00:00Z",
             "action":{"type":"add_line","line_id":"l-1","sku":"85123A","quantity":2,
               "price":{"unit":{"minor":295,"currency":"GBP"},"version":7,"source":{"type":"list","list":"default"}}}},
            {"id":"c-2","by":{"channel":"tablet","device":"d-2","associate":"a-1"},"issued_at_device":"2026-05-01T10:00:01Z",
             "action":{"type":"remove_line","line_id":"l-1","observed":{"added":"c-1","version":1}}}]}"#;
        let batch: CommandBatch = serde_json::from_str(text).unwrap();
        let again = serde_json::to_string(&batch).unwrap();
        assert_eq!(serde_json::from_str::<CommandBatch>(&again).unwrap(), batch);
        let negative = text.replace("\"quantity\":2", "\"quantity\":-2");
        assert!(serde_json::from_str::<CommandBatch>(&negative).is_err());
    }

    #[test]
    fn codes_of_refusals_are_fixed() {
        let refusal = Refusal::VersionMoved { version: 4 };
        let text = serde_json::to_string(&Outcome::Refused { refusal }).unwrap();
        assert_eq!(
            text,
            r#"{"type":"refused","refusal":{"code":"version_moved","version":4}}"#
        );
    }
}
