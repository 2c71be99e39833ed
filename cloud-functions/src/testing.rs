//! What tests of functions are given: engines in memory, a clock that stands still, randomness from a seed.

pub(crate) mod faults;
pub(crate) mod shop;
pub(crate) mod wire;

use crate::engines::letters::LedgerLetters;
use crate::engines::memory::{MemoryEventLog, MemoryLedger};
use crate::engines::payments::SimulatedTerminal;
use crate::ports::clock::Clock;
use crate::ports::ids::Ids;
use crate::ports::poke::Poke;
use crate::ports::tokens::{TokenError, Verifier};
use crate::services::Services;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Principal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A clock that moves when it is told to.
#[derive(Debug)]
pub(crate) struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// Stands at noon of 1 June 2026.
    pub(crate) fn new() -> Arc<Self> {
        let noon = "2026-06-01T12:00:00Z".parse().unwrap();
        Arc::new(Self(Mutex::new(noon)))
    }

    /// Moves on.
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// The same "randomness" in every run.
#[derive(Debug)]
pub(crate) struct SeededIds(Mutex<ChaCha8Rng>);

impl SeededIds {
    /// From a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }
}

impl Ids for SeededIds {
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.lock().unwrap().fill_bytes(&mut bytes);
        bytes
    }
}

/// Knows the tokens and write keys that it is given, and no others.
#[derive(Debug, Default)]
pub(crate) struct ListVerifier {
    /// By token.
    pub(crate) principals: BTreeMap<String, Principal>,
    /// Sources by write key.
    pub(crate) sources: BTreeMap<String, String>,
}

#[async_trait]
impl Verifier for ListVerifier {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let unknown = || TokenError::Invalid("it is not in the list".to_owned());
        self.principals.get(token).cloned().ok_or_else(unknown)
    }

    async fn source(&self, write_key: &str) -> Result<Option<String>, TokenError> {
        Ok(self.sources.get(write_key).cloned())
    }
}

/// A test's services and the doubles behind them.
pub(crate) struct Bench {
    /// What functions are given.
    pub(crate) services: Services,
    /// Behind `services.clock`.
    pub(crate) clock: Arc<ManualClock>,
    /// Behind `services.events`: what was appended can be read here.
    pub(crate) log: MemoryEventLog,
}

/// Everything in memory, nobody known.
pub(crate) fn bench() -> Bench {
    bench_with(ListVerifier::default())
}

/// Everything in memory, with callers.
pub(crate) fn bench_with(verifier: ListVerifier) -> Bench {
    let log = MemoryEventLog::default();
    let clock = ManualClock::new();
    let ledger = Arc::new(MemoryLedger::default());
    let services = Services {
        letters: Arc::new(LedgerLetters::new(ledger.clone())),
        ledger,
        events: Arc::new(log.clone()),
        dead_letters: Arc::new(log.clone()),
        clock: clock.clone(),
        ids: Arc::new(SeededIds::new(1)),
        poke: Poke::default(),
        payments: Arc::new(SimulatedTerminal::default()),
        verifier: Arc::new(verifier),
        memory: Arc::default(),
    };
    Bench {
        services,
        clock,
        log,
    }
}
