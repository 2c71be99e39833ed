//! What lies on the disk, and what is refused as a replica.

use crate::testing::{Feed, Home, key, note, queue};
use crate::{Key, Replica, ReplicaError};
use rusqlite::Connection;
use std::path::Path;

const CANARY: &str = "Quetzalcoatlus";

/// A replica with rows in the database and in the WAL.
fn filled() -> Home {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-1", CANARY, "Souza"));
    queue(&home.replica, "cmd-1", &note("n-1", "c-1", CANARY));
    home
}

/// Tries to open, and asserts that every file is afterwards as it was.
fn refused(home: &Path, key: Key) -> ReplicaError {
    let snapshot = || {
        let mut files: Vec<_> = std::fs::read_dir(home)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.retain(|path| {
            path.extension()
                .is_none_or(|extension| extension != "db-shm")
        });
        files.sort();
        let contents: Vec<_> = files
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect();
        (files, contents)
    };
    let before = snapshot();
    let error = Replica::open(&home.join("replica.db"), key).unwrap_err();
    assert!(before == snapshot(), "{error}");
    error
}

#[test]
fn at_rest_there_is_no_plain_text() {
    let home = filled();
    assert!(
        home.folder.path().join("replica.db-wal").exists(),
        "the WAL is looked at too"
    );
    assert!(!home.holds(CANARY) && !home.holds("quetzal") && !home.holds("SQLite format"));
    let home = home.reopen();
    assert!(!home.holds(CANARY));
    assert_eq!(
        home.replica
            .search_customers("quetz", 5)
            .unwrap()
            .hits
            .len(),
        1,
        "but it is there"
    );
}

#[test]
fn the_search_for_plain_text_finds_it_where_it_is() {
    let home = Home::plain();
    home.pull(Feed::new().customer("c-1", CANARY, "Souza"));
    assert!(home.holds(CANARY));
}

#[test]
fn a_wrong_key_is_told_and_changes_nothing() {
    let home = filled();
    // With a WAL beside it, as after a kill.
    let copy = tempfile::tempdir().unwrap();
    for name in ["replica.db", "replica.db-wal"] {
        std::fs::copy(home.folder.path().join(name), copy.path().join(name)).unwrap();
    }
    assert!(matches!(
        refused(copy.path(), Key::new([8; 32])),
        ReplicaError::WrongKey
    ));
    let right = Replica::open(&copy.path().join("replica.db"), key()).unwrap();
    assert_eq!(
        right.standing().unwrap().unsent,
        1,
        "the right key still finds all"
    );
}

#[test]
fn a_cut_off_file_is_told() {
    let home = filled();
    let Home { folder, replica } = home;
    drop(replica);
    let path = folder.path().join("replica.db");
    let whole = std::fs::read(&path).unwrap();
    for kept in [1, 100, 4_095] {
        std::fs::write(&path, &whole[..kept]).unwrap();
        let error = refused(folder.path(), key());
        assert!(
            matches!(error, ReplicaError::Damaged(_)),
            "{kept}: {error:?}"
        );
    }
    for kept in [4_096, 10_000, whole.len() / 2] {
        std::fs::write(&path, &whole[..kept]).unwrap();
        let error = refused(folder.path(), key());
        assert!(
            matches!(error, ReplicaError::Damaged(_)),
            "{kept}: {error:?}"
        );
    }
}

#[test]
fn a_foreign_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE t (a)")
        .unwrap();
    assert!(matches!(
        refused(folder.path(), key()),
        ReplicaError::Foreign
    ));
    std::fs::write(&path, "not a database at all, only some words".repeat(500)).unwrap();
    assert!(matches!(
        refused(folder.path(), key()),
        ReplicaError::WrongKey
    ));
    // Encrypted with the same key, but of another program.
    std::fs::remove_file(&path).unwrap();
    let other =
        super::super::open::connect(&path, Some(&key()), rusqlite::OpenFlags::default()).unwrap();
    other.execute_batch("CREATE TABLE t (a)").unwrap();
    drop(other);
    assert!(matches!(
        refused(folder.path(), key()),
        ReplicaError::Foreign
    ));
}

#[test]
fn a_newer_schema_is_told() {
    let Home { folder, replica } = filled();
    replica
        .writer()
        .pragma_update(None, "user_version", 9)
        .unwrap();
    drop(replica);
    let error = refused(folder.path(), key());
    assert!(
        matches!(error, ReplicaError::NewerSchema { found: 9, known: 3 }),
        "{error:?}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = Replica::open(&folder.path().join("no/replica.db"), key()).unwrap_err();
    assert!(matches!(error, ReplicaError::Storage(_)), "{error:?}");
}

#[test]
fn a_locked_file_is_told_as_busy() {
    let home = filled();
    home.replica
        .writer()
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    let other =
        super::super::open::connect(&home.path(), Some(&key()), rusqlite::OpenFlags::default())
            .unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error =
        crate::testing::try_queue(&home.replica, "cmd-2", &note("n-2", "c-1", "x")).unwrap_err();
    assert!(matches!(error, ReplicaError::Busy), "{error:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(
        queue(&home.replica, "cmd-2", &note("n-2", "c-1", "x")),
        2,
        "and then it goes on"
    );
}

#[test]
fn keepsakes_are_kept_and_let_go() {
    let home = Home::new();
    home.replica.keep("model", &[1, 2]).unwrap();
    home.replica.keep("model", &[3]).unwrap();
    let home = home.reopen();
    assert_eq!(home.replica.kept("model").unwrap(), Some(vec![3]));
    home.replica.forget("model").unwrap();
    assert_eq!(home.replica.kept("model").unwrap(), None);
}
