//! A cart that walks between channels, and the one order at the end of it.
//!
//! A cart is what an ordered log of [`Entry`]s says: commands of people and turns of a checkout, in the order in which
//! the cloud decided on them ([`Cart::apply`], [`fold`]). Devices apply the same function to what they pulled and, on
//! top, to what they still have to send ([`project`]), so that all of them see one cart.
//!
//! Everything here is total: an entry is applied, held, sent elsewhere or refused with a reason; none panics and none
//! vanishes. Instants and random bytes are parameters. Nothing here reserves stock, charges a card or signs: what has to
//! happen outside is answered as a [`Duty`].

mod author;
mod canonical;
mod capsule;
mod checkout;
mod command;
mod decide;
mod discount;
mod duty;
mod handoff;
mod late;
mod lease;
mod line;
mod log;
mod merge;
mod offline;
mod order;
mod outcome;
mod payment;
mod pieces;
mod price;
mod promotion;
mod receipt;
mod refund;
mod share;
mod state;
mod tax;
mod terms;
mod totals;

pub use author::{Author, Channel};
pub use capsule::{Capsule, CapsuleRefusal, MAX_CAPSULE_COMMANDS, SignedCapsule, key_id};
pub use checkout::{Checkout, CheckoutTurn, MAX_ATTEMPTS, Phase};
pub use command::{
    Action, CartCommand, CommandFault, MAX_LINE_NOTE_CHARS, MAX_QUANTITY, NewLine, Observed,
};
pub use discount::{Discount, Reason, discounts};
pub use duty::Duty;
pub use handoff::{
    CODE_CHARS, Claim, Claimant, Claimed, HANDOFF_SECONDS, Handoff, HandoffRefusal, HandoffState,
    MAX_TRIES, Proof, Shown, TRIES_MEMORY_SECONDS, Tries, issue, read_code, spell_code,
};
pub use lease::{Hold, LEASE_SECONDS, Lease, LeaseRefusal};
pub use line::{Line, SoldLine};
pub use log::{CartLog, Entry, LogFault, fold, project};
pub use merge::{Absorption, Departure, MergeRefusal, MergedLine, UndoneMerge, merge, undo_merge};
pub use offline::{Allotment, CartChange, FIRST_OFFLINE_SEQUENCE, OfflineSale, SaleTaken};
pub use order::{CartOrder, OrderRefusal, Sale, order_id, payment_key, reward_key};
pub use outcome::{Decided, Notice, NoticeKind, Outcome, Refusal, Step};
pub use payment::{
    Capture, PAYMENT_DOUBT_SECONDS, PaymentAnswer, PaymentMethod, PaymentOutcome, PaymentRequest,
};
pub use price::{LinePrice, PriceChange, PriceChangeReason, PriceSnapshot, PriceSource, reprice};
pub use promotion::{Benefit, Promotion, PromotionFault, Target, ThresholdBenefit};
pub use receipt::{MAX_SEQUENCE, ReceiptFault, ReceiptNumber, Workstation, business_day};
pub use refund::{MAX_REFUNDS, Refund, RefundRefusal, RefundedLine, Settlement, refund};
pub use share::share;
pub use state::{Cart, MAX_COMMANDS, MAX_LINES, MAX_NOTICES, Opening, PastOrder, Status};
pub use tax::{Rate, TaxMode, tax_upon, tax_within};
pub use terms::{MAX_PROMOTION_TITLE, MAX_PROMOTIONS, Terms, TermsFault, TermsRefusal};
pub use totals::{LineFacts, LineTotal, TaxTotal, Totals, TotalsFault, totals};

#[cfg(test)]
mod tests;
