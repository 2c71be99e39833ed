//! What a screen may ask of its device: one struct a call, with its reply. Over IPC and over loopback HTTP alike.

use crate::access::Role;
use crate::api::board::Board;
use crate::api::content::{Guest, Identify, ItemView, Shelf, ShelfItem};
use crate::api::identity::DeviceKind;
use crate::customer::Customer;
use crate::greeting::Greeting;
use crate::ids::{AssociateId, CartId, CommandId, CustomerId, DepartmentId, NoteId, Sku};
use crate::loyalty::Tier;
use crate::note::Note;
use crate::order::Order;
use crate::profile::Profile;
use crate::scan::Scan;
use crate::store::Store;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The most rows that one reply has.
pub const MAX_ROWS: usize = 100;

/// A request to the device: [`DeviceCall::NAME`] is its path and IPC name.
pub trait DeviceCall: Serialize + DeserializeOwned {
    /// Its name: `search_customers`.
    const NAME: &'static str;
    /// What comes back.
    type Reply: Serialize + DeserializeOwned;
}

macro_rules! device_calls {
    ($($call:ident => $name:literal -> $reply:ty,)*) => {$(
        impl DeviceCall for $call {
            const NAME: &'static str = $name;
            type Reply = $reply;
        }
    )*};
}

mod cart;
mod help;
mod pick;

pub use cart::*;
pub use help::{AskHelp, EndHelp, ListHelp};
pub use pick::SetPick;

device_calls! {
    ReadStatus => "read_status" -> Status,
    SignIn => "sign_in" -> Session,
    SignOut => "sign_out" -> Done,
    SearchCustomers => "search_customers" -> Aged<CustomerHits>,
    OpenCustomer => "open_customer" -> Aged<CustomerCard>,
    AddNote => "add_note" -> NoteView,
    ChangeNote => "change_note" -> NoteView,
    RemoveNote => "remove_note" -> Done,
    SearchItems => "search_items" -> Aged<ItemHits>,
    OpenItem => "open_item" -> Aged<ItemPage>,
    ListDepartments => "list_departments" -> Aged<Vec<DepartmentTile>>,
    ReadScan => "read_scan" -> ScanFound,
    ReadHome => "read_home" -> Aged<Vec<Shelf>>,
    IdentifyGuest => "identify_guest" -> Guest,
    ForgetGuest => "forget_guest" -> Done,
    ReadBoard => "read_board" -> Aged<Board>,
    ListUnsent => "list_unsent" -> Vec<UnsentCommand>,
    MendCommand => "mend_command" -> Done,
    SetAside => "set_aside" -> Done,
    ExportUnsent => "export_unsent" -> Exported,
}

/// Nothing to say but that it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Done {}

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// On this device.
    Here,
    /// Asked of the cloud just now.
    Online,
}

/// A value with its age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aged<T> {
    /// The value.
    pub value: T,
    /// When it was true: for what is [`Source::Here`], the last time that the device heard from the cloud. `None` before
    /// the first time.
    pub as_of: Option<DateTime<Utc>>,
    /// Where it comes from.
    pub source: Source,
}

/// What the device is and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadStatus {}

/// The answer to [`ReadStatus`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// What it is for.
    pub kind: DeviceKind,
    /// Where it stands; `None` before the first sync.
    pub store: Option<Store>,
    /// Who works here, for the sign-in screen. Empty on a kiosk.
    pub team: Vec<Face>,
    /// Who is signed in.
    pub session: Option<Session>,
    /// How the sync stands.
    pub sync: SyncStatus,
    /// What the operator should know.
    pub warnings: Vec<Warning>,
}

/// An associate, as the sign-in screen shows her.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    /// Who.
    pub id: AssociateId,
    /// Her name.
    pub name: String,
    /// The colour of her face.
    pub colour: String,
    /// Associate or manager.
    pub role: Role,
}

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub face: Face,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// How the sync stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStatus {
    /// Whether the last contact went well.
    pub online: bool,
    /// When the cloud last answered.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// Commands that wait to be sent.
    pub unsent: u32,
    /// The oldest of them.
    pub oldest_unsent_at: Option<DateTime<Utc>>,
    /// Commands that were refused and wait for somebody.
    pub needs_attention: u32,
    /// Whether everything was pulled at least once.
    pub complete: bool,
    /// How far the device has come with what it fetches in parts: at its first start, or after long silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loading: Option<Loading>,
    /// Whether something here differed from the cloud and is being mended. Nobody has to do anything.
    #[serde(default)]
    pub repairing: bool,
}

/// How far a long fetch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loading {
    /// Parts that are here.
    pub done: u32,
    /// Parts in all; more may be found while it goes on.
    pub total: u32,
}

/// What the operator should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// No keychain here: the key of the database lies in a file beside it.
    KeyInFile,
    /// The device was revoked.
    Revoked,
    /// The device is not enrolled.
    NotEnrolled,
}

/// Signs an associate in by her PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Who.
    pub associate: AssociateId,
    /// Her PIN.
    pub pin: String,
}

/// Signs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignOut {}

/// Finds customers by parts of name, phone, e-mail or card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCustomers {
    /// What was typed so far; nothing lists who visited or browsed lately.
    pub query: String,
    /// At most [`MAX_ROWS`].
    pub limit: usize,
}

/// The answer to [`SearchCustomers`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerHits {
    /// The best first.
    pub hits: Vec<CustomerHit>,
    /// Whether there are more.
    pub more: bool,
    /// Customers on this device.
    pub known: u64,
}

/// A row of the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerHit {
    /// Who.
    pub id: CustomerId,
    /// Her full name.
    pub name: String,
    /// Which characters of [`CustomerHit::name`] matched: half-open ranges of `char` indices, in order, not overlapping.
    pub matched: Vec<(u32, u32)>,
    /// Her standing.
    pub tier: Tier,
    /// When she was last here.
    pub last_visit_at: Option<DateTime<Utc>>,
    /// What else matched: a masked phone (`… 4711`), an e-mail or a card.
    pub matched_by: Option<String>,
    /// The last thing she looked at and when, where she allows it.
    pub looked_at: Option<(String, DateTime<Utc>)>,
}

/// Opens a customer's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCustomer {
    /// Whose.
    pub customer: CustomerId,
}

/// Everything on a customer's card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerCard {
    /// Who she is.
    pub customer: Customer,
    /// The one line to say, and the title of the item that it names.
    pub say: Greeting,
    /// Title of the item in [`CustomerCard::say`].
    pub say_title: Option<String>,
    /// Whether she is browsing now.
    pub active: bool,
    /// What she does on the web; empty where she refused.
    pub profile: Profile,
    /// The items that the card names, each once: views, cart, wish list, orders.
    pub items: Vec<ItemView>,
    /// For her.
    pub recommendations: Vec<ShelfItem>,
    /// The version of the model that recommended.
    pub model: Option<String>,
    /// Her orders, newest first; at most ten.
    pub orders: Vec<Order>,
    /// Notes, newest first; at most fifty.
    pub notes: Vec<NoteView>,
}

/// A note on the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    /// The note.
    pub note: Note,
    /// Which version of it this is, as a base for changes. Of a note that was written or changed here and is not
    /// confirmed yet: the version that it will have, when all that waits here is done.
    #[serde(default)]
    pub version: u64,
    /// Her name, for people.
    pub author_name: String,
    /// How far it, or the last change of it, has come.
    pub state: Delivery,
}

/// How far a command has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Kept on this device, will be sent.
    Kept,
    /// Confirmed by the cloud.
    Sent,
    /// Refused, with the reason; kept for somebody to mend.
    Refused(String),
}

/// Notes something on a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddNote {
    /// On whom.
    pub customer: CustomerId,
    /// What.
    pub text: String,
    /// Whether it stays on top of the card.
    #[serde(default)]
    pub pinned: bool,
}

/// Changes a note. Where somebody else was quicker, the change comes back refused and can be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeNote {
    /// Which.
    pub id: NoteId,
    /// About whom it is.
    pub customer: CustomerId,
    /// [`NoteView::version`] as it was on the screen.
    pub base: u64,
    /// Its new text.
    pub text: String,
    /// Whether it stays on top of the card.
    pub pinned: bool,
}

/// Takes a note away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveNote {
    /// Which.
    pub id: NoteId,
    /// About whom it is.
    pub customer: CustomerId,
    /// [`NoteView::version`] as it was on the screen.
    pub base: u64,
}

/// Finds items by words, number or bar code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchItems {
    /// What was typed; nothing lists a department.
    pub query: String,
    /// Only in this department.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// Rows to pass over.
    #[serde(default)]
    pub offset: usize,
    /// At most [`MAX_ROWS`].
    pub limit: usize,
}

/// The answer to [`SearchItems`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemHits {
    /// The best first.
    pub hits: Vec<ItemView>,
    /// Whether there are more.
    pub more: bool,
}

/// Opens an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenItem {
    /// Which.
    pub sku: Sku,
}

/// An item with its variants and shelves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemPage {
    /// The item.
    pub view: ItemView,
    /// Variants of the same style, this one included.
    pub variants: Vec<ItemView>,
    /// Similar, bought together; none of them empty.
    pub shelves: Vec<Shelf>,
}

/// Lists departments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListDepartments {}

/// A department to browse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentTile {
    /// Which.
    pub department: DepartmentId,
    /// Items in it.
    pub items: u32,
    /// A drawing and a colour that stand for it.
    pub art: String,
    /// The colour's name.
    pub colour: String,
}

/// Reads what a scanner typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadScan {
    /// Everything between the first key and Enter.
    pub text: String,
}

/// What a scan leads to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "found")]
pub enum ScanFound {
    /// An item of the catalogue.
    Item {
        /// Which.
        sku: Sku,
    },
    /// A customer of this store (never on a kiosk).
    Customer {
        /// Who.
        customer: CustomerId,
    },
    /// A loyalty card at a kiosk, or one that is not known here.
    Card {
        /// What the scan said.
        scan: Scan,
    },
    /// Nothing here has this number.
    Nothing {
        /// What the scan said.
        scan: Scan,
    },
}

/// The shelves of a kiosk's home for somebody anonymous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadHome {}

/// A shopper says who she is at a kiosk; asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifyGuest {
    /// By card or phone.
    pub identify: Identify,
}

/// Wipes everything of the shopper from a kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ForgetGuest {}

/// The live board; a manager's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadBoard {}

/// What waits to be sent, and what was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListUnsent {}

/// A command in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsentCommand {
    /// Which.
    pub id: CommandId,
    /// Its kind, see [`crate::api::sync::command`].
    pub kind: String,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// How far it has come.
    pub state: Delivery,
    /// Its arguments, as JSON.
    pub args: serde_json::Value,
    /// Why it was refused, for programs: `note-moved`, `note-gone`, `customer-unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The name of the customer whom it is about, where she is known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The note as it is now, where the command changes one that is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Theirs>,
    /// Whether somebody set it aside: kept, and no longer waiting for anybody.
    #[serde(default)]
    pub set_aside: bool,
}

/// A note as the cloud has it now, beside what a refused command wanted to make of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theirs {
    /// Its version: the base of a command that goes on from here.
    pub version: u64,
    /// Its text.
    pub text: String,
    /// Whether it stays on top of the card.
    pub pinned: bool,
}

/// Sends a refused command again, changed. It gets a new id and the end of the queue; the refused one is gone then.
///
/// A change of a note that is gone becomes a new note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MendCommand {
    /// Which was refused.
    pub id: CommandId,
    /// The text of the note, where another than before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether the note stays on top of the card, where other than before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// [`Theirs::version`] as it was on the screen, where the command changes or removes a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<u64>,
}

/// Sets a refused command aside: it is kept, but waits for nobody any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Which.
    pub id: CommandId,
}

/// Everything that is not in the cloud yet or was refused by it, as a file to give to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportUnsent {}

/// The answer to [`ExportUnsent`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// What to call the file.
    pub file_name: String,
    /// What is in it.
    pub json: String,
}

/// Something changed on the device: a screen that shows it asks again. Server-sent event or IPC event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "signal")]
pub enum Signal {
    /// The status changed.
    Status,
    /// Something of this customer changed: her data, profile, notes or orders.
    Customer {
        /// Whose.
        customer: CustomerId,
    },
    /// Something of this cart changed, or of an order of it.
    Cart {
        /// Which.
        cart: CartId,
    },
    /// A kiosk asks for somebody of the team, or does not any more.
    Help,
    /// So much changed that a screen asks for everything again.
    Everything,
    /// Something to tell people beside the screen.
    Notice {
        /// What.
        notice: Notice,
    },
}

/// Something to tell people, as a desktop notice where there is a desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "notice")]
pub enum Notice {
    /// What was kept while offline has been sent.
    Sent {
        /// How many.
        commands: u32,
    },
    /// A command was refused and waits for somebody.
    NeedsAttention {
        /// How many in all.
        commands: u32,
    },
}

/// Why a call was refused. The code is for programs, the message for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind.
    pub code: RefusalCode,
    /// In plain words (English; screens word it by the code).
    pub message: String,
    /// When to try again, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<DateTime<Utc>>,
}

/// Kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// Nobody is signed in.
    NotSignedIn,
    /// The PIN is wrong.
    WrongPin,
    /// Too many wrong PINs.
    Locked,
    /// Not for this role or this kind of device.
    Forbidden,
    /// Needs the network, and there is none.
    Offline,
    /// There is no such thing here.
    NotFound,
    /// The request makes no sense; the message names the field.
    Invalid,
    /// The disk is full; nothing was changed.
    StorageFull,
    /// The rules of carts refuse it, as they are now: the message says why, and asking again shows how it stands.
    Refused,
    /// A fault of ours.
    Fault,
}
