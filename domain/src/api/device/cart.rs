//! Carts as a screen asks its device for them. What changes what is in a cart works with the network down; offering it
//! to a device that is far, checking out and paying ask the cloud, but for [`SellHere`].

use crate::api::cart::{CheckoutAnswer, PayAnswer};
use crate::api::content::{ItemView, Shelf};
use crate::api::device::{Aged, Delivery, DeviceCall};
use crate::cart::{
    Action, Cart, CartOrder, Channel, LinePrice, PaymentMethod, Settlement, Shown, Totals,
};
use crate::ids::{CartId, CommandId, CustomerId, LineId, OrderId, Sku};
use crate::money::Money;
use crate::store::Store;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest text of a code or QR that [`ClaimCart`] takes, in characters: a QR of the largest size has 4,296.
pub const MAX_PROOF_CHARS: usize = 4_296;
/// The most carts that [`ListCarts`] answers.
pub const MAX_CARTS: usize = 50;

device_calls! {
    ListCarts => "list_carts" -> Aged<Vec<CartTile>>,
    BeginCart => "begin_cart" -> Aged<CartPage>,
    ReadCart => "read_cart" -> Aged<CartPage>,
    ChangeCart => "change_cart" -> Changed,
    AssignCart => "assign_cart" -> Aged<CartPage>,
    MergeCarts => "merge_carts" -> Aged<CartPage>,
    UndoMerge => "undo_merge" -> Aged<CartPage>,
    OfferCart => "offer_cart" -> Offered,
    ClaimCart => "claim_cart" -> Aged<CartPage>,
    BeginCheckout => "begin_checkout" -> CheckoutAnswer,
    ConfirmPrices => "confirm_prices" -> Aged<CartPage>,
    PayCart => "pay_cart" -> PayAnswer,
    AskPayment => "ask_payment" -> PayAnswer,
    GiveUpCheckout => "give_up_checkout" -> Aged<CartPage>,
    SellHere => "sell_here" -> OrderPage,
    OpenOrder => "open_order" -> OrderPage,
    ReturnGoods => "return_goods" -> OrderPage,
    ReadPicture => "read_picture" -> PictureRead,
}

/// Lists open carts: hers on every channel, or those that were worked on in this store, the latest first. A kiosk sees
/// the one of its guest alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListCarts {
    /// Whose; `None` for those of the store.
    #[serde(default)]
    pub customer: Option<CustomerId>,
}

/// A cart in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartTile {
    /// Which.
    pub cart: CartId,
    /// Whose, where it is somebody's.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// Her name, where she is known here.
    #[serde(default)]
    pub customer_name: Option<String>,
    /// Where it was changed last.
    pub channel: Channel,
    /// When, by the clock of that device; `None` while it is empty.
    #[serde(default)]
    pub changed_at: Option<DateTime<Utc>>,
    /// Pieces in it.
    pub pieces: u64,
    /// What it costs, where every line has a price.
    #[serde(default)]
    pub total: Option<Money>,
    /// The first items in it, by title; at most three.
    pub titles: Vec<String>,
    /// Where it stands.
    pub lease: LeaseView,
    /// Commands on it that wait here.
    pub unsent: u32,
}

/// Opens the cart that this device works on for her (or for a guest), or begins one. Works with the network down.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BeginCart {
    /// For whom; `None` for somebody unknown.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// Begins another one though one is open.
    #[serde(default)]
    pub anew: bool,
}

/// Opens a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCart {
    /// Which.
    pub cart: CartId,
}

/// A cart as it is shown: what the cloud decided, with what waits on this device on top.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CartPage {
    /// The cart.
    pub cart: Cart,
    /// What it costs; `None` where a line has no price.
    #[serde(default)]
    pub totals: Option<Totals>,
    /// The items that it names, each once.
    pub items: Vec<ItemView>,
    /// Her name, where it is somebody's who is known here.
    #[serde(default)]
    pub customer_name: Option<String>,
    /// Who may check it out.
    pub lease: LeaseView,
    /// Commands on it that wait here.
    pub unsent: u32,
    /// Pieces of each item that this device may sell with the network down.
    #[serde(default)]
    pub allotted: BTreeMap<Sku, u64>,
    /// What goes with it; empty where nothing is known.
    #[serde(default)]
    pub shelves: Vec<Shelf>,
}

/// Who may check a cart out, as this device sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "held")]
pub enum LeaseView {
    /// Nobody: the first checkout takes it.
    Free,
    /// This device.
    Here {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Another.
    Elsewhere {
        /// Where that is.
        channel: Channel,
        /// Until when.
        until: DateTime<Utc>,
    },
}

/// Changes what is in a cart: kept durably here, shown at once, sent when the cloud answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCart {
    /// Which.
    pub cart: CartId,
    /// How.
    pub change: CartChange,
}

/// What somebody does to a cart on a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum CartChange {
    /// Puts an item in: one more on the line that this item has already (at its price), else a new line.
    Add {
        /// What.
        sku: Sku,
        /// How many, more than none.
        quantity: u32,
    },
    /// Anything on a line, as [`crate::cart::Line::step`] and [`crate::cart::Line::observed`] make it.
    Line {
        /// What.
        action: Action,
    },
}

/// The answer to [`ChangeCart`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The cart with it.
    pub page: Aged<CartPage>,
    /// What takes it back; `None` where nothing can.
    #[serde(default)]
    pub undo: Option<CartChange>,
}

/// A guest's cart is hers from now on. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignCart {
    /// Which.
    pub cart: CartId,
    /// Whose.
    pub customer: CustomerId,
}

/// Another cart goes into this one. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeCarts {
    /// The cart that stays.
    pub cart: CartId,
    /// The cart that goes.
    pub source: CartId,
}

/// Each cart has its own again. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoMerge {
    /// The cart that stayed.
    pub cart: CartId,
    /// Which merge, see [`crate::cart::Absorption`].
    pub merge: CommandId,
}

/// Hands a cart over: a code where the cloud answers, else a capsule for a device beside this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferCart {
    /// Which.
    pub cart: CartId,
    /// Makes a capsule though the cloud answers.
    #[serde(default)]
    pub capsule: bool,
}

/// What is shown to hand a cart over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Offered {
    /// A code of the cloud: the lease goes with it.
    Code {
        /// For QR and typing.
        shown: Shown,
        /// What the QR says: an address that a phone's own camera opens.
        qr: String,
    },
    /// What waits here, signed, in QRs to be scanned one after the other; no lease goes with it.
    Capsule {
        /// What each QR says; `aisle:1/3:…`.
        frames: Vec<String>,
    },
}

/// Takes a cart over: with a QR as it was scanned, a typed code, or all frames of a capsule, one in each line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimCart {
    /// At most [`MAX_PROOF_CHARS`] a line.
    pub proof: String,
}

/// Freezes a cart and keeps its goods back; takes the lease where it is free. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginCheckout {
    /// Which.
    pub cart: CartId,
    /// Its version that is on the screen.
    pub version: u64,
    /// The sum that is on the screen.
    pub total: Money,
}

/// She agrees to changed prices. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmPrices {
    /// Which cart.
    pub cart: CartId,
    /// Its version that is on the screen.
    pub version: u64,
    /// The prices that she agreed to.
    pub prices: Vec<LinePrice>,
}

/// Asks for the money. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayCart {
    /// For which cart.
    pub cart: CartId,
    /// How.
    pub method: PaymentMethod,
    /// The attempt that begins: a second tap does not begin another.
    pub attempt: u32,
}

/// Asks where a payment stands. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskPayment {
    /// Of which cart.
    pub cart: CartId,
}

/// Opens a cart again. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUpCheckout {
    /// Which.
    pub cart: CartId,
}

/// Sells with the network down, from what this device was allotted; an associate's. The sale is durable here before
/// this answers, with its receipt number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellHere {
    /// Which cart.
    pub cart: CartId,
    /// Its version that is on the screen.
    pub version: u64,
    /// The sum that is on the screen, and that was taken.
    pub total: Money,
    /// How: cash, or a terminal that works by itself.
    pub method: PaymentMethod,
    /// What the terminal printed, where there was one; no card number.
    #[serde(default)]
    pub reference: Option<String>,
}

/// Opens an order that was made of a cart: for its receipt, or to take goods back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenOrder {
    /// Which: its id, or the number on its receipt.
    pub order: String,
}

/// An order, as its receipt and its returns need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderPage {
    /// The order.
    pub order: CartOrder,
    /// The items that it names, each once, as far as they are known here.
    pub items: Vec<ItemView>,
    /// What has come back of it.
    pub settlement: Settlement,
    /// The store that sold it.
    pub store: Store,
    /// Who sold it, where she is known here.
    #[serde(default)]
    pub associate_name: Option<String>,
    /// Who bought it, where she is known here.
    #[serde(default)]
    pub customer_name: Option<String>,
    /// How far it has come: a sale with the network down waits here first.
    pub state: Delivery,
}

/// Takes goods back; an associate's. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnGoods {
    /// Of which order.
    pub order: OrderId,
    /// Pieces of its lines.
    pub pieces: BTreeMap<LineId, u32>,
}

/// Looks for a QR in a picture of the camera, where the webview cannot do that itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadPicture {
    /// Pixels in a row, at most 1,280.
    pub width: u32,
    /// Rows, at most 1,280.
    pub height: u32,
    /// Brightness of each pixel, 0 to 255, row by row; base64 with padding.
    pub luma: String,
}

/// The answer to [`ReadPicture`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureRead {
    /// What the QRs in it say.
    pub texts: Vec<String>,
}
