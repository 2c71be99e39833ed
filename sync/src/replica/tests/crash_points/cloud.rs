//! What the cloud would send: a snapshot in two parts, and a repair of every bucket.

use crate::testing::{CUSTOMERS, customer, note};
use crate::{Repair, read_repair};
use domain::api::sync::{BUCKETS, Cursor, Manifest, Part, RepairLine, Row, Scope, Sum};
use domain::api::sync::{bucket, row_hash};
use serde_json::{Value, json, value::RawValue};
use sha2::{Digest, Sha256};

/// Where the worlds' replicas stand: [`super::operations`] tells them so many changes.
const HERE: u64 = 12;

pub(super) struct Cloud {
    pub(super) manifest: Manifest,
    pub(super) parts: Vec<Vec<u8>>,
}

impl Cloud {
    /// A snapshot some numbers ahead: somebody is new, somebody gone, the others moved on.
    pub(super) fn new() -> Self {
        let rows = rows();
        let (people, notes): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.kind == "customer");
        let parts = [packed(&people), packed(&notes)];
        let last = people.last().map(|row| (row.kind.clone(), row.id.clone()));
        let part = |rows: &[&Row], bytes: &Vec<u8>, last| Part {
            last,
            sum: sum(rows.iter().copied()),
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
        };
        Self {
            manifest: Manifest {
                scope: Scope::parse(CUSTOMERS).unwrap(),
                cursor: Cursor {
                    epoch: 1,
                    seq: HERE + 20,
                },
                sum: sum(&rows),
                parts: vec![
                    part(&people, &parts[0], last),
                    part(&notes, &parts[1], None),
                ],
            },
            parts: parts.to_vec(),
        }
    }

    /// Everything anew, at the cursor where the replica stands.
    pub(super) fn repair(&self) -> Repair {
        let rows = rows();
        let mut lines = Vec::new();
        for index in 0..BUCKETS {
            let index = u8::try_from(index).unwrap();
            lines.push(RepairLine::Bucket { bucket: index });
            let of_it = rows
                .iter()
                .filter(|row| bucket(&row.kind, &row.id) == index);
            lines.extend(of_it.cloned().map(RepairLine::Row));
        }
        lines.push(RepairLine::End {
            cursor: Cursor {
                epoch: 1,
                seq: HERE,
            },
            sum: sum(&rows),
        });
        read_repair(packed(&lines)).unwrap()
    }
}

/// Some of those that the replica holds, moved on, and some that are new; in the order of kinds and ids.
fn rows() -> Vec<Row> {
    let row = |kind: &str, id: String, version, body: &Value| Row {
        kind: kind.to_owned(),
        id,
        version,
        body: RawValue::from_string(body.to_string()).unwrap(),
    };
    let people = (3..60).map(|n| {
        let id = format!("c-{n}");
        let body = customer(&id, "Ida", "Berg", json!({}));
        row("customer", id, 20 + n, &body)
    });
    let notes = (3..9).map(|n| {
        let id = format!("n-{n}");
        let body = note(&id, "c-3", "from the cloud");
        row("note", id, 20 + n, &body)
    });
    let mut rows: Vec<_> = people.chain(notes).collect();
    rows.sort_by(|one, other| (&one.kind, &one.id).cmp(&(&other.kind, &other.id)));
    rows
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Sum {
    let mut sum = Sum::default();
    for row in rows {
        sum.add(row_hash(&row.kind, &row.id, row.version, row.body.get()));
    }
    sum
}

fn packed<T: serde::Serialize>(lines: &[T]) -> Vec<u8> {
    let text: String = lines
        .iter()
        .map(|line| serde_json::to_string(line).unwrap() + "\n")
        .collect();
    zstd::encode_all(text.as_bytes(), 1).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
