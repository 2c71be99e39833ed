//! Snapshots: what a scope held at a number, in parts that never change; and the repair of a copy that differs.
//!
//! `GET /v1/sync/snapshot/{scope}/{epoch}/{seq}` answers a [`Manifest`], `…/{part}` a part: zstd-compressed NDJSON, one
//! [`Row`] a line, ordered by kind and id (by their bytes). A part stands for a whole range: what a device holds of the
//! scope inside the range and does not find in the part is gone. `POST /v1/sync/repair` answers zstd-compressed NDJSON,
//! one [`RepairLine`] a line.

use super::{Cursor, Scope, Sum};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The most bytes of a part as it travels.
pub const MAX_PART_BYTES: usize = 256 * 1024;
/// The most parts of a snapshot.
pub const MAX_PARTS: usize = 10_000;

/// A pull cannot go on from the device's cursor: it takes this snapshot first, then pulls from its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Offer {
    /// Of which feed.
    pub scope: Scope,
    /// Where the device stands once it has the snapshot.
    pub cursor: Cursor,
    /// What the scope holds there.
    pub sum: Sum,
}

/// What a snapshot consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Manifest {
    /// Of which feed.
    pub scope: Scope,
    /// At which number.
    pub cursor: Cursor,
    /// What it holds.
    pub sum: Sum,
    /// Its parts in the order of their ranges; the first begins with everything, the last ends with everything. At most
    /// [`MAX_PARTS`]; never none.
    pub parts: Vec<Part>,
}

/// A part of a snapshot, numbered by its place from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Part {
    /// The last (kind, id) of its range, which the range includes; `None` in the last part, which has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(String, String)>,
    /// What it holds.
    pub sum: Sum,
    /// Its bytes as they travel; at most [`MAX_PART_BYTES`], but where one row alone has more.
    pub bytes: u64,
    /// SHA-256 of its bytes as they travel, hex.
    pub sha256: String,
}

/// An entity in a snapshot or a repair.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Row {
    /// What kind of entity, see [`super::kind`].
    pub kind: String,
    /// Which one.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// Its body.
    #[schema(value_type = Object)]
    pub body: Box<RawValue>,
}

/// `POST /v1/sync/repair`: the device's copy at its cursor differs from what the cloud said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RepairRequest {
    /// [`super::SCHEMA`] of the device.
    pub schema: u32,
    /// Of which feed.
    pub scope: Scope,
    /// Where the device stands.
    pub cursor: Cursor,
    /// What it holds there, bucket by bucket, see [`super::bucket`]: [`super::BUCKETS`] sums.
    pub sums: Vec<Sum>,
}

/// One line of a repair's answer: buckets that differ, each followed by all of its rows, then one end.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepairLine {
    /// The rows that follow are all that this bucket holds.
    Bucket {
        /// Which.
        bucket: u8,
    },
    /// One of them.
    Row(Row),
    /// Everything was sent: at this cursor, with this sum.
    End {
        /// The cursor of the request.
        cursor: Cursor,
        /// What the scope holds there.
        sum: Sum,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repair_reads_back_what_it_wrote() {
        let line = r#"{"row":{"kind":"note","id":"n","version":3,"body":{"x":1.10}}}"#;
        let read: RepairLine = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
        assert!(matches!(
            serde_json::from_str(r#"{"bucket":{"bucket":255}}"#).unwrap(),
            RepairLine::Bucket { bucket: 255 }
        ));
        assert!(serde_json::from_str::<RepairLine>(r#"{"bucket":{"bucket":256}}"#).is_err());
    }
}
