//! A ledger that fails when it is told to.

use crate::ports::ledger::{Key, Ledger, LedgerError, Stored, Write};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What happens to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is done, and its caller is not told.
    DoneUntold,
    /// It is not done, and its caller is not told.
    LostUntold,
    /// It is not done, and its caller is told.
    Refused,
}

/// A ledger that fails when it is told to, and tells when it is read.
pub(crate) struct FaultyLedger {
    inner: Arc<dyn Ledger>,
    faults: Mutex<VecDeque<Option<Fault>>>,
    first: Mutex<Option<BoxFuture<'static, ()>>>,
    then: Mutex<Option<BoxFuture<'static, ()>>>,
    /// Notified after each [`Ledger::read_all`].
    pub(crate) looked: Notify,
}

impl FaultyLedger {
    /// Without faults.
    pub(crate) fn over(inner: Arc<dyn Ledger>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            faults: Mutex::default(),
            first: Mutex::default(),
            then: Mutex::default(),
            looked: Notify::new(),
        })
    }

    /// The next writes, one after the other; `None` does what was asked.
    pub(crate) fn next_writes(&self, faults: &[Option<Fault>]) {
        *self.faults.lock().unwrap() = faults.iter().copied().collect();
    }

    /// Before the next write something else happens first, which may write itself.
    pub(crate) fn before_next_write(&self, first: impl Future<Output = ()> + Send + 'static) {
        *self.first.lock().unwrap() = Some(Box::pin(first));
    }

    /// After the next [`Ledger::read_all`] something else happens, before its reader goes on.
    pub(crate) fn after_next_look(&self, then: impl Future<Output = ()> + Send + 'static) {
        *self.then.lock().unwrap() = Some(Box::pin(then));
    }

    /// How many of the next writes are still to come.
    pub(crate) fn writes_left(&self) -> usize {
        self.faults.lock().unwrap().len()
    }

    /// Whether every fault has happened.
    pub(crate) fn is_spent(&self) -> bool {
        self.faults.lock().unwrap().is_empty() && self.first.lock().unwrap().is_none()
    }
}

#[async_trait]
impl Ledger for FaultyLedger {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        self.inner.read(key).await
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        let stored = self.inner.read_all(keys).await;
        let then = self.then.lock().unwrap().take();
        if let Some(then) = then {
            then.await;
        }
        self.looked.notify_one();
        stored
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        self.inner.range(partition, range, limit).await
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        let first = self.first.lock().unwrap().take();
        if let Some(first) = first {
            first.await;
        }
        let fault = self.faults.lock().unwrap().pop_front().flatten();
        let untold = || LedgerError::UnknownOutcome("the connection broke".to_owned());
        match fault {
            None => self.inner.write(batch).await,
            Some(Fault::DoneUntold) => {
                self.inner.write(batch).await?;
                Err(untold())
            }
            Some(Fault::LostUntold) => Err(untold()),
            Some(Fault::Refused) => Err(LedgerError::Unavailable("busy".to_owned())),
        }
    }
}
