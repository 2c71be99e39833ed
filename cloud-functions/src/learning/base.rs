//! A model in the ledger: its snapshot packed with zstd, and what else a pupil remembers, in chunks that fit an item.

use super::PARTITION;
use super::pupil::{Memo, Pupil};
use crate::feed::PublishError;
use crate::ports::ledger::{Condition, Key, Ledger, Write};
use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use recommend::{Model, ModelVersion};
use serde::{Deserialize, Serialize};

/// The most bytes of a snapshot, unpacked. It is what tablets hold; a model that needs more learns from fewer sessions.
pub(super) const SNAPSHOT_BYTES_MAX: usize = 50_000_000;
/// The most bytes of a base that is read; items alone may need more than the budget.
const READ_BYTES_MAX: usize = 512 << 20;
/// The most bytes of what else is remembered, unpacked.
const MEMO_BYTES_MAX: usize = 64 << 20;
/// The most characters of a chunk.
const MAX_CHUNK_CHARS: usize = 380 * 1024;
/// How many chunks are read at once.
const CHUNKS: usize = 8;
/// How hard snapshots are packed: once, and sent to every tablet.
const PACKING: i32 = 6;

/// A base and where it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseAt {
    /// Lessons up to this number are in it.
    pub seq: u64,
    /// Of so many lessons.
    pub lessons: u64,
    /// What it holds.
    pub version: ModelVersion,
    /// Sessions and baskets that it was built from.
    pub sessions: u64,
    /// When it was built.
    pub at: DateTime<Utc>,
}

/// A base as it was loaded.
#[derive(Debug)]
pub struct Loaded {
    /// Ready to go on.
    pub pupil: Pupil,
    /// The snapshot as it travels to tablets.
    pub packed: Bytes,
}

impl BaseAt {
    /// What its sort keys begin with. Two bases of the same place and version are the same bytes.
    pub(super) fn prefix(&self) -> String {
        format!("B#{:020}#{}#", self.seq, self.version)
    }
}

/// Packs what is kept of a base: snapshot and memo.
pub(super) fn pack(model: &Model, memo: &Memo) -> Result<(Bytes, Vec<u8>), PublishError> {
    let packing = |error: std::io::Error| corrupt("a new base", error);
    let snapshot = zstd::bulk::compress(&model.to_snapshot(), PACKING).map_err(packing)?;
    let memo = serde_json::to_vec(memo).map_err(|error| corrupt("a new base", error))?;
    let memo = zstd::bulk::compress(&memo, PACKING).map_err(packing)?;
    Ok((snapshot.into(), memo))
}

/// Writes a base. Whoever wrote there before wrote the same.
pub(super) async fn write(
    ledger: &dyn Ledger,
    at: &BaseAt,
    snapshot: &[u8],
    memo: &[u8],
) -> Result<(), PublishError> {
    for (part, bytes) in [("M", memo), ("S", snapshot)] {
        let text = BASE64.encode(bytes);
        let mut rest = text.as_str();
        for chunk in 0_u32.. {
            let (now, later) = rest.split_at(rest.floor_char_boundary(MAX_CHUNK_CHARS));
            let key = Key::new(PARTITION, format!("{}{part}{chunk:05}", at.prefix()));
            let write = Write::put(key, now, Condition::Any);
            ledger.write(vec![write]).await?;
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

/// Reads a base; `None` where it is no longer there.
pub(super) async fn load(ledger: &dyn Ledger, at: &BaseAt) -> Result<Option<Loaded>, PublishError> {
    let (Some(memo), Some(snapshot)) = (read(ledger, at, "M").await?, read(ledger, at, "S").await?)
    else {
        return Ok(None);
    };
    let (at, packed) = (at.clone(), Bytes::from(snapshot));
    let bytes = packed.clone();
    // Reading takes a core for a while.
    let reading = tokio::task::spawn_blocking(move || unpack(at, &bytes, &memo));
    let pupil = reading.await.map_err(|error| corrupt("a base", error))??;
    Ok(Some(Loaded { pupil, packed }))
}

fn unpack(at: BaseAt, snapshot: &[u8], memo: &[u8]) -> Result<Pupil, PublishError> {
    let place = at.prefix();
    let snapshot =
        zstd::bulk::decompress(snapshot, READ_BYTES_MAX).map_err(|error| corrupt(&place, error))?;
    let model = Model::from_snapshot(&snapshot).map_err(|error| corrupt(&place, error))?;
    let memo =
        zstd::bulk::decompress(memo, MEMO_BYTES_MAX).map_err(|error| corrupt(&place, error))?;
    let memo = serde_json::from_slice(&memo).map_err(|error| corrupt(&place, error))?;
    Ok(Pupil::new(model, memo, at))
}

async fn read(
    ledger: &dyn Ledger,
    at: &BaseAt,
    part: &str,
) -> Result<Option<Vec<u8>>, PublishError> {
    let prefix = format!("{}{part}", at.prefix());
    let end = format!("{prefix}:");
    let mut from = prefix.clone();
    let mut text = String::new();
    loop {
        let page = ledger.range(PARTITION, &from..&end, CHUNKS).await?;
        for stored in &page {
            text.push_str(&stored.body);
            from = format!("{}\0", stored.key.sort);
        }
        if page.len() < CHUNKS {
            break;
        }
    }
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = BASE64
        .decode(text)
        .map_err(|error| corrupt(&prefix, error))?;
    Ok(Some(bytes))
}

pub(super) fn corrupt(place: &str, reason: impl std::fmt::Display) -> PublishError {
    PublishError::Corrupt {
        key: format!("{PARTITION} / {place}"),
        reason: reason.to_string(),
    }
}
