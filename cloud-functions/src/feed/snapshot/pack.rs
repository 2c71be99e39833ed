//! Cuts a run of rows into parts.

use super::tail::RowKey;
use domain::api::sync::{MAX_PART_BYTES, Part, Row, Sum, row_hash};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::ops::Range;

/// A part is cut off once it has this many bytes before compression: a tablet takes a part in one transaction.
const CUT_AT_BYTES: usize = 1024 * 1024;
/// Written once and fetched by every device: worth more work than a page of a pull.
const ZSTD_LEVEL: i32 = 6;

/// Rows as lines, waiting to be cut.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: Vec<u8>,
    rows: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    key: RowKey,
    hash: u64,
    /// Where it ends in the text.
    end: usize,
}

/// A part and its bytes.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) part: Part,
    pub(super) bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn push(&mut self, row: Row) -> Result<(), serde_json::Error> {
        serde_json::to_writer(&mut self.text, &row)?;
        self.text.push(b'\n');
        self.rows.push(Line {
            hash: row_hash(&row.kind, &row.id, row.version, row.body.get()),
            key: (row.kind, row.id),
            end: self.text.len(),
        });
        Ok(())
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() >= CUT_AT_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Compresses; halves what stays larger than a part may be. Takes some 15 ms a mebibyte.
    pub(super) fn pack(&self) -> std::io::Result<Vec<Packed>> {
        let mut packed = Vec::new();
        self.pack_rows(0..self.rows.len(), &mut packed)?;
        Ok(packed)
    }

    fn pack_rows(&self, rows: Range<usize>, packed: &mut Vec<Packed>) -> std::io::Result<()> {
        let lines = self.rows.get(rows.clone()).unwrap_or_default();
        let end_of = |line: Option<&Line>| line.map_or(0, |line| line.end);
        let before = rows.start.checked_sub(1);
        let start = end_of(before.and_then(|before| self.rows.get(before)));
        let text = self.text.get(start..end_of(lines.last()).max(start));
        let bytes = zstd::bulk::compress(text.unwrap_or_default(), ZSTD_LEVEL)?;
        if bytes.len() > MAX_PART_BYTES && lines.len() > 1 {
            let middle = rows.start + lines.len() / 2;
            self.pack_rows(rows.start..middle, packed)?;
            return self.pack_rows(middle..rows.end, packed);
        }
        let mut sum = Sum::default();
        lines.iter().for_each(|line| sum.add(line.hash));
        let part = Part {
            last: lines.last().map(|line| line.key.clone()),
            sum,
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(&bytes)),
        };
        packed.push(Packed { part, bytes });
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
