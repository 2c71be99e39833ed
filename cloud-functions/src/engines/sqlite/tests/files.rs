//! Files of others, newer files, two openers.

use super::Folder;
use crate::engines::sqlite::{OpenError, SqliteEventLog, SqliteLedger};
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Write};
use rusqlite::Connection;
use std::sync::Arc;

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = Folder::new();
    let path = folder.new_file();
    drop(SqliteLedger::open(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let error = SqliteLedger::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }));
    assert!(error.to_string().contains("newer version of Aisle"));
}

#[test]
fn a_format_that_was_never_released_is_refused() {
    let folder = Folder::new();
    let path = folder.new_file();
    let file = Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 1).unwrap();
    drop(file);
    let error = SqliteEventLog::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Older { found: 1, .. }));
}

#[test]
fn something_else_is_refused() {
    let folder = Folder::new();
    let path = folder.new_file();
    std::fs::write(&path, "a letter to nobody, ".repeat(400)).unwrap();
    let error = SqliteEventLog::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::NotOurs { .. }), "{error}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("a letter to nobody"));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = Folder::new();
    let path = folder.new_file().join("deeper.db");
    let error = SqliteLedger::open(&path).unwrap_err();
    assert!(error.to_string().contains("deeper.db"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_openers_see_each_others_writes_and_conflicts() {
    let folder = Folder::new();
    let path = folder.new_file();
    let one = SqliteLedger::open(&path).unwrap();
    let two = SqliteLedger::open(&path).unwrap();
    let key = Key::new("P", "a");
    let make = || vec![Write::put(key.clone(), "1", Condition::Absent)];
    assert_eq!(one.write(make()).await, Ok(()));
    assert_eq!(
        two.write(make()).await,
        Err(LedgerError::Conflict { index: 0 })
    );
    assert_eq!(two.read(&key).await.unwrap().unwrap().body, "1");
}

const OPENERS: usize = 6;

#[test]
fn a_new_file_may_be_opened_by_several_at_once() {
    for _ in 0..10 {
        let folder = Folder::new();
        let path = folder.new_file();
        let barrier = std::sync::Barrier::new(OPENERS);
        std::thread::scope(|scope| {
            for _ in 0..OPENERS {
                scope.spawn(|| {
                    barrier.wait();
                    SqliteEventLog::open(&path).unwrap();
                });
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openers_that_collide_lose_nothing() {
    let folder = Folder::new();
    let path = folder.new_file();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..OPENERS {
        let ledger = Arc::new(SqliteLedger::open(&path).unwrap());
        writers.spawn(async move {
            for n in 0..20 {
                let own = Key::new("P", format!("{writer}-{n}"));
                let all = Key::new("P", "all");
                let batch = vec![
                    Write::put(own, "x", Condition::Absent),
                    Write::put(all, "x", Condition::Any),
                ];
                ledger.write(batch).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let ledger = SqliteLedger::open(&path).unwrap();
    let all = ledger.read(&Key::new("P", "all")).await.unwrap().unwrap();
    assert_eq!(all.revision, 20 * OPENERS as u64);
    let page = ledger.range("P", "".."~", 1_000).await.unwrap();
    assert_eq!(page.len(), 20 * OPENERS + 1);
}
