//! Where snapshots lie in the ledger: texts in chunks that each fit an item.

use super::super::{PublishError, SnapshotAt, encode, partition};
use crate::ports::ledger::{Condition, Key, Ledger, Stored, Write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::api::sync::{Cursor, Manifest, Scope};

/// The most bytes of a chunk.
const MAX_CHUNK_BYTES: usize = 380 * 1024;
/// How many chunks are read or deleted at once.
const CHUNKS: usize = 4;
/// All snapshots of a scope have sort keys that begin with this.
const SNAPSHOTS: &str = "N#";

/// A snapshot's place.
#[derive(Debug, Clone)]
pub(super) struct Place {
    partition: String,
    /// What its sort keys begin with.
    prefix: String,
}

impl Place {
    pub(super) fn of(scope: &Scope, cursor: Cursor, form: u32) -> Self {
        let Cursor { epoch, seq } = cursor;
        Self {
            partition: partition(scope),
            prefix: format!("{SNAPSHOTS}{epoch:020}#{seq:020}#{form:010}"),
        }
    }

    fn at(scope: &Scope, epoch: u64, at: SnapshotAt) -> Self {
        Self::of(scope, Cursor { epoch, seq: at.seq }, at.form)
    }

    fn manifest(&self) -> String {
        format!("{}#M#", self.prefix)
    }

    fn part(&self, number: usize) -> String {
        format!("{}#P#{number:05}#", self.prefix)
    }

    fn has(&self, key: &Key) -> bool {
        let rest = key.sort.strip_prefix(&self.prefix);
        rest.is_some_and(|rest| rest.starts_with('#'))
    }

    pub(super) async fn write_part(
        &self,
        ledger: &dyn Ledger,
        number: usize,
        bytes: &[u8],
    ) -> Result<(), PublishError> {
        let text = BASE64.encode(bytes);
        self.write(ledger, &self.part(number), &text).await
    }

    pub(super) async fn write_manifest(
        &self,
        ledger: &dyn Ledger,
        manifest: &Manifest,
    ) -> Result<(), PublishError> {
        let text = encode(manifest)?;
        self.write(ledger, &self.manifest(), &text).await
    }

    /// Overwrites: whoever wrote there before wrote the same.
    async fn write(&self, ledger: &dyn Ledger, sort: &str, text: &str) -> Result<(), PublishError> {
        let mut rest = text;
        for chunk in 0_u32.. {
            let (now, later) = rest.split_at(rest.floor_char_boundary(MAX_CHUNK_BYTES));
            let key = Key::new(self.partition.as_str(), format!("{sort}{chunk:03}"));
            let write = Write::put(key, now, Condition::Any);
            ledger.write(vec![write]).await?;
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        Ok(())
    }

    async fn read(&self, ledger: &dyn Ledger, sort: &str) -> Result<Option<String>, PublishError> {
        let end = after(sort);
        let mut from = sort.to_owned();
        let mut text = None::<String>;
        loop {
            let page = ledger.range(&self.partition, &from..&end, CHUNKS).await?;
            let ended = page.len() < CHUNKS;
            for Stored { key, body, .. } in page {
                from = format!("{}\0", key.sort);
                match &mut text {
                    Some(text) => text.push_str(&body),
                    None => text = Some(body),
                }
            }
            if ended {
                return Ok(text);
            }
        }
    }

    fn corrupt(&self, sort: &str, reason: impl std::fmt::Display) -> PublishError {
        PublishError::Corrupt {
            key: format!("{} / {sort}", self.partition),
            reason: reason.to_string(),
        }
    }
}

/// The end of all sort keys that begin with `prefix`, which ends in `#`.
fn after(prefix: &str) -> String {
    format!("{}$", prefix.trim_end_matches('#'))
}

/// What a snapshot consists of; `None` where it is no longer there.
pub async fn lookup_manifest(
    ledger: &dyn Ledger,
    scope: &Scope,
    epoch: u64,
    at: SnapshotAt,
) -> Result<Option<Manifest>, PublishError> {
    let place = Place::at(scope, epoch, at);
    let sort = place.manifest();
    let Some(text) = place.read(ledger, &sort).await? else {
        return Ok(None);
    };
    let manifest = serde_json::from_str(&text);
    manifest
        .map(Some)
        .map_err(|error| place.corrupt(&sort, error))
}

/// A part as it travels; `None` where there is none of this number, or no longer.
pub async fn lookup_part(
    ledger: &dyn Ledger,
    scope: &Scope,
    epoch: u64,
    at: SnapshotAt,
    number: usize,
) -> Result<Option<Vec<u8>>, PublishError> {
    let place = Place::at(scope, epoch, at);
    let sort = place.part(number);
    let Some(text) = place.read(ledger, &sort).await? else {
        return Ok(None);
    };
    let bytes = BASE64.decode(text);
    bytes.map(Some).map_err(|error| place.corrupt(&sort, error))
}

/// Deletes what is left of snapshots before the newest, but `kept`, and of others at its number.
pub(super) async fn clean(
    ledger: &dyn Ledger,
    scope: &Scope,
    newest: Cursor,
    kept: &[Place],
) -> Result<(), PublishError> {
    let partition = partition(scope);
    let end = after(&format!(
        "{SNAPSHOTS}{:020}#{:020}",
        newest.epoch, newest.seq
    ));
    let mut from = SNAPSHOTS.to_owned();
    loop {
        let page = ledger.range(&partition, &from..&end, CHUNKS).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        let mut next = format!("{}\0", last.key.sort);
        let mut deletes = Vec::with_capacity(page.len());
        for Stored { key, .. } in page {
            match kept.iter().find(|place| place.has(&key)) {
                Some(place) => next = next.max(after(&place.prefix)),
                None => deletes.push(Write::Delete {
                    key,
                    condition: Condition::Any,
                }),
            }
        }
        if !deletes.is_empty() {
            ledger.write(deletes).await?;
        }
        from = next;
    }
}
