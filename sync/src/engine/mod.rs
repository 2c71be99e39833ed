//! The protocol without I/O: bytes in, a checked page out; a page and what is held in, a plan out.
//!
//! Nothing here opens a file, a socket or a clock.

mod machine;
mod page;
mod plan;
mod wire;

pub use machine::{
    Backoff, Engine, Errand, Event, Instruction, Line, News, Outcome, Pace, Pulled, Pushed, Timer,
    Trouble, View,
};
pub use page::{Page, read_page};
pub use plan::{Held, Plan, PlanError, plan_page};
pub use wire::{MAX_ANSWER_BYTES, MAX_LINE_BYTES, MAX_LINES, WireError, decode_answer};
