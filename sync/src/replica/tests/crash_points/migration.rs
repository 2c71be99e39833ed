//! An upgrade that is cut: a replica of an older program, with rows and a queue, is brought up to date.

use super::super::super::open::connect;
use super::disk::{self, Files, folder};
use super::{reopened, state};
use crate::Replica;
use crate::testing::{customer, key, note};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::path::Path;

const CUSTOMERS: usize = 40;
const COMMANDS: usize = 12;

/// A file as the first schema had it.
fn write_old(path: &Path) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let old = connect(path, Some(&key()), flags).unwrap();
    old.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .unwrap();
    old.execute_batch(include_str!("../../schema/0001.sql"))
        .unwrap();
    old.execute_batch(
        "PRAGMA application_id = 0x4149534c; PRAGMA user_version = 1;
         UPDATE standing SET next_row = 1000, next_cseq = 13, last_cseq = 3;
         INSERT INTO scope VALUES (1, 'store/1/customers', 1, 1, 40);
         INSERT INTO kind VALUES (1, 'customer')",
    )
    .unwrap();
    fill(&old);
    old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
}

fn fill(old: &Connection) {
    for n in 1..=CUSTOMERS {
        let id = format!("c-{n}");
        let body = customer(&id, "Ana", "Souza", json!({"card": format!("K{n}")})).to_string();
        old.execute(
            "INSERT INTO entity VALUES (?1, 1, ?2, 1, 1, ?3)",
            (n, &id, body),
        )
        .unwrap();
        let card = format!("k{n}");
        old.execute(
            "INSERT INTO customer VALUES (?1, 'ana souza', NULL, ?2, NULL, 0)",
            (n, card),
        )
        .unwrap();
    }
    for n in 1..=COMMANDS {
        let args = note(&format!("n-{n}"), "c-1", "kept").to_string();
        old.execute(
            "INSERT INTO outbox VALUES (?1, ?2, 'note.add', 1, ?3, 0, ?4, NULL, NULL)",
            (n, format!("cmd-{n}"), args, if n <= 3 { n % 3 } else { 0 }),
        )
        .unwrap();
    }
}

#[test]
fn i22_a_power_cut_in_an_upgrade_keeps_rows_and_queue() {
    let folder = folder();
    let path = folder.path().join("replica.db");
    write_old(&path);
    let before = Files::read(&path);
    let replica = Replica::open(&path, key()).unwrap();
    let after = Files::read(&path);
    let expected = state(&replica);
    assert_eq!(replica.count_customers().unwrap(), CUSTOMERS as u64);
    let (unsent, refused) = {
        let standing = replica.standing().unwrap();
        (standing.unsent, standing.needs_attention)
    };
    assert_eq!((unsent, refused), (10, 1), "and one that is confirmed");
    assert_eq!(after.commits_since(&before), 1, "one transaction");
    let mut cuts = disk::cut_wal(&before, &after);
    cuts.extend(disk::cut_checkpoint(&after));
    for cut in &cuts {
        // Whatever was left, the next opening ends what this one began.
        let state = reopened(&cut.files, Some(key())).0;
        assert!(state == expected, "{}: {state:#?}", cut.what);
    }
    println!("{} cuts", cuts.len());
}
