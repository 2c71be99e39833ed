//! A ledger whose operations take turns and whose writes fail, as drawn from a seed.

use crate::engines::memory::MemoryLedger;
use crate::ports::ledger::{Key, Ledger, LedgerError, Stored, Write};
use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::ops::Range;
use std::sync::Mutex;

/// Of so many writes, how many fail in each of the ways.
const DRAWS: u32 = 10;
/// The most turns that others have before an operation is done.
const TURNS: u32 = 4;
/// How long a write may be on its way after its writer was told that nobody knows, in turns.
const LATE: u32 = 30;

/// A ledger whose operations take turns and whose writes fail.
pub(super) struct Shaky {
    inner: MemoryLedger,
    chance: Mutex<ChaCha8Rng>,
}

impl Shaky {
    pub(super) fn new(inner: MemoryLedger, seed: u64) -> Self {
        Self {
            inner,
            chance: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        }
    }

    fn draw(&self, below: u32) -> u32 {
        self.chance.lock().unwrap().next_u32() % below
    }

    /// Others have their turns.
    async fn wait(&self, turns: u32) {
        for _ in 0..self.draw(turns) {
            tokio::task::yield_now().await;
        }
    }
}

fn untold() -> Result<(), LedgerError> {
    Err(LedgerError::UnknownOutcome("the line broke".to_owned()))
}

#[async_trait]
impl Ledger for Shaky {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        self.wait(TURNS).await;
        self.inner.read(key).await
    }

    /// Each item by itself: between two of them others write.
    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        let mut found = Vec::new();
        for key in keys {
            self.wait(2).await;
            found.push(self.inner.read(key).await?);
        }
        Ok(found)
    }

    /// No snapshot: some of the items are read later than others, so that one may be missing in the middle.
    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        let early = self.inner.range(partition, range.clone(), limit).await?;
        self.wait(TURNS).await;
        let late = self.inner.range(partition, range, limit).await?;
        let mut page = Vec::new();
        for stored in late {
            if early.iter().any(|one| one.key == stored.key) || self.draw(2) == 0 {
                page.push(stored);
            }
        }
        Ok(page)
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        self.wait(TURNS).await;
        match self.draw(DRAWS) {
            0 => {
                self.inner.write(batch).await?;
                untold()
            }
            1 => untold(),
            2 => Err(LedgerError::Unavailable("busy".to_owned())),
            3 => {
                let (inner, turns) = (self.inner.clone(), self.draw(LATE));
                tokio::spawn(async move {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                    // Too late is refused.
                    let _ = inner.write(batch).await;
                });
                untold()
            }
            _ => self.inner.write(batch).await,
        }
    }
}
