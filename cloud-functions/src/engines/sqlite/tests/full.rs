//! A full disk: a typed error, nothing half written, and full recovery.

use super::Folder;
use crate::engines::contract::event_log::event;
use crate::engines::sqlite::{SqliteEventLog, SqliteLedger, StoreError};
use crate::ports::backlog::Backlog;
use crate::ports::events::{Appended, EventLog, LogError};
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Write};

/// As many more pages as the file may grow; SQLite then says that the disk is full.
const ROOM: i64 = 8;

async fn limit(writer: &super::super::writer::Writer, more: Option<i64>) {
    let limited: Result<(), StoreError> = writer
        .run(move |connection| {
            let used: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
            let pages = more.map_or(1_000_000, |more| used + more);
            connection.pragma_update(None, "max_page_count", pages)
        })
        .await;
    limited.unwrap();
}

fn batch(name: &str, size: usize) -> Vec<Write> {
    let part = |part: &str| {
        let key = Key::new("P", format!("{name}-{part}"));
        Write::put(key, "x".repeat(size), Condition::Absent)
    };
    vec![part("a"), part("b")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_the_ledgers_batch_whole_and_recovers() {
    let folder = Folder::new();
    let ledger = SqliteLedger::open(&folder.new_file()).unwrap();
    limit(&ledger.writer, Some(ROOM)).await;
    let small = ledger.write(batch("small", 10));
    let big = ledger.write(batch("big", 50_000));
    let (small, big) = tokio::join!(small, big);
    assert_eq!(big, Err(LedgerError::Full));
    // Sharing a commit with what fills the disk may cost the small one its turn, never half of it.
    let page = ledger.range("P", "".."z", 10).await.unwrap();
    assert_eq!(page.len(), if small.is_ok() { 2 } else { 0 });
    limit(&ledger.writer, None).await;
    assert_eq!(ledger.write(batch("big", 50_000)).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_an_append_whole_and_recovers() {
    let folder = Folder::new();
    let log = SqliteEventLog::open(&folder.new_file()).unwrap();
    limit(&log.writer, Some(ROOM)).await;
    let many = || (0..900).map(|n| event(&n.to_string())).collect();
    assert_eq!(log.append(many()).await, Err(LogError::Full));
    assert_eq!(log.read_after(0, 10).await.unwrap().len(), 0);
    limit(&log.writer, None).await;
    assert_eq!(log.append(many()).await, Ok(vec![Appended::New; 900]));
}
