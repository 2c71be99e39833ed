//! The functions. Each is one folder or file, reads from top to bottom (decode, use case, port, encode), and knows no
//! other.
pub mod analytics;
pub mod cart;
pub mod catalogue;
pub mod content;
pub mod dead_letters;
pub mod identity;
pub mod ingest;
pub mod profile;
pub mod purchases;
pub mod recommend;
pub mod shopper;
pub mod sync;

mod registry;
#[cfg(test)]
mod shelves_tests;

pub use registry::{Function, all};
