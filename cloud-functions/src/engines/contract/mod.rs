//! What every engine promises, as tests that each engine runs.

pub(crate) mod event_log;
pub(crate) mod ledger;
