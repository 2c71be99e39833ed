//! The contract suites, the same random history on two engines, kills, and files that are not ours.

mod differential;
mod files;
mod full;
mod kill;

use super::{SqliteEventLog, SqliteLedger};
use crate::engines::contract;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

struct Folder {
    folder: TempDir,
    files: AtomicU32,
}

impl Folder {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            files: AtomicU32::new(0),
        }
    }

    fn new_file(&self) -> std::path::PathBuf {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        self.folder.path().join(format!("{number}.db"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_keeps_the_contract_of_ledgers() {
    let folder = Folder::new();
    contract::ledger::all(|| async { SqliteLedger::open(&folder.new_file()).unwrap() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_survives_a_restart() {
    let folder = Folder::new();
    let path = folder.new_file();
    contract::ledger::survives_a_restart(|| SqliteLedger::open(&path).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_log_keeps_the_contract_of_event_logs() {
    let folder = Folder::new();
    contract::event_log::all(|| async { SqliteEventLog::open(&folder.new_file()).unwrap() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_log_survives_a_restart() {
    let folder = Folder::new();
    let path = folder.new_file();
    contract::event_log::survives_a_restart(|| SqliteEventLog::open(&path).unwrap()).await;
}
