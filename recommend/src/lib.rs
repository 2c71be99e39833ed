//! Recommendations with reasons: what comes next in a session, what goes with an item, what she may
//! want again.
//!
//! A [`Model`] is built from items, sessions and orders, goes to tablets as a snapshot, and takes new
//! sessions and orders while it serves. The same model version and the same request (its `now`
//! included) give the same answer, bit for bit, in a cloud function, on a tablet and in wasm: scores
//! are exact integers, and ties are broken by a fixed rule.
//!
//! Method: session neighbours (VMIS-kNN, tuned, with a second look) for browsing, co-occurrence in baskets for "bought together",
//! own rhythm for what is used up, popularity where nothing else is known.
//!
//! What it costs and how good it is, beside other methods, is told in `MEASURED.md`.
//!
//! This crate never does I/O, never reads a clock and never draws a random number. A model never holds
//! who a session or an order belonged to: what is personal comes in with a request.

mod fixed;
pub mod model;
pub mod names;
pub mod requests;
pub mod sessions;
pub mod snapshot;

pub use model::{Model, ModelVersion, builder::ModelBuilder};
pub use requests::decision::{Answer, Decision, Question, ReplayError, Request};
pub use requests::filters::{Diversity, Filters, Revisit};
pub use requests::person::{Asked, Person};
pub use requests::taste::{Purchase, Taste};
pub use snapshot::SnapshotError;
pub use snapshot::delta::{DeltaError, DeltaWriter, is_delta};
pub use snapshot::delta_log::DeltaLog;
