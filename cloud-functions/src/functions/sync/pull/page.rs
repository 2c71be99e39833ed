//! Reads a page of changes, bounded in number and in bytes.

use super::plan::Stand;
use super::refusal::PullRefusal;
use super::share::share;
use crate::feed;
use crate::ports::ledger::Ledger;
use domain::api::sync::{Change, Cursor, PullLine, Scope, Sum};
use std::collections::BTreeMap;

/// A page ends with the change that passes this many bytes, before compression.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// How many entries are read at once: each may have 390 KB.
const READ_AT_ONCE: usize = 250;

/// A page of changes.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The changes, a line each.
    pub(super) lines: Vec<u8>,
    /// How many there are.
    pub(super) changes: usize,
    /// Where the feeds stand that the device moves in.
    pub(super) cursors: BTreeMap<Scope, Cursor>,
    /// What those of them hold that stand at their head.
    pub(super) sums: BTreeMap<Scope, Sum>,
    /// Whether there is more to read at once.
    pub(super) more: bool,
}

/// Reads a page of at most `limit` changes, shared among the feeds. `verify` tells the sums of feeds that do not move too.
pub(super) async fn collect(
    ledger: &dyn Ledger,
    stands: &[Stand],
    limit: usize,
    verify: bool,
) -> Result<Page, PullRefusal> {
    let backlogs: Vec<u64> = stands.iter().map(Stand::backlog).collect();
    let mut page = Page::default();
    for (stand, share) in stands.iter().zip(share(&backlogs, limit)) {
        let read = read_feed(ledger, stand, share, &mut page).await?;
        let behind = read.cursor.seq < stand.head;
        // What a slower writer has still to fill comes with a poke, not by asking again at once.
        page.more |= behind && !read.gap;
        page.close(stand, read.cursor, verify);
    }
    Ok(page)
}

impl Page {
    fn close(&mut self, stand: &Stand, at: Cursor, verify: bool) {
        let moved = stand.told != Some(at);
        if moved {
            self.cursors.insert(stand.scope.clone(), at);
        }
        // The head is older than what was read, and nothing beyond it was read: both are of the same moment here.
        if at.seq == stand.head && (moved || verify) {
            self.sums.insert(stand.scope.clone(), stand.sum);
        }
    }
}

/// How far a feed was read.
struct Read {
    cursor: Cursor,
    /// Whether it ended at a number that is not filled yet.
    gap: bool,
}

async fn read_feed(
    ledger: &dyn Ledger,
    stand: &Stand,
    share: usize,
    page: &mut Page,
) -> Result<Read, PullRefusal> {
    let mut cursor = stand.from;
    let mut left = share;
    while left > 0 && page.lines.len() < MAX_PAGE_BYTES {
        let asked = left.min(READ_AT_ONCE);
        let changes = feed::read_after(ledger, &stand.scope, cursor, asked).await?;
        let gap = changes.len() < asked;
        left -= changes.len();
        for change in changes {
            if page.lines.len() >= MAX_PAGE_BYTES {
                return Ok(Read { cursor, gap: false });
            }
            cursor.seq = change.seq;
            write_change(page, change)?;
        }
        if gap {
            return Ok(Read { cursor, gap });
        }
    }
    Ok(Read { cursor, gap: false })
}

fn write_change(page: &mut Page, change: Change) -> Result<(), PullRefusal> {
    page.changes += 1;
    write_line(&mut page.lines, &PullLine::Change(change))
}

/// Adds a line.
pub(super) fn write_line(lines: &mut Vec<u8>, line: &PullLine) -> Result<(), PullRefusal> {
    serde_json::to_writer(&mut *lines, line)
        .map_err(|error| PullRefusal::Encoding(error.to_string()))?;
    lines.push(b'\n');
    Ok(())
}
