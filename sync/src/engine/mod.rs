//! The protocol without I/O: bytes in, a checked page out; a page and what is held in, a plan out.
//!
//! Nothing here opens a file, a socket or a clock.

mod lines;
mod machine;
mod manifest;
mod page;
mod part;
mod plan;
mod repair;
mod wire;

pub use lines::MAX_LINE_BYTES;
pub use machine::{
    Backoff, Engine, Errand, Event, Instruction, Line, News, Outcome, Pace, Pulled, Pushed, Timer,
    Trouble, View,
};
pub use manifest::LoadError;
pub(crate) use manifest::check_manifest;
pub use page::{Page, read_page};
pub(crate) use part::{Entity, Range, read_part};
pub use plan::{Held, Plan, PlanError, plan_page};
pub use repair::{MAX_REPAIR_BYTES, Repair, read_repair};
pub use wire::{MAX_ANSWER_BYTES, MAX_LINES, WireError, decode_answer};
