//! Binds the ports to engines.

#[cfg(feature = "sqlite")]
use super::folder::DataFolder;
use crate::carts::HookKey;
use crate::engines::letters::LedgerLetters;
use crate::engines::payments::SimulatedTerminal;
#[cfg(feature = "sqlite")]
use crate::engines::sqlite::{OpenError, SqliteEventLog, SqliteLedger};
use crate::functions::identity::LocalVerifier;
use crate::ports::backlog::{Backlog, DeadLetters};
use crate::ports::clock::{Clock, SystemClock};
use crate::ports::events::EventLog;
use crate::ports::ids::SystemIds;
use crate::ports::ledger::Ledger;
use crate::ports::poke::Poke;
use crate::services::Services;
use std::sync::Arc;

/// The ports bound to engines.
#[derive(Clone)]
pub struct Wired {
    /// What functions are given.
    pub services: Services,
    /// What pumps are given: one for each lane of the log.
    pub lanes: Vec<Arc<dyn Backlog>>,
    /// The first lane; on a folder it is the only one.
    pub backlog: Arc<dyn Backlog>,
}

/// Opens the engines of a folder, with the machine's clock and randomness.
///
/// # Errors
/// What [`OpenError`] lists.
#[cfg(feature = "sqlite")]
pub fn open(folder: &DataFolder) -> Result<Wired, OpenError> {
    open_with(folder, Vec::new())
}

/// The same, where the payment provider is believed what it signs with one of the keys.
///
/// # Errors
/// What [`OpenError`] lists.
#[cfg(feature = "sqlite")]
pub fn open_with(folder: &DataFolder, hook_keys: Vec<HookKey>) -> Result<Wired, OpenError> {
    let ledger = SqliteLedger::open(&folder.ledger())?;
    let log = Arc::new(SqliteEventLog::open(&folder.events())?);
    let engines = Engines {
        ledger: Arc::new(ledger),
        events: log.clone(),
        dead_letters: log.clone(),
        first_lane: log,
        other_lanes: Vec::new(),
    };
    Ok(bind(engines, hook_keys))
}

/// Where the truth is, and what happened.
pub struct Engines {
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// The event log.
    pub events: Arc<dyn EventLog>,
    /// Its dead letters.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// Its first lane, or all of it.
    pub first_lane: Arc<dyn Backlog>,
    /// Its other lanes, in their order.
    pub other_lanes: Vec<Arc<dyn Backlog>>,
}

/// Binds the ports to engines, with the machine's clock and randomness. The payment provider is believed what it signs
/// with one of the keys; letters are kept in the ledger.
#[must_use]
pub fn bind(engines: Engines, hook_keys: Vec<HookKey>) -> Wired {
    let ledger = engines.ledger;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let verifier = LocalVerifier::new(Arc::clone(&ledger), Arc::clone(&clock));
    let services = Services {
        letters: Arc::new(LedgerLetters::new(Arc::clone(&ledger))),
        ledger,
        events: engines.events,
        dead_letters: engines.dead_letters,
        clock,
        ids: Arc::new(SystemIds),
        poke: Poke::default(),
        payments: Arc::new(SimulatedTerminal::with_hook_keys(hook_keys)),
        verifier: Arc::new(verifier),
        memory: Arc::default(),
    };
    let mut lanes = vec![Arc::clone(&engines.first_lane)];
    lanes.extend(engines.other_lanes);
    Wired {
        services: crate::telemetry::observe(services),
        lanes,
        backlog: engines.first_lane,
    }
}
