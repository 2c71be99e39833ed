//! What tests build replicas and pages of.

use crate::{Key, NewCommand, Page, Replica, decode_answer, read_page};
use chrono::{DateTime, Utc};
use domain::api::sync::PullLine;
use domain::ids::{CommandId, CustomerId};
use serde_json::{Value, json, value::RawValue};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tempfile::TempDir;

pub(crate) const CUSTOMERS: &str = "store/1/customers";
pub(crate) const CATALOGUE: &str = "global/catalogue/00";

/// A replica in a folder of its own.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) replica: Replica,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let replica = Replica::open(&folder.path().join("replica.db"), key()).unwrap();
        Self { folder, replica }
    }

    /// Not encrypted, so that a test can look for words in the files.
    pub(crate) fn plain() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let replica = Replica::open_with(&folder.path().join("replica.db"), None).unwrap();
        Self { folder, replica }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("replica.db")
    }

    pub(crate) fn reopen(self) -> Self {
        let Self { folder, replica } = self;
        drop(replica);
        let replica = Replica::open(&folder.path().join("replica.db"), key()).unwrap();
        Self { folder, replica }
    }

    /// All bytes of the database, its WAL and its index.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files
            .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect()
    }

    pub(crate) fn holds(&self, needle: &str) -> bool {
        self.bytes()
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
    }

    pub(crate) fn pull(&self, feed: &mut Feed) -> crate::Applied {
        self.replica.apply(&feed.page()).unwrap()
    }
}

pub(crate) fn key() -> Key {
    Key::new([7; 32])
}

/// The cloud's side: numbers changes, and makes pages of those that were not yet told.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    seqs: BTreeMap<String, u64>,
    lines: Vec<Value>,
    versions: u64,
    pub(crate) epoch: u64,
    pub(crate) last_cseq: u64,
}

impl Feed {
    /// A feed that grants the usual scopes in its first page.
    pub(crate) fn new() -> Self {
        let mut feed = Self {
            seqs: BTreeMap::new(),
            lines: Vec::new(),
            versions: 0,
            epoch: 1,
            last_cseq: 0,
        };
        feed.grant(CUSTOMERS);
        feed.grant(CATALOGUE);
        feed
    }

    pub(crate) fn grant(&mut self, scope: &str) {
        self.lines.push(json!({"grant": {"scope": scope}}));
    }

    pub(crate) fn revoke(&mut self, scope: &str) {
        self.seqs.remove(scope);
        self.lines.push(json!({"revoke": {"scope": scope}}));
    }

    pub(crate) fn put(&mut self, scope: &str, kind: &str, id: &str, body: &Value) -> &mut Self {
        let seq = self.next(scope);
        self.lines.push(
            json!({"change": {"scope": scope, "seq": seq, "kind": kind, "id": id,
            "version": self.versions, "op": "put", "body": body}}),
        );
        self
    }

    pub(crate) fn delete(&mut self, scope: &str, kind: &str, id: &str) -> &mut Self {
        let seq = self.next(scope);
        self.lines.push(
            json!({"change": {"scope": scope, "seq": seq, "kind": kind, "id": id,
            "version": self.versions, "op": "delete"}}),
        );
        self
    }

    /// The last change confirms a command.
    pub(crate) fn confirming(&mut self, command: &str) {
        self.lines.last_mut().unwrap()["change"]["command"] = json!(command);
    }

    pub(crate) fn customer(&mut self, id: &str, given: &str, family: &str) -> &mut Self {
        self.put(
            CUSTOMERS,
            "customer",
            id,
            &customer(id, given, family, json!({})),
        )
    }

    pub(crate) fn restart(&mut self, epoch: u64) {
        self.epoch = epoch;
        self.seqs.clear();
    }

    fn next(&mut self, scope: &str) -> u64 {
        self.versions += 1;
        let seq = self.seqs.entry(scope.to_owned()).or_insert(0);
        *seq += 1;
        *seq
    }

    /// Takes the lines that were not yet told, without a checkpoint.
    pub(crate) fn lines(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.lines)
    }

    pub(crate) fn checkpoint(&self) -> Value {
        checkpoint(&self.seqs, self.epoch, self.last_cseq)
    }

    pub(crate) fn page(&mut self) -> Page {
        let mut lines = self.lines();
        lines.push(self.checkpoint());
        page(&lines)
    }
}

pub(crate) fn checkpoint(seqs: &BTreeMap<String, u64>, epoch: u64, last_cseq: u64) -> Value {
    let cursors: BTreeMap<_, _> = seqs
        .iter()
        .map(|(scope, seq)| (scope, json!({"epoch": epoch, "seq": seq})))
        .collect();
    json!({"checkpoint": {"cursors": cursors, "last_cseq": last_cseq,
        "server_time": "2026-05-17T10:00:00Z", "more": false}})
}

/// Lines through the whole way: JSON, zstd, decoding, checks.
pub(crate) fn page(lines: &[Value]) -> Page {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let lines: Vec<PullLine> =
        decode_answer(&zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
    read_page(lines).unwrap()
}

pub(crate) fn customer(id: &str, given: &str, family: &str, more: Value) -> Value {
    let mut body = json!({"id": id, "name": {"given": given, "family": family}, "home_store": "1"});
    let Value::Object(more) = more else {
        panic!("fields")
    };
    body.as_object_mut().unwrap().extend(more);
    body
}

pub(crate) fn note(id: &str, of: &str, text: &str) -> Value {
    json!({"id": id, "customer": of, "text": text, "author": "a-1", "written_at": "2026-05-17T09:00:00Z"})
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn queue(replica: &Replica, id: &str, args: &Value) -> u64 {
    try_queue(replica, id, args).unwrap()
}

pub(crate) fn try_queue(
    replica: &Replica,
    id: &str,
    args: &Value,
) -> Result<u64, crate::ReplicaError> {
    let args = RawValue::from_string(args.to_string()).unwrap();
    replica.queue(&NewCommand {
        id: &CommandId::parse(id).unwrap(),
        kind: "note.add",
        version: 1,
        args: &args,
        issued_at: at("2026-05-17T09:00:00Z"),
    })
}

pub(crate) fn customer_id(id: &str) -> CustomerId {
    CustomerId::parse(id).unwrap()
}

/// Everything of a replica that a page may change, as text to compare.
pub(crate) fn dump(replica: &Replica) -> Vec<String> {
    replica.dump_tables(&[
        "scope",
        "kind",
        "entity",
        "also_in",
        "customer",
        "seen",
        "history",
        "item",
        "stock",
        "cart",
        "cart_order",
        "outbox",
    ])
}
