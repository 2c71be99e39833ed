//! The feeds of the small cloud: what is in them, its sums, its snapshots, and what differs.

use super::shop::{checkpoint, lines, store_id};
use domain::api::sync::{
    BUCKETS, Change, Cursor, Manifest, Offer, Op, Part, PullLine, PullRequest, RepairLine,
    RepairRequest, Row, Scope, Sum, bucket, kind, row_hash,
};
use domain::ids::CommandId;
use serde_json::Value;
use serde_json::value::to_raw_value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Rows in a part: few, so that a snapshot has several.
const PART_ROWS: usize = 2;

pub(crate) struct Feeds {
    pub(crate) epoch: u64,
    /// Who has nothing, or comes from another epoch, is offered a snapshot.
    pub(crate) snapshots: bool,
    changes: Vec<Change>,
}

impl Default for Feeds {
    fn default() -> Self {
        let changes = lines().into_iter().filter_map(|line| match line {
            PullLine::Change(change) => Some(change),
            _ => None,
        });
        Self {
            epoch: 1,
            snapshots: false,
            changes: changes.collect(),
        }
    }
}

impl Feeds {
    pub(crate) fn put_note(&mut self, note: &Value, command: &str) {
        let id = note["id"].as_str().unwrap();
        let seq = self.head(&customers()) + 1;
        self.changes.push(Change {
            scope: customers(),
            seq,
            kind: kind::NOTE.to_owned(),
            id: id.to_owned(),
            version: 1,
            op: Op::Put,
            body: Some(to_raw_value(note).unwrap()),
            command: Some(CommandId::parse(command).unwrap()),
        });
    }

    /// Puts an entity into a feed.
    pub(crate) fn put(
        &mut self,
        scope: &Scope,
        kind: &str,
        id: &str,
        body: &impl serde::Serialize,
        command: Option<&CommandId>,
    ) -> u64 {
        let seq = self.head(scope) + 1;
        self.changes.push(Change {
            scope: scope.clone(),
            seq,
            kind: kind.to_owned(),
            id: id.to_owned(),
            version: seq,
            op: Op::Put,
            body: Some(to_raw_value(body).unwrap()),
            command: command.cloned(),
        });
        seq
    }

    /// Changes an entity of the customers' feed without telling anybody, as a fault would.
    pub(crate) fn tamper(&mut self, id: &str, change: impl Fn(&mut Value)) {
        let of_customers = self.changes.iter_mut();
        for entry in of_customers.filter(|entry| entry.kind == kind::CUSTOMER && entry.id == id) {
            let body = entry.body.as_ref().unwrap();
            let mut value: Value = serde_json::from_str(body.get()).unwrap();
            change(&mut value);
            entry.body = Some(to_raw_value(&value).unwrap());
        }
    }

    fn scopes(&self) -> BTreeSet<Scope> {
        self.changes
            .iter()
            .map(|change| change.scope.clone())
            .collect()
    }

    /// The number of the last change of a feed.
    pub(crate) fn seq(&self, scope: &Scope) -> u64 {
        self.head(scope)
    }

    fn head(&self, scope: &Scope) -> u64 {
        let mine = self.changes.iter().filter(|change| change.scope == *scope);
        mine.map(|change| change.seq).max().unwrap_or(0)
    }

    fn cursor(&self, scope: &Scope) -> Cursor {
        Cursor {
            epoch: self.epoch,
            seq: self.head(scope),
        }
    }

    /// What a scope holds, in the order of a snapshot.
    fn rows(&self, scope: &Scope) -> Vec<Row> {
        let mut rows = BTreeMap::new();
        for change in self.changes.iter().filter(|change| change.scope == *scope) {
            let row = Row {
                kind: change.kind.clone(),
                id: change.id.clone(),
                version: change.version,
                body: change.body.clone().unwrap(),
            };
            rows.insert((change.kind.clone(), change.id.clone()), row);
        }
        rows.into_values().collect()
    }

    /// What a pull gets, and whether there is anything new in it.
    pub(crate) fn answer(&self, request: &PullRequest, last_cseq: u64) -> (Vec<PullLine>, bool) {
        let (mut grants, mut offers, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut cursors, mut sums) = (BTreeMap::new(), BTreeMap::new());
        for scope in self.scopes() {
            let (here, head) = (request.cursors.get(&scope), self.cursor(&scope));
            if here.is_none() {
                let scope = scope.clone();
                grants.push(PullLine::Grant { scope });
            }
            let here = here.filter(|cursor| cursor.epoch == self.epoch);
            if here.is_none() && self.snapshots {
                let sum = sum(&self.rows(&scope));
                offers.push(PullLine::Offer(Offer {
                    scope,
                    cursor: head,
                    sum,
                }));
                continue;
            }
            let seen = here.map_or(0, |cursor| cursor.seq);
            if seen < head.seq {
                cursors.insert(scope.clone(), head);
            }
            if seen < head.seq || request.verify {
                sums.insert(scope.clone(), sum(&self.rows(&scope)));
            }
            let new = self
                .changes
                .iter()
                .filter(|entry| entry.scope == scope && entry.seq > seen);
            changes.extend(new.cloned().map(PullLine::Change));
        }
        let mut lines = [grants, offers, changes].concat();
        let news = !lines.is_empty() || request.verify;
        let PullLine::Checkpoint(mut end) = checkpoint(cursors, last_cseq) else {
            panic!("a checkpoint");
        };
        end.sums = sums;
        lines.push(PullLine::Checkpoint(end));
        (lines, news)
    }

    /// A snapshot's parts: their rows and what the manifest says of them.
    fn parts(&self, scope: &Scope) -> Vec<(Part, Vec<u8>)> {
        let rows = self.rows(scope);
        let chunks: Vec<_> = rows.chunks(PART_ROWS).collect();
        let mut parts = Vec::new();
        for (place, chunk) in chunks.iter().enumerate() {
            let bytes = packed(chunk);
            let last = chunk.last().map(|row| (row.kind.clone(), row.id.clone()));
            let part = Part {
                last: last.filter(|_| place + 1 < chunks.len()),
                sum: sum(chunk),
                bytes: bytes.len() as u64,
                sha256: hex(&Sha256::digest(&bytes)),
            };
            parts.push((part, bytes));
        }
        parts
    }

    pub(crate) fn manifest(&self, scope: &Scope, cursor: Cursor) -> Option<Manifest> {
        (cursor == self.cursor(scope)).then(|| Manifest {
            scope: scope.clone(),
            cursor,
            sum: sum(&self.rows(scope)),
            parts: self
                .parts(scope)
                .into_iter()
                .map(|(part, _)| part)
                .collect(),
        })
    }

    pub(crate) fn part(&self, scope: &Scope, cursor: Cursor, part: usize) -> Option<Vec<u8>> {
        let current = cursor == self.cursor(scope);
        let parts = self.parts(scope).into_iter().map(|(_, bytes)| bytes);
        parts.skip(part).find(|_| current)
    }

    pub(crate) fn repair(&self, request: &RepairRequest) -> Option<Vec<u8>> {
        let rows = self.rows(&request.scope);
        if request.cursor != self.cursor(&request.scope) {
            return None;
        }
        let mut sums = vec![Sum::default(); BUCKETS];
        for row in &rows {
            sums[usize::from(bucket(&row.kind, &row.id))].add(hash(row));
        }
        let differing =
            (0..=u8::MAX).filter(|at| sums[usize::from(*at)] != request.sums[usize::from(*at)]);
        let mut lines = Vec::new();
        for at in differing {
            lines.push(RepairLine::Bucket { bucket: at });
            let mine = rows.iter().filter(|row| bucket(&row.kind, &row.id) == at);
            lines.extend(mine.cloned().map(RepairLine::Row));
        }
        lines.push(RepairLine::End {
            cursor: request.cursor,
            sum: sum(&rows),
        });
        Some(packed(&lines))
    }

    /// The store's computer broke, and a backup of long ago runs: another life of every feed, without notes.
    pub(crate) fn restore(&mut self) {
        self.epoch += 1;
        self.changes.retain(|change| change.kind != kind::NOTE);
    }
}

fn customers() -> Scope {
    Scope::customers(&store_id())
}

fn hash(row: &Row) -> u64 {
    row_hash(&row.kind, &row.id, row.version, row.body.get())
}

fn sum(rows: &[Row]) -> Sum {
    let mut sum = Sum::default();
    rows.iter().for_each(|row| sum.add(hash(row)));
    sum
}

pub(crate) fn packed<T: serde::Serialize>(lines: &[T]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        text += &serde_json::to_string(line).unwrap();
        text.push('\n');
    }
    zstd::encode_all(text.as_bytes(), 1).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}
