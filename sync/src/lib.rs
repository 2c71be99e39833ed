//! The device's replica: an encrypted SQLite file with what the device may hold, the queue of what its people did,
//! and a search that answers within a keystroke.
//!
//! Commands go up, decisions come down. [`Replica::queue`] keeps a command before it is first sent; the caller sends
//! what [`Replica::next_push`] gives and hands the answer to [`Replica::settle`]. What a pull answers goes through
//! [`decode_answer`] and [`read_page`] to [`Replica::apply`], which changes rows, cursors and the queue in one
//! transaction or not at all. A feed that cannot go on from its cursor is offered as a snapshot instead, which
//! [`Replica::load_part`] takes part by part; a scope that does not hold what the cloud says is made whole by
//! [`Replica::repair`].
//!
//! [`Engine`] says when to do any of this, and [`Errand`] does it but for the call itself.
//!
//! This crate never does network I/O, never starts a thread, never reads a clock and never draws a random number.

mod engine;
mod errands;
mod error;
mod key;
mod replica;
mod search;
#[cfg(test)]
mod testing;

pub use engine::{
    Backoff, Engine, Errand, Event, Held, Instruction, Line, LoadError, MAX_ANSWER_BYTES,
    MAX_LINE_BYTES, MAX_LINES, MAX_REPAIR_BYTES, News, Outcome, Pace, Page, Plan, PlanError,
    Pulled, Pushed, Repair, Timer, Trouble, View, WireError, decode_answer, plan_page, read_page,
    read_repair,
};
pub use errands::{Prepared, Request};
pub use error::ReplicaError;
pub use key::Key;
pub use replica::{
    Applied, Loaded, Loading, MAX_ARGS_BYTES, MAX_EXPORT_BYTES, MAX_KEEPSAKE_BYTES, MAX_LIST,
    MAX_PUSH_BYTES, MAX_QUEUE, MAX_TOUCHED, NewCommand, NewSale, OrderHere, Repaired, Replica,
    Settled, ShownCart, Sold, Standing,
};
