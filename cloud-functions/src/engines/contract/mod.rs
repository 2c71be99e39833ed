//! What every engine promises, as tests that each engine runs.

pub(super) mod event_log;
pub(super) mod ledger;
