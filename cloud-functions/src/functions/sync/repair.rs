//! `POST /v1/sync/repair`: the rows of a scope that differ from a device's copy, at the device's cursor.
//!
//! The scope is folded twice, a part at a time: once for the sums of its buckets, once for the rows of those that
//! differ. A copy that differs in too much is better begun anew, from a snapshot.

use super::packed::{self, Packed};
use super::snapshot::{SnapshotRefusal, admit};
use super::upgrade;
use crate::feed::snapshot::{Merge, Merged, RowKey, Tail};
use crate::feed::{PublishError, SnapshotAt, read_head};
use crate::http::{ApiError, Caller};
use crate::ports::ledger::Ledger;
use crate::services::Services;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::Principal;
use domain::api::sync::{
    BUCKETS, Change, Cursor, RepairLine, RepairRequest, Row, SCHEMA, Scope, Sum, bucket, row_hash,
};
use domain::problem::Problem;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much of a tail is held, in bytes of memory. Where snapshots are built it is never so long.
const MAX_TAIL_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of rows in an answer.
const MAX_ROWS_BYTES: usize = 32 * 1024 * 1024;
/// The most repairs of an instance at once: each may hold a tail and an answer.
const MAX_REPAIRS: usize = 4;
/// When to ask again where there was no place.
const RETRY_SECONDS: &str = "5";

/// Why a copy is not repaired.
#[derive(Debug, thiserror::Error)]
pub(super) enum RepairRefusal {
    #[error("another schema is served")]
    Schema,
    #[error("there are {BUCKETS} sums")]
    BadSums,
    #[error("the scope is not one")]
    BadScope,
    #[error("the feed does not go back to this cursor, or not so far on")]
    CursorGone,
    #[error("too much differs")]
    TooMuch,
    #[error("others are being repaired")]
    Busy,
    #[error("the answer could not be written: {0}")]
    Encoding(String),
    #[error(transparent)]
    Refused(#[from] SnapshotRefusal),
    #[error(transparent)]
    Feed(#[from] PublishError),
}

impl IntoResponse for RepairRefusal {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        let gone = |slug| ApiError::new(StatusCode::GONE, slug, "Begin this scope anew");
        let mut error = match self {
            Self::Schema => return upgrade().into_response(),
            Self::Refused(refusal) => return refusal.into_response(),
            Self::Feed(error) => return ApiError::from(error).into_response(),
            Self::BadSums => return ApiError::invalid("/sums", detail).into_response(),
            Self::BadScope => return ApiError::invalid("/scope", detail).into_response(),
            Self::CursorGone => gone("cursor-gone"),
            Self::TooMuch => gone("too-much-differs"),
            Self::Busy => {
                let later = [(header::RETRY_AFTER, RETRY_SECONDS)];
                let error = ApiError::unavailable("others are being repaired");
                return (later, error).into_response();
            }
            Self::Encoding(_) => {
                tracing::error!(detail, "a repair could not be encoded");
                ApiError::unavailable("the repair could not be written")
            }
        };
        error.0.detail = Some(detail);
        error.into_response()
    }
}

/// How many repairs of one instance may be under way. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Benches(Arc<Semaphore>);

impl Default for Benches {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_REPAIRS)))
    }
}

impl Benches {
    /// A place for one repair, until it is dropped.
    fn take(&self) -> Result<OwnedSemaphorePermit, RepairRefusal> {
        let taken = self.0.clone().try_acquire_owned();
        taken.map_err(|_| RepairRefusal::Busy)
    }
}

/// Compares, and gives the lines of the answer.
async fn repair(
    services: &Services,
    caller: &Principal,
    request: &RepairRequest,
) -> Result<Vec<u8>, RepairRefusal> {
    check(request)?;
    admit(services, caller, &request.scope).await?;
    let scoped = Scoped::at(&*services.ledger, request).await?;
    let counted = scoped.count().await?;
    let differing: BTreeSet<u8> = (0..=u8::MAX)
        .filter(|bucket| {
            let index = usize::from(*bucket);
            counted.sums.get(index) != request.sums.get(index)
        })
        .collect();
    if counted.bytes_of(&differing) > MAX_ROWS_BYTES {
        return Err(RepairRefusal::TooMuch);
    }
    let rows = scoped.rows(&differing).await?;
    encode(rows, request.cursor, counted.whole())
}

fn check(request: &RepairRequest) -> Result<(), RepairRefusal> {
    if request.schema != SCHEMA {
        return Err(RepairRefusal::Schema);
    }
    if request.sums.len() != BUCKETS {
        return Err(RepairRefusal::BadSums);
    }
    match Scope::parse(request.scope.as_str()) {
        Some(_) => Ok(()),
        None => Err(RepairRefusal::BadScope),
    }
}

/// A scope at the device's cursor.
struct Scoped<'a> {
    ledger: &'a dyn Ledger,
    scope: &'a Scope,
    cursor: Cursor,
    /// The newest snapshot that is no newer.
    base: Option<SnapshotAt>,
}

/// What the buckets of a scope hold.
struct Counted {
    sums: Vec<Sum>,
    bytes: Vec<usize>,
}

impl Counted {
    fn add(&mut self, key: &RowKey, hash: u64, bytes: usize) {
        let bucket = usize::from(bucket(&key.0, &key.1));
        if let (Some(sum), Some(held)) = (self.sums.get_mut(bucket), self.bytes.get_mut(bucket)) {
            sum.add(hash);
            *held += bytes;
        }
    }

    fn bytes_of(&self, buckets: &BTreeSet<u8>) -> usize {
        let bytes = |bucket: &u8| self.bytes.get(usize::from(*bucket));
        buckets.iter().filter_map(bytes).sum()
    }

    fn whole(&self) -> Sum {
        let add = |whole: Sum, sum: &Sum| Sum {
            rows: whole.rows.wrapping_add(sum.rows),
            checksum: whole.checksum.wrapping_add(sum.checksum),
        };
        self.sums.iter().fold(Sum::default(), add)
    }
}

/// What is kept of a change to count it: its hash and the length of its body.
type Weighed = (u64, usize);

impl<'a> Scoped<'a> {
    async fn at(ledger: &'a dyn Ledger, request: &'a RepairRequest) -> Result<Self, RepairRefusal> {
        let RepairRequest { scope, cursor, .. } = request;
        let head = read_head(ledger, scope).await?;
        let is_there = (head.floor..=head.seq).contains(&cursor.seq);
        if cursor.epoch != head.epoch || !is_there {
            return Err(RepairRefusal::CursorGone);
        }
        Ok(Self {
            ledger,
            scope,
            cursor: *cursor,
            base: head.snapshot_before(cursor.seq),
        })
    }

    async fn count(&self) -> Result<Counted, RepairRefusal> {
        let weigh = |change: &Change| {
            let body = change.body.as_ref()?.get();
            let hash = row_hash(&change.kind, &change.id, change.version, body);
            Some(((hash, body.len()), size_of::<Weighed>()))
        };
        let mut merge = self.merge(weigh).await?;
        let mut counted = Counted {
            sums: vec![Sum::default(); BUCKETS],
            bytes: vec![0; BUCKETS],
        };
        while let Some(stretch) = merge.next(self.ledger).await? {
            for merged in stretch {
                match merged {
                    Merged::New(key, (hash, bytes)) => counted.add(&key, hash, bytes),
                    Merged::Kept(row) => {
                        let body = row.body.get();
                        let hash = row_hash(&row.kind, &row.id, row.version, body);
                        let bytes = body.len();
                        counted.add(&(row.kind, row.id), hash, bytes);
                    }
                }
            }
        }
        Ok(counted)
    }

    /// All rows of some buckets.
    async fn rows(&self, buckets: &BTreeSet<u8>) -> Result<BTreeMap<u8, Vec<Row>>, RepairRefusal> {
        let mut rows: BTreeMap<u8, Vec<Row>> =
            buckets.iter().map(|bucket| (*bucket, Vec::new())).collect();
        if buckets.is_empty() {
            return Ok(rows);
        }
        // Of the other buckets nothing is kept, and nothing is told.
        let word = |change: &Change| {
            let body = change.body.clone()?;
            let bytes = body.get().len();
            let wanted = buckets.contains(&bucket(&change.kind, &change.id));
            wanted.then_some(((change.version, body), bytes))
        };
        let mut merge = self.merge(word).await?;
        while let Some(stretch) = merge.next(self.ledger).await? {
            for row in stretch.into_iter().map(row) {
                if let Some(rows) = rows.get_mut(&bucket(&row.kind, &row.id)) {
                    rows.push(row);
                }
            }
        }
        Ok(rows)
    }

    async fn merge<T>(
        &self,
        word: impl Fn(&Change) -> Option<(T, usize)> + Send + Sync,
    ) -> Result<Merge<T>, RepairRefusal> {
        let Self {
            ledger,
            scope,
            cursor,
            base,
        } = self;
        let from = Cursor {
            epoch: cursor.epoch,
            seq: base.map_or(0, |at| at.seq),
        };
        let tail = Tail::read(*ledger, scope, from, cursor.seq, MAX_TAIL_BYTES, word).await?;
        if tail.through < cursor.seq {
            // Its entries went away meanwhile, or are more than can be held.
            return Err(RepairRefusal::CursorGone);
        }
        let merge = Merge::begin(*ledger, scope, cursor.epoch, *base, tail.rows).await?;
        merge.ok_or(RepairRefusal::CursorGone)
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

fn encode(
    rows: BTreeMap<u8, Vec<Row>>,
    cursor: Cursor,
    sum: Sum,
) -> Result<Vec<u8>, RepairRefusal> {
    let mut text = Vec::new();
    for (bucket, rows) in rows {
        write_line(&mut text, &RepairLine::Bucket { bucket })?;
        for row in rows {
            write_line(&mut text, &RepairLine::Row(row))?;
        }
    }
    write_line(&mut text, &RepairLine::End { cursor, sum })?;
    Ok(text)
}

fn write_line(text: &mut Vec<u8>, line: &RepairLine) -> Result<(), RepairRefusal> {
    serde_json::to_writer(&mut *text, line)
        .map_err(|error| RepairRefusal::Encoding(error.to_string()))?;
    text.push(b'\n');
    Ok(())
}

/// Answers the rows that differ from a device's copy
///
/// Always zstd-compressed, one JSON document a line: each bucket that differs with all of its rows, then one end. A
/// bucket without rows is empty. The request may be zstd-compressed.
#[utoipa::path(
    post,
    path = "/v1/sync/repair",
    tag = "sync",
    request_body = RepairRequest,
    responses(
        (status = 200, description = "Lines, `content-encoding: zstd`", body = RepairLine, content_type = "application/x-ndjson"),
        (status = 400, description = "Not 256 sums, or no scope", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "Begin this scope anew", body = Problem, content_type = "application/problem+json"),
        (status = 426, description = "Another schema is served", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Others are being repaired: `retry-after` says when to ask again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn repair_rows(
    State(services): State<Services>,
    Extension(benches): Extension<Benches>,
    Caller(caller): Caller,
    Packed(request): Packed<RepairRequest>,
) -> Result<Response, RepairRefusal> {
    let _bench = benches.take()?;
    let text = repair(&services, &caller, &request).await?;
    let packed = packed::compress(text).await;
    let packed = packed.map_err(|error| RepairRefusal::Encoding(error.to_string()))?;
    Ok(packed::lines(packed))
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;
