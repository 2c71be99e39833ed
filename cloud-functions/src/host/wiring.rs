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
    /// What pumps are given.
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
    let log = SqliteEventLog::open(&folder.events())?;
    Ok(bind(Arc::new(ledger), Arc::new(log), hook_keys))
}

/// Binds the ports to a ledger and a log, with the machine's clock and randomness. The payment provider is believed what
/// it signs with one of the keys; letters are kept in the ledger.
pub fn bind<L>(ledger: Arc<dyn Ledger>, log: Arc<L>, hook_keys: Vec<HookKey>) -> Wired
where
    L: EventLog + Backlog + DeadLetters + 'static,
{
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
    Wired {
        services: crate::telemetry::observe(services),
        backlog: log,
    }
}
