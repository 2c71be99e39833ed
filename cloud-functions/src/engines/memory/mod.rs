//! Everything in memory: for tests, and for demonstrations that leave nothing behind.

mod event_log;
mod ledger;

pub use event_log::MemoryEventLog;
pub use ledger::MemoryLedger;
