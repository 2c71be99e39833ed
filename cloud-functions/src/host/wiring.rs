//! Binds the ports to engines in a data folder.

use super::folder::DataFolder;
use crate::carts::HookKey;
use crate::engines::letters::LedgerLetters;
use crate::engines::payments::SimulatedTerminal;
use crate::engines::sqlite::{OpenError, SqliteEventLog, SqliteLedger};
use crate::functions::identity::LocalVerifier;
use crate::ports::backlog::Backlog;
use crate::ports::clock::{Clock, SystemClock};
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
    /// What pumps are given.
    pub backlog: Arc<dyn Backlog>,
}

/// Opens the engines of a folder, with the machine's clock and randomness.
///
/// # Errors
/// What [`OpenError`] lists.
pub fn open(folder: &DataFolder) -> Result<Wired, OpenError> {
    open_with(folder, Vec::new())
}

/// The same, where the payment provider is believed what it signs with one of the keys.
///
/// # Errors
/// What [`OpenError`] lists.
pub fn open_with(folder: &DataFolder, hook_keys: Vec<HookKey>) -> Result<Wired, OpenError> {
    let ledger: Arc<dyn Ledger> = Arc::new(SqliteLedger::open(&folder.ledger())?);
    let log = Arc::new(SqliteEventLog::open(&folder.events())?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let verifier = LocalVerifier::new(Arc::clone(&ledger), Arc::clone(&clock));
    let services = Services {
        letters: Arc::new(LedgerLetters::new(Arc::clone(&ledger))),
        ledger,
        events: log.clone(),
        dead_letters: log.clone(),
        clock,
        ids: Arc::new(SystemIds),
        poke: Poke::default(),
        payments: Arc::new(SimulatedTerminal::with_hook_keys(hook_keys)),
        verifier: Arc::new(verifier),
        memory: Arc::default(),
    };
    Ok(Wired {
        services: crate::telemetry::observe(services),
        backlog: log,
    })
}
