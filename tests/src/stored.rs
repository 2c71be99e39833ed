//! What the cloud keeps, read beside it from its folder as its own commands do.

use crate::until::until;
use anyhow::{Context as _, Result, bail, ensure};
use cloud_functions::feed::snapshot::{Merge, Merged, Tail};
use cloud_functions::feed::{self, Head};
use cloud_functions::functions;
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring::{self, Wired};
use cloud_functions::ports::events::{CloudEvent, MAX_DELIVERIES};
use cloud_functions::ports::ledger::{self, Key, MAX_PAGE};
use domain::api::sync::{Change, Cursor, Row, Scope};
use domain::ids::OrderId;
use domain::order::Order;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::Path;

/// The engines of a cloud's folder, opened for looking.
pub struct Stored {
    wired: Wired,
}

impl Stored {
    /// Opens a folder that a cloud may be serving.
    ///
    /// # Errors
    /// When it is no such folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let wired = wiring::open(&DataFolder::open(folder)?)?;
        Ok(Self { wired })
    }

    /// Where the event log ends now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn end(&self) -> Result<u64> {
        let mut end = 0;
        loop {
            let page = self.wired.backlog.read_after(end, MAX_DELIVERIES).await?;
            match page.last() {
                Some(last) => end = last.sequence,
                None => return Ok(end),
            }
        }
    }

    /// The events after a place in the log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn events_after(&self, mut sequence: u64) -> Result<Vec<CloudEvent>> {
        let mut events = Vec::new();
        loop {
            let backlog = &self.wired.backlog;
            let page = backlog.read_after(sequence, MAX_DELIVERIES).await?;
            let Some(last) = page.last() else {
                return Ok(events);
            };
            sequence = last.sequence;
            events.extend(page.into_iter().map(|delivery| delivery.event));
        }
    }

    /// Waits until each of `sent` is stored after `sequence`, and fails where one is stored twice.
    ///
    /// # Errors
    /// When one is missing at the end, or was stored more than once.
    pub async fn expect_once(&self, sequence: u64, sent: &[String]) -> Result<()> {
        let look = || async {
            let times = self.times(sequence).await?;
            let all = sent.iter().all(|id| times.contains_key(id));
            Ok(all.then_some(times))
        };
        let times = until(&format!("{} stored events", sent.len()), look).await?;
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        if twice.is_empty() {
            Ok(())
        } else {
            bail!("stored more than once: {twice:?}")
        }
    }

    async fn times(&self, sequence: u64) -> Result<BTreeMap<String, usize>> {
        let mut times = BTreeMap::new();
        for event in self.events_after(sequence).await? {
            *times.entry(event.id).or_default() += 1;
        }
        Ok(times)
    }

    /// What was sent to people and nobody delivers here, the latest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn letters(&self) -> Result<Vec<String>> {
        let letters = cloud_functions::engines::letters::list(&*self.wired.services.ledger).await?;
        Ok(letters.into_iter().map(|letter| letter.text).collect())
    }

    /// An order by its number.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn order(&self, order: &OrderId) -> Result<Option<Order>> {
        let key = Key::new(format!("O#{order}"), "V");
        let stored = self.wired.services.ledger.read(&key).await?;
        Ok(match stored {
            Some(stored) => Some(serde_json::from_str(&stored.body)?),
            None => None,
        })
    }

    /// The first items of a partition.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn partition(&self, partition: &str) -> Result<Vec<ledger::Stored>> {
        let page = self
            .wired
            .services
            .ledger
            .range(partition, "".."\u{7f}", MAX_PAGE);
        Ok(page.await?)
    }

    /// How often an entity was written since it was made; nothing where it is not there.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn revision(&self, kind: &str, id: &str) -> Result<Option<u64>> {
        let key = feed::entity_key(kind, id);
        let stored = self.wired.services.ledger.read(&key).await?;
        Ok(stored.map(|stored| stored.revision))
    }

    /// What a feed tells a device that knows nothing: its snapshot, and what came after that.
    ///
    /// # Errors
    /// When the ledger cannot be read, or entries are missing.
    pub async fn rows(&self, scope: &Scope) -> Result<Vec<Row>> {
        let ledger = &*self.wired.services.ledger;
        let Head {
            epoch,
            seq,
            snapshot,
            ..
        } = feed::read_head(ledger, scope).await?;
        let from = Cursor {
            epoch,
            seq: snapshot.map_or(0, |at| at.seq),
        };
        let word = |change: &Change| Some(((change.version, change.body.clone()?), 0));
        let tail = Tail::read(ledger, scope, from, seq, usize::MAX, word).await?;
        ensure!(
            tail.through == seq,
            "{scope} ends at {}, not at {seq}",
            tail.through
        );
        let merge = Merge::begin(ledger, scope, epoch, snapshot, tail.rows).await?;
        let mut merge = merge.context("its snapshot is gone")?;
        let mut rows = Vec::new();
        while let Some(some) = merge.next(ledger).await? {
            rows.extend(some.into_iter().map(row));
        }
        Ok(rows)
    }

    /// Waits until every consumer has taken every event.
    ///
    /// # Errors
    /// When one does not.
    pub async fn settle(&self) -> Result<()> {
        let end = self.end().await?;
        let services = &self.wired.services;
        let consumers = functions::all().iter().filter_map(|f| f.consumer);
        for consumer in consumers.map(|consumer| consumer(services.clone())) {
            let look = || async {
                let taken = self.wired.backlog.cursor(consumer.name()).await?;
                Ok((taken >= end).then_some(()))
            };
            until(&format!("the {} to catch up", consumer.name()), look).await?;
        }
        Ok(())
    }
}

fn row(merged: Merged<(u64, Box<RawValue>)>) -> Row {
    match merged {
        Merged::Kept(row) => row,
        Merged::New((kind, id), (version, body)) => Row {
            kind,
            id,
            version,
            body,
        },
    }
}
