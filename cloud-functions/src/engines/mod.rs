//! The ports bound to storage. Each ledger passes one contract suite, each event log another.

pub mod memory;

#[cfg(test)]
mod contract;
