//! Carts as screens show them: lines, notices, how far a checkout is, codes, receipts and returns. The rules are the
//! domain's; nothing here decides what a cart costs or who may do what.

pub mod back;
pub mod channel;
pub mod code;
pub mod line;
pub mod news;
pub mod off;
pub mod offline;
pub mod paper;
pub mod prices;
pub mod reason;
pub mod stage;
pub mod swipe;
