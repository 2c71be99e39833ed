//! One feed from its first number on, also what the ledger has let go of since.

use domain::api::sync::Sum;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What matters here of a head.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(super) struct HeadItem {
    /// Which life of the feed.
    pub epoch: u64,
    /// The last number given.
    pub seq: u64,
    /// Entries up to here may be gone.
    pub floor: u64,
    /// What the scope holds, where heads tell it.
    #[serde(default)]
    pub sum: Option<Sum>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// What kind of entity.
    pub kind: String,
    /// Which one.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// What it is now; `None` where it is gone.
    pub body: Option<String>,
    /// The command behind it.
    pub command: Option<String>,
    /// Its row's hash.
    pub hash: u64,
}

/// Rows of a scope: version and body by kind and id.
pub(in crate::simulation) type Rows = BTreeMap<(String, String), (u64, String)>;

/// A feed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Feed {
    /// Which life.
    pub epoch: u64,
    /// Up to where entries may be gone.
    pub floor: u64,
    /// The entries from 1 on.
    pub told: Vec<Told>,
    sum: Sum,
    now: BTreeMap<(String, String), u64>,
}

impl Feed {
    /// A write moved the feed.
    pub(super) fn commit(
        &mut self,
        head: &HeadItem,
        entries: BTreeMap<u64, Told>,
    ) -> Result<(), String> {
        if head.epoch != self.epoch && head.seq == self.head() && entries.is_empty() {
            // The same rows, and who holds them begins anew all the same.
            self.epoch = head.epoch;
        }
        if head.epoch != self.epoch {
            // Another life begins with what the ledger holds then, which is told anew.
            *self = Self {
                epoch: head.epoch,
                ..Self::default()
            };
        }
        let first = self.head() + 1;
        let last = entries.keys().next_back().copied().unwrap_or(self.head());
        let follow = entries.keys().copied().eq(first..=last);
        if !follow || last != head.seq {
            let numbers: Vec<_> = entries.keys().collect();
            return Err(format!(
                "after {} come {numbers:?}, the head says {}",
                self.head(),
                head.seq
            ));
        }
        entries.into_values().for_each(|told| self.take(told));
        if head.floor < self.floor || head.floor > head.seq {
            return Err(format!(
                "the floor moves from {} to {} at {}",
                self.floor, head.floor, head.seq
            ));
        }
        self.floor = head.floor;
        match head.sum {
            Some(sum) if sum != self.sum => {
                Err(format!("the head's sum is {sum:?}, not {:?}", self.sum))
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, told: Told) {
        let key = (told.kind.clone(), told.id.clone());
        if let Some(hash) = self.now.remove(&key) {
            self.sum.remove(hash);
        }
        if told.body.is_some() {
            self.sum.add(told.hash);
            self.now.insert(key, told.hash);
        }
        self.told.push(told);
    }

    /// The last number.
    #[must_use]
    pub(crate) fn head(&self) -> u64 {
        self.told.len() as u64
    }

    /// What a device at this number holds.
    #[must_use]
    pub(crate) fn rows_at(&self, seq: u64) -> Rows {
        let mut rows = Rows::new();
        for told in self
            .told
            .iter()
            .take(usize::try_from(seq).unwrap_or(usize::MAX))
        {
            let key = (told.kind.clone(), told.id.clone());
            match &told.body {
                Some(body) => drop(rows.insert(key, (told.version, body.clone()))),
                None => drop(rows.remove(&key)),
            }
        }
        rows
    }
}
