//! A model as bytes, for cold starts and tablets.
//!
//! Little endian. Header: magic (8 bytes), format (u32), reserved 0 (u32), body length (u64), model
//! version (u64), FNV-1a 64 of all that, and the body (u64). The body holds names, traits, sessions,
//! baskets and popularity; posting lists are derived when it is read, so they can neither disagree
//! with the sessions nor cost bytes on the way.

pub(crate) mod checksum;
mod decode;
pub mod delta;
pub mod delta_log;
mod encode;
mod reader;

use crate::model::{Model, ModelVersion};
use crate::sessions::{ITEM_NUMBERS_END, SessionIndex};
use checksum::Fnv;
use reader::Reader;

const MAGIC: &[u8; 8] = b"AISLEREC";
const FORMAT: u32 = 2;
/// Up to the checksum.
const CHECKED_HEADER_LEN: usize = 32;
const HEADER_LEN: usize = CHECKED_HEADER_LEN + 8;

/// Why bytes are not a snapshot that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The first bytes are not those of a snapshot.
    #[error("this is not a recommendation snapshot")]
    NotASnapshot,
    /// Written by a version of the program that this one does not know.
    #[error("the snapshot has format {found}, this program reads format {FORMAT}")]
    UnknownFormat {
        /// The format that it says it has.
        found: u32,
    },
    /// The bytes end too early.
    #[error("the snapshot is cut off")]
    Truncated,
    /// There are bytes after the end.
    #[error("the snapshot has bytes after its end")]
    TrailingBytes,
    /// Some byte was changed.
    #[error("the snapshot is damaged: its checksum does not match")]
    Checksum,
    /// A field has a value that no snapshot has.
    #[error("the snapshot's {field} is not valid")]
    Invalid {
        /// Which field.
        field: &'static str,
    },
}

impl Model {
    /// The model as bytes. The same model gives the same bytes.
    #[must_use]
    pub fn to_snapshot(&self) -> Vec<u8> {
        let body = encode::body(self);
        let mut bytes = Vec::with_capacity(HEADER_LEN + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&0_u32.to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&self.version.0.to_le_bytes());
        let sum = checksum_of(&bytes, &body);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads what [`Model::to_snapshot`] wrote: a model that answers bit for bit alike.
    ///
    /// # Errors
    /// [`SnapshotError`] for anything else; never panics, and never allocates more than a small
    /// multiple of the input.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut header = Reader::new(bytes);
        if header
            .take(MAGIC.len())
            .map_err(|_| SnapshotError::NotASnapshot)?
            != MAGIC
        {
            return Err(SnapshotError::NotASnapshot);
        }
        let found = header.u32()?;
        if found != FORMAT {
            return Err(SnapshotError::UnknownFormat { found });
        }
        let reserved = header.u32()?;
        let body_len = header.u64()?;
        let version = ModelVersion(header.u64()?);
        let sum = header.u64()?;
        let body = header.rest();
        match body_len.cmp(&(body.len() as u64)) {
            std::cmp::Ordering::Greater => return Err(SnapshotError::Truncated),
            std::cmp::Ordering::Less => return Err(SnapshotError::TrailingBytes),
            std::cmp::Ordering::Equal => {}
        }
        if checksum_of(bytes.get(..CHECKED_HEADER_LEN).unwrap_or_default(), body) != sum {
            return Err(SnapshotError::Checksum);
        }
        if reserved != 0 {
            return Err(SnapshotError::Invalid {
                field: "reserved word",
            });
        }
        decode::body(body, version)
    }
}

impl SessionIndex {
    /// The index as bytes: bounds, then the sessions as they lie in memory. [`Model::to_snapshot`] has checksums.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode::put_index(&mut bytes, self);
        bytes
    }

    /// Reads what [`SessionIndex::to_bytes`] wrote. Tables are as long as the highest item number, so this is for bytes
    /// of one's own; [`Model::from_snapshot`] knows how many items there are.
    ///
    /// # Errors
    /// [`SnapshotError`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut reader = Reader::new(bytes);
        let index = decode::index(&mut reader, ITEM_NUMBERS_END as usize, "session")?;
        if reader.rest().is_empty() {
            Ok(index)
        } else {
            Err(SnapshotError::TrailingBytes)
        }
    }
}

/// The hash of all that answers depend on.
pub(crate) fn content_hash(model: &Model) -> u64 {
    checksum_of(&[], &encode::body(model))
}

fn checksum_of(header: &[u8], body: &[u8]) -> u64 {
    let mut fnv = Fnv::new();
    fnv.write(header);
    fnv.write(body);
    fnv.finish()
}

#[cfg(test)]
mod tests;
