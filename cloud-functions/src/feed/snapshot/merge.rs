//! A snapshot and the tail after it as one run of rows, in the order of kind and id, a stretch at a time.

use super::super::{PublishError, SnapshotAt};
use super::keep::{lookup_manifest, lookup_part};
use super::tail::RowKey;
use crate::ports::ledger::Ledger;
use domain::api::sync::{Row, Scope};
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

/// The most bytes of a part once it is unpacked: what is cut, or one row alone.
const MAX_UNPACKED_BYTES: u64 = 4 * 1024 * 1024;
/// Rows in a stretch of what no snapshot has.
const STRETCH: usize = 1_000;

/// A row of the run.
#[derive(Debug)]
pub enum Merged<T> {
    /// As the snapshot has it.
    Kept(Row),
    /// As the tail has it.
    New(RowKey, T),
}

/// Where the run stands. It holds a part and the rest of the tail, never the whole scope.
#[derive(Debug)]
pub struct Merge<T> {
    scope: Scope,
    epoch: u64,
    base: Option<SnapshotAt>,
    /// The parts that are still to come.
    parts: Range<usize>,
    tail: BTreeMap<RowKey, Option<T>>,
}

impl<T> Merge<T> {
    /// Begins the run. Where the snapshot is no longer there the answer is `None`.
    pub async fn begin(
        ledger: &dyn Ledger,
        scope: &Scope,
        epoch: u64,
        base: Option<SnapshotAt>,
        tail: BTreeMap<RowKey, Option<T>>,
    ) -> Result<Option<Self>, PublishError> {
        let mut parts = 0..0;
        if let Some(at) = base {
            let Some(manifest) = lookup_manifest(ledger, scope, epoch, at).await? else {
                return Ok(None);
            };
            parts = 0..manifest.parts.len();
        }
        Ok(Some(Self {
            scope: scope.clone(),
            epoch,
            base,
            parts,
            tail,
        }))
    }

    /// The next rows; `None` after the last. A snapshot that went away meanwhile is an error.
    pub async fn next(
        &mut self,
        ledger: &dyn Ledger,
    ) -> Result<Option<Vec<Merged<T>>>, PublishError> {
        let (Some(base), Some(number)) = (self.base, self.parts.next()) else {
            let rest: Vec<_> = self.take(|_| true, STRETCH);
            return Ok(Some(rest).filter(|rest| !rest.is_empty() || !self.tail.is_empty()));
        };
        let rows = self.read_part(ledger, base, number).await?;
        let mut merged = Vec::with_capacity(rows.len());
        for row in rows {
            let key = (row.kind.clone(), row.id.clone());
            merged.extend(self.take(|next| *next < key, usize::MAX));
            match self.tail.remove(&key) {
                None => merged.push(Merged::Kept(row)),
                Some(Some(word)) => merged.push(Merged::New(key, word)),
                Some(None) => {}
            }
        }
        Ok(Some(merged))
    }

    /// Takes the first of the tail, as long as `which` holds of them.
    fn take(&mut self, which: impl Fn(&RowKey) -> bool, most: usize) -> Vec<Merged<T>> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(first) = self.tail.first_entry()
            && which(first.key())
        {
            let (key, word) = first.remove_entry();
            taken.extend(word.map(|word| Merged::New(key, word)));
        }
        taken
    }

    async fn read_part(
        &self,
        ledger: &dyn Ledger,
        base: SnapshotAt,
        number: usize,
    ) -> Result<Vec<Row>, PublishError> {
        let corrupt = |reason: String| PublishError::Corrupt {
            key: format!("part {number} of {} at {}", self.scope, base.seq),
            reason,
        };
        let part = lookup_part(ledger, &self.scope, self.epoch, base, number).await?;
        let part = part.ok_or_else(|| corrupt("it is gone".to_owned()))?;
        unpack(&part).map_err(|error| corrupt(error.to_string()))
    }
}

fn unpack(part: &[u8]) -> std::io::Result<Vec<Row>> {
    let mut text = String::new();
    zstd::stream::read::Decoder::new(part)?
        .take(MAX_UNPACKED_BYTES)
        .read_to_string(&mut text)?;
    let rows = text.lines().map(serde_json::from_str);
    Ok(rows.collect::<Result<_, _>>()?)
}
