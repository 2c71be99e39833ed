//! The ports bound to storage. Each ledger passes one contract suite, each event log another.

pub mod ledger_log;
pub mod letters;
pub mod memory;
pub mod payments;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

mod claim;
#[cfg(test)]
pub(crate) mod contract;
