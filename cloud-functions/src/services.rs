//! What every function is given: the ports, bound to engines by the host, and what is kept in memory of the ledger.

use crate::memory::Memory;
use crate::ports::backlog::DeadLetters;
use crate::ports::clock::Clock;
use crate::ports::events::EventLog;
use crate::ports::ids::Ids;
use crate::ports::ledger::Ledger;
use crate::ports::letters::Letters;
use crate::ports::payments::Payments;
use crate::ports::poke::Poke;
use crate::ports::tokens::Verifier;
use std::sync::Arc;

/// The ports. Cheap to clone: every clone is the same engines.
#[derive(Clone)]
pub struct Services {
    /// The truth.
    pub ledger: Arc<dyn Ledger>,
    /// What happened.
    pub events: Arc<dyn EventLog>,
    /// What consumers were given up on.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn Ids>,
    /// Who waits for a scope.
    pub poke: Poke,
    /// Who takes money.
    pub payments: Arc<dyn Payments>,
    /// Who delivers letters.
    pub letters: Arc<dyn Letters>,
    /// Who calls.
    pub verifier: Arc<dyn Verifier>,
    /// What functions keep in memory of the ledger.
    pub memory: Arc<Memory>,
}
