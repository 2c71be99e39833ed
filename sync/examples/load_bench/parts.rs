//! A snapshot as the cloud makes one: rows in their order, cut into parts that are compressed and hashed.

use domain::api::sync::{Cursor, MAX_PART_BYTES, Manifest, Part, Row, Scope, Sum, row_hash};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::{Path, PathBuf};

/// How much text is tried as one part at first.
const TEXT_BYTES: usize = 1 << 20;

/// Parts in a folder, and what they add up to.
pub(crate) struct Parts {
    folder: PathBuf,
    /// How hard parts are compressed: they are made once and fetched by every device.
    level: i32,
    lines: Vec<(String, String, u64, String)>,
    text: usize,
    pub(crate) parts: Vec<Part>,
    pub(crate) sum: Sum,
}

impl Parts {
    pub(crate) fn new(folder: &Path, level: i32) -> Self {
        Self {
            folder: folder.to_owned(),
            level,
            lines: Vec::new(),
            text: 0,
            parts: Vec::new(),
            sum: Sum::default(),
        }
    }

    /// Rows come in the order of kind and id.
    pub(crate) fn push(&mut self, row: Row) -> Result<(), Box<dyn Error>> {
        let hash = row_hash(&row.kind, &row.id, row.version, row.body.get());
        let line = serde_json::to_string(&row)?;
        self.text += line.len() + 1;
        self.lines.push((row.kind, row.id, hash, line));
        if self.text >= TEXT_BYTES {
            self.cut()?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self, scope: &str) -> Result<Manifest, Box<dyn Error>> {
        while !self.lines.is_empty() {
            self.cut()?;
        }
        if let Some(last) = self.parts.last_mut() {
            last.last = None;
        }
        Ok(Manifest {
            scope: Scope::parse(scope).ok_or("scope")?,
            cursor: Cursor {
                epoch: 1,
                seq: self.sum.rows,
            },
            sum: self.sum,
            parts: self.parts,
        })
    }

    /// Makes a part of as many rows as fit.
    fn cut(&mut self) -> Result<(), Box<dyn Error>> {
        let mut take = self.lines.len();
        let mut bytes = self.compress(take)?;
        while bytes.len() > MAX_PART_BYTES {
            take = take * MAX_PART_BYTES / bytes.len() * 98 / 100;
            bytes = self.compress(take)?;
        }
        let mut sum = Sum::default();
        for (.., hash, _) in self.lines.iter().take(take) {
            sum.add(*hash);
            self.sum.add(*hash);
        }
        let last = take.checked_sub(1).and_then(|last| self.lines.get(last));
        let last = last.map(|(kind, id, ..)| (kind.clone(), id.clone()));
        std::fs::write(name(&self.folder, self.parts.len()), &bytes)?;
        self.parts.push(Part {
            last,
            sum,
            bytes: bytes.len() as u64,
            sha256: Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        });
        self.lines.drain(..take);
        self.text = self.lines.iter().map(|(.., line)| line.len() + 1).sum();
        Ok(())
    }

    fn compress(&self, take: usize) -> Result<Vec<u8>, std::io::Error> {
        let lines = self.lines.iter().take(take);
        let text: String = lines.flat_map(|(.., line)| [line.as_str(), "\n"]).collect();
        zstd::encode_all(text.as_bytes(), self.level)
    }
}

/// Where a part lies.
pub(crate) fn name(folder: &Path, part: usize) -> PathBuf {
    folder.join(format!("part-{part:05}"))
}
