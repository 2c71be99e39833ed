//! `kill -9`: what was acknowledged is there, and nothing is torn.
//!
//! The test starts itself as a child that writes and prints what was acknowledged, and kills it in the middle.

use super::Folder;
use crate::engines::contract::event_log::event;
use crate::engines::sqlite::{SqliteEventLog, SqliteLedger};
use crate::ports::backlog::Backlog;
use crate::ports::events::EventLog;
use crate::ports::ledger::{Condition, Key, Ledger, Write};
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tells a child which folder it writes to.
const FOLDER: &str = "AISLE_TEST_KILL_FOLDER";
const WRITERS: usize = 4;
/// After how many acknowledgements each child dies.
const KILLS: [usize; 4] = [1, 37, 150, 333];
/// A child that nobody kills ends by itself.
const MAX_BATCHES: usize = 100_000;

fn folder_of_child() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Starts the test `name` of this file as a child, and kills it after `count` acknowledgements; answers all it gave.
fn killed_after(count: usize, name: &str, folder: &Path) -> Vec<(usize, usize)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg(format!("engines::sqlite::tests::kill::{name}"))
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    while acknowledged.len() < count {
        let line = lines.next().expect("the child writes on").unwrap();
        acknowledged.extend(parse(&line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What was printed before the kill was acknowledged too; the last line may be cut.
    acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));
    acknowledged
}

/// `ack <writer> <batch> .`
fn parse(line: &str) -> Option<(usize, usize)> {
    let mut words = line.strip_suffix(" .")?.split(' ');
    let ack = words.next()? == "ack";
    let writer = words.next()?.parse().ok()?;
    let batch = words.next()?.parse().ok()?;
    ack.then_some((writer, batch))
}

fn acknowledge(writer: usize, batch: usize) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "ack {writer} {batch} .").unwrap();
    stdout.flush().unwrap();
}

/// The last batch of each writer that is in `acknowledged`.
fn last(acknowledged: &[(usize, usize)], writer: usize) -> usize {
    let own = acknowledged.iter().filter(|(who, _)| *who == writer);
    own.map(|(_, batch)| *batch).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_ledger_has_what_it_acknowledged_and_nothing_torn() {
    if let Some(folder) = folder_of_child() {
        return write_batches(&folder).await;
    }
    let folder = Folder::new();
    let path = folder.folder.path();
    let mut acknowledged = Vec::new();
    for count in KILLS {
        let name = "a_killed_ledger_has_what_it_acknowledged_and_nothing_torn";
        acknowledged.extend(killed_after(count, name, path));
        let ledger = SqliteLedger::open(&path.join("ledger.db")).unwrap();
        for writer in 0..WRITERS {
            let found = written(&ledger, writer).await;
            assert!(found >= last(&acknowledged, writer));
            check_whole(&ledger, writer, found).await;
        }
    }
}

async fn write_batches(folder: &Path) {
    let ledger = SqliteLedger::open(&folder.join("ledger.db")).unwrap();
    let writer = async |writer| {
        let from = written(&ledger, writer).await + 1;
        for batch in from..MAX_BATCHES {
            ledger.write(batch_of(writer, batch)).await.unwrap();
            acknowledge(writer, batch);
        }
    };
    tokio::join!(writer(0), writer(1), writer(2), writer(3));
}

fn item(writer: usize, sort: &str) -> Key {
    Key::new(format!("writer {writer}"), sort)
}

fn batch_of(writer: usize, batch: usize) -> Vec<Write> {
    let body = batch.to_string();
    vec![
        Write::put(
            item(writer, &format!("a{batch:09}")),
            body.as_str(),
            Condition::Absent,
        ),
        Write::put(item(writer, "last"), body.as_str(), Condition::Any),
        Write::put(
            item(writer, &format!("b{batch:09}")),
            body.as_str(),
            Condition::Absent,
        ),
    ]
}

async fn written(ledger: &SqliteLedger, writer: usize) -> usize {
    let last = ledger.read(&item(writer, "last")).await.unwrap();
    last.map_or(0, |stored| stored.body.parse().unwrap())
}

/// Both items of every batch up to `last` are there, and none of a later batch.
async fn check_whole(ledger: &SqliteLedger, writer: usize, last: usize) {
    for part in ["a", "b"] {
        let keys: Vec<Key> = (1..=last + 1)
            .map(|batch| item(writer, &format!("{part}{batch:09}")))
            .collect();
        let mut found = Vec::new();
        for page in keys.chunks(crate::ports::ledger::MAX_PAGE) {
            found.extend(ledger.read_all(page).await.unwrap());
        }
        assert_eq!(found.iter().filter(|one| one.is_some()).count(), last);
        assert!(found.last().unwrap().is_none());
    }
}

/// Events in each append of the child.
const EVENTS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_event_log_has_what_it_acknowledged_and_nothing_torn() {
    if let Some(folder) = folder_of_child() {
        return append_batches(&folder).await;
    }
    let folder = Folder::new();
    let path = folder.folder.path();
    let mut acknowledged = Vec::new();
    for count in KILLS {
        let name = "a_killed_event_log_has_what_it_acknowledged_and_nothing_torn";
        acknowledged.extend(killed_after(count, name, path));
        let log = SqliteEventLog::open(&path.join("events.db")).unwrap();
        let found = log.read_after(0, usize::MAX).await.unwrap();
        for writer in 0..WRITERS {
            let own = found.iter().map(|delivery| delivery.event.id.as_str());
            let own: Vec<_> = own
                .filter(|id| id.starts_with(&format!("{writer}/")))
                .collect();
            let batches = own.len() / EVENTS;
            assert!(batches >= last(&acknowledged, writer));
            let expected: Vec<_> = (1..=batches).flat_map(|b| ids_of(writer, b)).collect();
            assert_eq!(own, expected);
        }
    }
}

async fn append_batches(folder: &Path) {
    let log = SqliteEventLog::open(&folder.join("events.db")).unwrap();
    let found = log.read_after(0, usize::MAX).await.unwrap();
    let writer = async |writer| {
        let prefix = format!("{writer}/");
        let own = found.iter().filter(|d| d.event.id.starts_with(&prefix));
        for batch in own.count() / EVENTS + 1..MAX_BATCHES {
            let events = ids_of(writer, batch).iter().map(|id| event(id)).collect();
            log.append(events).await.unwrap();
            acknowledge(writer, batch);
        }
    };
    tokio::join!(writer(0), writer(1), writer(2), writer(3));
}

fn ids_of(writer: usize, batch: usize) -> Vec<String> {
    (0..EVENTS)
        .map(|n| format!("{writer}/{batch}/{n}"))
        .collect()
}
