//! The ledger of a simulated cloud: any engine, one operation a turn, with the faults of a network database.

mod model;

pub(super) use model::Model;

use super::chance::Chance;
use super::counts::Counts;
use super::gate::Gate;
use super::history::History;
use async_trait::async_trait;
use cloud_functions::ports::ledger::{
    Key, Ledger, LedgerError, MAX_PAGE, Stored, Write, check_batch, check_keys,
};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often an operation goes wrong, in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// It is refused for now: throttled, or another transaction is in its way.
    pub throttled: u64,
    /// A write is done, and its caller is not told.
    pub done_untold: u64,
    /// A write is not done, and its caller is not told.
    pub lost_untold: u64,
    /// A query comes in several pages, with others' writes in between.
    pub paged: u64,
    /// A transaction becomes visible to queries item by item.
    pub slow: u64,
}

/// What keeps the items.
pub(super) enum Store {
    /// The model of DynamoDB.
    Model(Box<Mutex<Model>>),
    /// An engine of ours.
    Engine(Arc<dyn Ledger>),
}

/// The ledger, as every instance of the functions is given it.
pub(super) struct SimulatedLedger {
    gate: Arc<Gate>,
    store: Store,
    chance: Mutex<(Chance, Rates)>,
    counts: Arc<Counts>,
    history: Arc<Mutex<History>>,
}

impl SimulatedLedger {
    /// A ledger without faults; what is written is told to the history.
    #[must_use]
    pub(super) fn new(
        store: Store,
        seed: u64,
        gate: Arc<Gate>,
        counts: Arc<Counts>,
        history: Arc<Mutex<History>>,
    ) -> Self {
        Self {
            gate,
            store,
            chance: Mutex::new((Chance::new(seed), Rates::default())),
            counts,
            history,
        }
    }

    /// From now on operations go wrong as often as this.
    pub(super) fn set_rates(&self, rates: Rates) {
        lock(&self.chance).1 = rates;
    }

    /// All items, to be put back later; of the model alone.
    #[must_use]
    pub(super) fn backup(&self) -> Option<Model> {
        match &self.store {
            Store::Model(model) => Some(lock(model).whole()),
            Store::Engine(_) => None,
        }
    }

    /// An item as it lies there, without anybody's turn; of the model alone.
    #[must_use]
    pub(super) fn peek(&self, key: &Key) -> Option<Stored> {
        match &self.store {
            Store::Model(model) => lock(model).read(key),
            Store::Engine(_) => None,
        }
    }

    /// Puts a backup back.
    pub(super) fn restore(&self, backup: Model) {
        if let Store::Model(model) = &self.store {
            *lock(model) = backup;
        }
    }

    fn draw(&self, rate: impl Fn(&Rates) -> u64) -> bool {
        let mut drawn = lock(&self.chance);
        let share = rate(&drawn.1);
        drawn.0.permille(share)
    }

    fn below(&self, bound: usize) -> usize {
        lock(&self.chance).0.index(bound)
    }

    async fn enter(&self) -> Result<(), LedgerError> {
        self.gate.turn().await;
        self.counts.add("ledger operations");
        if self.draw(|rates| rates.throttled) {
            self.counts.fault("ledger throttled");
            return Err(LedgerError::Unavailable("throttled".to_owned()));
        }
        Ok(())
    }

    async fn commit(&self, batch: &[Write]) -> Result<(), LedgerError> {
        match &self.store {
            Store::Engine(engine) => self.gate.inside(engine.write(batch.to_vec())).await?,
            Store::Model(model) => {
                let slow = self.draw(|rates| rates.slow);
                {
                    let mut model = lock(model);
                    if model.is_contended(batch) {
                        self.counts.fault("transaction conflict");
                        return Err(LedgerError::Unavailable("another transaction".to_owned()));
                    }
                    model.write(batch, slow)?;
                }
                lock(&self.history).commit(batch);
                if slow {
                    self.counts.fault("transaction seen item by item");
                    self.reveal(model, batch).await;
                }
                return Ok(());
            }
        }
        lock(&self.history).commit(batch);
        Ok(())
    }

    /// Shows a transaction to queries item by item, in any order. A caller that goes away does not stop it.
    async fn reveal(&self, model: &Mutex<Model>, batch: &[Write]) {
        let mut rest = Rest {
            model,
            keys: batch.iter().map(|write| write.key().clone()).collect(),
        };
        for _ in 0..=self.below(3) {
            self.gate.turn().await;
            for _ in 0..=self.below(rest.keys.len()) {
                let index = self.below(rest.keys.len());
                if index < rest.keys.len() {
                    lock(model).reveal(&rest.keys.swap_remove(index));
                }
            }
        }
    }
}

struct Rest<'a> {
    model: &'a Mutex<Model>,
    keys: Vec<Key>,
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        let mut model = lock(self.model);
        self.keys.iter().for_each(|key| model.reveal(key));
    }
}

#[async_trait]
impl Ledger for SimulatedLedger {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        self.enter().await?;
        match &self.store {
            Store::Model(model) => Ok(lock(model).read(key)),
            Store::Engine(engine) => self.gate.inside(engine.read(key)).await,
        }
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        check_keys(keys)?;
        self.enter().await?;
        match &self.store {
            Store::Model(model) => {
                // Each consistent by itself: another call may write in between.
                let half = if self.draw(|rates| rates.paged) {
                    keys.len() / 2
                } else {
                    keys.len()
                };
                let (first, second) = keys.split_at(half);
                let mut stored: Vec<_> = first.iter().map(|key| lock(model).read(key)).collect();
                if !second.is_empty() {
                    self.counts.fault("read in two halves");
                    self.gate.turn().await;
                    stored.extend(second.iter().map(|key| lock(model).read(key)));
                }
                Ok(stored)
            }
            Store::Engine(engine) => self.gate.inside(engine.read_all(keys)).await,
        }
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        self.enter().await?;
        let model = match &self.store {
            Store::Model(model) => model,
            Store::Engine(engine) => {
                return self
                    .gate
                    .inside(engine.range(partition, range, limit))
                    .await;
            }
        };
        let limit = limit.min(MAX_PAGE);
        let (mut found, mut from) = (Vec::new(), range.start.to_owned());
        loop {
            let left = limit - found.len();
            let asked = if self.draw(|rates| rates.paged) {
                1 + self.below(4)
            } else {
                left
            };
            let page = lock(model).range(partition, &from..range.end, asked.min(left));
            let is_end = page.len() < asked;
            found.extend(page);
            if is_end || found.len() >= limit {
                return Ok(found);
            }
            self.counts.fault("query in pages");
            // The next page begins behind the last key: keys are compared by bytes.
            from = found
                .last()
                .map_or(from, |last| format!("{}\0", last.key.sort));
            self.gate.turn().await;
        }
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        check_batch(&batch)?;
        self.enter().await?;
        let untold = || LedgerError::UnknownOutcome("the connection broke".to_owned());
        if self.draw(|rates| rates.lost_untold) {
            self.counts.fault("write lost, untold");
            return Err(untold());
        }
        let done_untold = self.draw(|rates| rates.done_untold);
        self.commit(&batch).await?;
        if done_untold {
            self.counts.fault("write done, untold");
            return Err(untold());
        }
        Ok(())
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
