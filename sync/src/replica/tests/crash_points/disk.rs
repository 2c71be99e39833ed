//! The files of a replica, and what a power cut leaves of them.
//!
//! The format of a WAL: a header of 32 bytes, then frames: 24 bytes (page number; the size of the database in pages where
//! the frame ends a transaction; salts and checksums) and the page (<https://sqlite.org/fileformat2.html#walformat>).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const PAGE: usize = 4_096;
const FRAME: usize = FRAME_HEADER + PAGE;
/// Random choices of pages that a checkpoint wrote.
const CHOICES: usize = 10;
/// Frames beyond this many are cut at every few of them only.
const ALL_OF: usize = 16;

/// A folder in memory where there is one: what is cut here lies in the bytes, and a disk would be waited for.
pub(super) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.unwrap()
}

/// A database and its WAL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    database: Vec<u8>,
    wal: Vec<u8>,
}

/// What a power cut left.
pub(super) struct Cut {
    pub(super) what: String,
    pub(super) files: Files,
    /// Whether everything was on the disk before the cut.
    pub(super) is_whole: bool,
}

impl Files {
    pub(super) fn read(path: &Path) -> Self {
        Self {
            database: std::fs::read(path).unwrap(),
            wal: std::fs::read(wal_of(path)).unwrap_or_default(),
        }
    }

    pub(super) fn write(&self, path: &Path) {
        std::fs::write(path, &self.database).unwrap();
        std::fs::write(wal_of(path), &self.wal).unwrap();
    }

    /// All bytes, one file after the other.
    pub(super) fn bytes(self) -> Vec<u8> {
        [self.database, self.wal].concat()
    }

    pub(super) fn forget_wal(&mut self) {
        self.wal.clear();
    }

    /// How many frames of the WAL are the same as before.
    fn kept(&self, before: &Self) -> usize {
        let same = self.wal.len().min(before.wal.len());
        let frames = self.frames().take_while(|(start, _)| {
            let end = start + FRAME;
            end <= same && self.wal[..end] == before.wal[..end]
        });
        frames.count()
    }

    /// Where each frame of the WAL's newest life begins, and what is in it.
    fn frames(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let salts = self.wal.get(16..24).unwrap_or_default();
        let frames = self
            .wal
            .get(HEADER..)
            .unwrap_or_default()
            .chunks_exact(FRAME);
        let starts = (0..).map(|index| HEADER + index * FRAME);
        // Frames of an earlier life have other salts.
        starts.zip(frames.take_while(move |frame| frame[8..16] == *salts))
    }

    /// How many transactions the WAL holds that were not there before.
    pub(super) fn commits_since(&self, before: &Self) -> usize {
        let new = self.frames().skip(self.kept(before));
        new.filter(|(_, frame)| number(frame, 4) > 0).count()
    }

    /// The newest version of each page in the WAL.
    fn pages(&self) -> BTreeMap<usize, &[u8]> {
        let pages = self
            .frames()
            .map(|(_, frame)| (number(frame, 0), &frame[FRAME_HEADER..]));
        pages.collect()
    }

    fn with_page(&mut self, page: usize, content: &[u8]) {
        let start = (page - 1) * PAGE;
        let end = start + content.len();
        if self.database.len() < end {
            self.database.resize(start + PAGE, 0);
        }
        self.database[start..end].copy_from_slice(content);
    }
}

fn wal_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

fn number(frame: &[u8], at: usize) -> usize {
    let bytes: [u8; 4] = frame[at..at + 4].try_into().unwrap();
    u32::from_be_bytes(bytes) as usize
}

/// Cuts the WAL after each byte that matters of what was written since `before`: at each frame, within each, and with each
/// frame lost while those behind it were kept. What was in the file before stays behind the cut.
pub(super) fn cut_wal(before: &Files, after: &Files) -> Vec<Cut> {
    let end = after.frames().last().map_or(0, |(start, _)| start + FRAME);
    let over = |upto: usize| {
        let mut wal = after.wal[..upto].to_vec();
        wal.extend_from_slice(before.wal.get(upto..).unwrap_or_default());
        Files {
            database: after.database.clone(),
            wal,
        }
    };
    let cut = |what: String, files: Files| Cut {
        what,
        // What stays behind a cut may be what was written behind it.
        is_whole: files.wal.starts_with(&after.wal[..end]),
        files,
    };
    let mut cuts = vec![cut("all of it".to_owned(), over(end))];
    let kept = after.kept(before);
    if kept == 0 {
        for upto in [0, 4, 17, 31] {
            cuts.push(cut(format!("{upto} bytes of the header"), over(upto)));
        }
    }
    let new: Vec<usize> = after.frames().skip(kept).map(|(start, _)| start).collect();
    for (index, &start) in new.iter().enumerate() {
        let is_end = index < ALL_OF / 2 || index + ALL_OF / 2 >= new.len();
        if !is_end && index % (new.len() / ALL_OF).max(1) != 0 {
            continue;
        }
        // Another place within each frame: all of them together are everywhere.
        let torn = [7, FRAME_HEADER, FRAME_HEADER + 512, FRAME - 1][index % 4];
        cuts.push(cut(format!("{index} frames"), over(start)));
        cuts.push(cut(
            format!("{torn} bytes of frame {index}"),
            over(start + torn),
        ));
        let mut lost = over(end);
        let bytes = &mut lost.wal[start + torn..start + FRAME];
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
        cuts.push(cut(format!("frame {index} lost"), lost));
    }
    cuts
}

/// Cuts the checkpoint of a whole WAL: some pages are in the database, others not, one perhaps in part; and the end of it,
/// where the WAL is no longer needed.
pub(super) fn cut_checkpoint(after: &Files) -> Vec<Cut> {
    let pages = after.pages();
    let mut dice = ChaCha8Rng::seed_from_u64(pages.len() as u64);
    let mut cuts = Vec::new();
    let mut add = |what: String, files: Files| {
        cuts.push(Cut {
            what,
            files,
            is_whole: true,
        });
    };
    for choice in 0..CHOICES {
        let mut files = after.clone();
        let (share, torn) = (dice.next_u32() % 100, dice.next_u32() % 4 == 0);
        for (page, content) in &pages {
            if dice.next_u32() % 100 < share {
                let length = if torn && dice.next_u32() % 8 == 0 {
                    512
                } else {
                    PAGE
                };
                files.with_page(*page, &content[..length]);
            }
        }
        add(format!("choice {choice} of pages"), files);
    }
    let mut files = after.clone();
    pages
        .iter()
        .for_each(|(page, content)| files.with_page(*page, content));
    add("all pages".to_owned(), files.clone());
    files.forget_wal();
    add("all pages, and no WAL".to_owned(), files);
    cuts
}
