//! Recommendations: for you, similar, bought together, and the snapshot that tablets answer from.

mod learn;
mod serve;

pub use learn::consumer;
pub use serve::routes;
