//! The cloud's side of one scope as a plain list: what every replica has to end with.

use crate::testing::{CUSTOMERS, Home, customer, note, page};
use crate::{Page, decode_answer, read_page};
use domain::api::sync::{
    BUCKETS, Cursor, Manifest, Offer, Part, RepairLine, Row, Scope, Sum, bucket, row_hash,
};
use serde_json::{Value, json, value::RawValue};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Entities by kind and id: version and body.
pub(super) type State = BTreeMap<(String, String), (u64, String)>;

pub(super) struct Model {
    pub(super) epoch: u64,
    log: Vec<(String, String, u64, Option<String>)>,
}

pub(super) fn scope() -> Scope {
    Scope::parse(CUSTOMERS).unwrap()
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            epoch: 1,
            log: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, kind: &str, id: &str, body: &Value) {
        let key = (kind.to_owned(), id.to_owned());
        let version = self
            .state(self.head())
            .get(&key)
            .map_or(0, |(version, _)| *version)
            + 1;
        self.log
            .push((key.0, key.1, version, Some(body.to_string())));
    }

    pub(super) fn delete(&mut self, kind: &str, id: &str) {
        let key = (kind.to_owned(), id.to_owned());
        if let Some((version, _)) = self.state(self.head()).get(&key) {
            self.log.push((key.0, key.1, version + 1, None));
        }
    }

    pub(super) fn customer(&mut self, id: &str, family: &str) {
        let more = json!({"email": format!("{family}.{id}@example.com"), "card": format!("{family}-{id}")});
        self.put("customer", id, &customer(id, "Ana", family, more));
    }

    pub(super) fn note(&mut self, id: &str, of: &str, text: &str) {
        self.put("note", id, &note(id, of, text));
    }

    /// The same entities in another life of the feed.
    pub(super) fn restart(&mut self) {
        let state = self.state(self.head());
        self.epoch += 1;
        self.log = state
            .into_iter()
            .map(|((kind, id), (version, body))| (kind, id, version, Some(body)))
            .collect();
    }

    pub(super) fn head(&self) -> u64 {
        self.log.len() as u64
    }

    pub(super) fn cursor(&self, seq: u64) -> Cursor {
        let epoch = self.epoch;
        Cursor { epoch, seq }
    }

    pub(super) fn state(&self, seq: u64) -> State {
        let mut state = State::new();
        for (kind, id, version, body) in self.log.iter().take(usize::try_from(seq).unwrap()) {
            let key = (kind.clone(), id.clone());
            match body {
                Some(body) => state.insert(key, (*version, body.clone())),
                None => state.remove(&key),
            };
        }
        state
    }

    /// The grant, which comes first.
    pub(super) fn grant(&self) -> Page {
        page(&[
            json!({"grant": {"scope": CUSTOMERS}}),
            end(&json!({}), &json!({})),
        ])
    }

    /// At most `limit` changes after `from`.
    pub(super) fn page(&self, from: u64, limit: u64) -> Page {
        let to = self.head().min(from.saturating_add(limit));
        let mut text = String::new();
        for seq in from + 1..=to {
            let (kind, id, version, body) = &self.log[usize::try_from(seq).unwrap() - 1];
            let body = body.as_ref().map_or_else(
                || r#""op":"delete""#.to_owned(),
                |body| format!(r#""op":"put","body":{body}"#),
            );
            text.push_str(&format!(
                r#"{{"change":{{"scope":"{CUSTOMERS}","seq":{seq},"kind":"{kind}","id":"{id}","version":{version},{body}}}}}"#
            ));
            text.push('\n');
        }
        let cursors = if to > from {
            json!({CUSTOMERS: self.cursor(to)})
        } else {
            json!({})
        };
        let sums = if to == self.head() {
            json!({CUSTOMERS: sum(&self.state(to))})
        } else {
            json!({})
        };
        text.push_str(&end(&cursors, &sums).to_string());
        let answer = zstd::encode_all(text.as_bytes(), 1).unwrap();
        read_page(decode_answer(&answer).unwrap()).unwrap()
    }

    pub(super) fn offer(&self, seq: u64) -> Page {
        let offer = Offer {
            scope: scope(),
            cursor: self.cursor(seq),
            sum: sum(&self.state(seq)),
        };
        page(&[
            json!({"grant": {"scope": CUSTOMERS}}),
            json!({"offer": offer}),
            end(&json!({}), &json!({})),
        ])
    }

    /// The snapshot at a number, in parts of so many rows.
    pub(super) fn snapshot(&self, seq: u64, rows: usize) -> (Manifest, Vec<Vec<u8>>) {
        let state: Vec<_> = self.state(seq).into_iter().collect();
        let mut chunks: Vec<_> = state.chunks(rows).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
        let (mut parts, mut bodies) = (Vec::new(), Vec::new());
        for (place, chunk) in chunks.iter().enumerate() {
            let lines: String = chunk.iter().map(|entry| line(entry) + "\n").collect();
            let bytes = zstd::encode_all(lines.as_bytes(), 1).unwrap();
            let last = chunk.last().filter(|_| place + 1 < chunks.len());
            parts.push(Part {
                last: last.map(|(key, _)| key.clone()),
                sum: sum(&chunk.iter().cloned().collect()),
                bytes: bytes.len() as u64,
                sha256: Sha256::digest(&bytes)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect(),
            });
            bodies.push(bytes);
        }
        let manifest = Manifest {
            scope: scope(),
            cursor: self.cursor(seq),
            sum: sum(&self.state(seq)),
            parts,
        };
        (manifest, bodies)
    }

    /// The answer of a repair at a cursor of this epoch.
    pub(super) fn repair(&self, cursor: Cursor, theirs: &[Sum]) -> Vec<u8> {
        let state = self.state(cursor.seq);
        let mut buckets = vec![State::new(); BUCKETS];
        for (key, entry) in state.clone() {
            buckets[usize::from(bucket(&key.0, &key.1))].insert(key, entry);
        }
        let mut lines = Vec::new();
        for (number, (held, theirs)) in buckets.iter().zip(theirs).enumerate() {
            if sum(held) != *theirs {
                let bucket = u8::try_from(number).unwrap();
                lines.push(json!(RepairLine::Bucket { bucket }).to_string());
                lines.extend(held.iter().map(|((kind, id), entry)| {
                    format!(
                        r#"{{"row":{}}}"#,
                        line(&((kind.clone(), id.clone()), entry.clone()))
                    )
                }));
            }
        }
        let sum = sum(&state);
        lines.push(json!(RepairLine::End { cursor, sum }).to_string());
        zstd::encode_all(lines.join("\n").as_bytes(), 1).unwrap()
    }
}

fn line(((kind, id), (version, body)): &((String, String), (u64, String))) -> String {
    serde_json::to_string(&Row {
        kind: kind.clone(),
        id: id.clone(),
        version: *version,
        body: RawValue::from_string(body.clone()).unwrap(),
    })
    .unwrap()
}

fn end(cursors: &Value, sums: &Value) -> Value {
    json!({"checkpoint": {"cursors": cursors, "sums": sums, "last_cseq": 0,
        "server_time": "2026-05-17T10:00:00Z", "more": false}})
}

pub(super) fn sum(state: &State) -> Sum {
    let mut sum = Sum::default();
    for ((kind, id), (version, body)) in state {
        sum.add(row_hash(kind, id, *version, body));
    }
    sum
}

/// What a replica holds, straight from its tables; after checking that everything beside the bodies follows from them.
pub(super) fn held(home: &Home) -> (Cursor, State) {
    let writer = home.replica.writer();
    let scopes = crate::replica::scopes::list_scopes(&writer).unwrap();
    let held = scopes[&scope()];
    let mut statement = writer
        .prepare(
            "SELECT k.name, e.id, e.version, e.body, e.hash FROM entity e JOIN kind k USING (kind)",
        )
        .unwrap();
    let rows = statement.query_map([], |row| {
        let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
        let (version, body): (u64, String) = (row.get(2)?, row.get(3)?);
        assert_eq!(
            row_hash(&kind, &id, version, &body),
            row.get::<_, i64>(4)?.cast_unsigned(),
            "each hash is that of its body"
        );
        Ok(((kind, id), (version, body)))
    });
    let state: State = rows.unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(held.sum, sum(&state), "the sum is that of the rows");
    for (trees, tables) in LOOKUPS {
        let list = |sql: &str| -> BTreeSet<String> {
            let mut statement = writer.prepare(sql).unwrap();
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                Ok((0..columns)
                    .map(|column| format!("{:?} ", row.get_ref_unwrap(column)))
                    .collect())
            });
            rows.unwrap().collect::<Result<_, _>>().unwrap()
        };
        assert_eq!(list(trees), list(tables), "{trees}");
    }
    (held.held.cursor, state)
}

/// Look-up trees, and what they have to hold.
const LOOKUPS: [(&str, &str); 4] = [
    (
        "SELECT card, row FROM card_of",
        "SELECT card, row FROM customer, standing WHERE row <= indexed AND card IS NOT NULL",
    ),
    (
        "SELECT email, row FROM email_of",
        "SELECT email, row FROM customer, standing WHERE row <= indexed AND email IS NOT NULL",
    ),
    (
        "SELECT at, row FROM seen_at",
        "SELECT at, row FROM seen, standing WHERE row <= indexed",
    ),
    (
        "SELECT customer, kind, at, row FROM history_of",
        "SELECT customer, kind, at, row FROM history, standing WHERE row <= indexed",
    ),
];
