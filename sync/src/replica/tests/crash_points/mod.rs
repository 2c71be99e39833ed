//! Every crash point of the replica: whatever a power cut leaves of what an operation writes, the replica that opens
//! next is exactly as before it or exactly as after it, and as after it where all was on the disk (I1, I7, I22).
//!
//! A power cut keeps of the WAL any beginning, torn anywhere, or loses a frame in its middle; of a checkpoint it keeps any
//! of the pages, whole or torn. [`disk`] makes these files out of those before and after; nothing is simulated but the
//! cut. [`calls`] cuts the system calls themselves: a kill, a full disk or a broken one at each of them.

mod calls;
mod cloud;
mod disk;
mod migration;
mod operations;

use crate::testing::key;
use crate::{Key, Replica};
use disk::{Files, folder};
use operations::{CANARY, Operation, PURGES, SINGLES, World};
use std::path::Path;

/// Everything that a replica holds, but whether a purge is due: opening it has done that.
fn state(replica: &Replica) -> Vec<String> {
    let tables: Vec<String> = {
        let writer = replica.writer();
        let mut names = writer
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .unwrap();
        let names = names.query_map([], |row| row.get(0)).unwrap();
        names.collect::<Result<_, _>>().unwrap()
    };
    replica.dump_tables(&tables.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Opens a copy of what a cut left, and gives what is in it.
fn reopened(files: &Files, key: Option<Key>) -> (Vec<String>, Vec<u8>) {
    let folder = folder();
    let path = folder.path().join("replica.db");
    files.write(&path);
    let replica = Replica::open_with(&path, key).unwrap_or_else(|error| panic!("{error}"));
    let state = state(&replica);
    (state, Files::read(&path).bytes())
}

/// What an operation left in the files, and what opens from them.
struct Done {
    before: Files,
    after: Files,
    state_before: Vec<String>,
    state_after: Vec<String>,
}

fn run(operation: &Operation, world: &World, path: &Path) -> Done {
    let before = Files::read(path);
    (operation.run)(world).unwrap();
    let after = Files::read(path);
    let (state_before, _) = reopened(&before, world.key());
    let (state_after, _) = reopened(&after, world.key());
    let name = operation.name;
    assert_ne!(state_before, state_after, "{name} does something");
    Done {
        before,
        after,
        state_before,
        state_after,
    }
}

/// Cuts the writing of the WAL, then the checkpoint that follows.
fn cut_everywhere(operation: &Operation, world: &World, path: &Path) -> usize {
    (operation.prepare)(world).unwrap();
    let done = run(operation, world, path);
    let name = operation.name;
    assert_eq!(
        done.after.commits_since(&done.before),
        1,
        "{name}: one transaction"
    );
    let cuts = disk::cut_wal(&done.before, &done.after);
    for cut in &cuts {
        let (state, bytes) = reopened(&cut.files, world.key());
        let expected = if cut.is_whole {
            &done.state_after
        } else {
            &done.state_before
        };
        assert!(state == *expected, "{name}, {}: {state:#?}", cut.what);
        world.check_bytes(&bytes, cut.is_whole, name);
    }
    let halves = disk::cut_checkpoint(&done.after);
    for cut in &halves {
        let (state, bytes) = reopened(&cut.files, world.key());
        assert!(
            state == done.state_after,
            "{name}, {}: {state:#?}",
            cut.what
        );
        world.check_bytes(&bytes, true, name);
    }
    cuts.len() + halves.len()
}

fn cut_each(operations: &[Operation], world: impl Fn() -> World) {
    for operation in operations {
        let world = world();
        let path = world.path();
        let cuts = cut_everywhere(operation, &world, &path);
        println!("{}: {cuts} cuts", operation.name);
    }
}

#[test]
fn i01_i07_i22_a_power_cut_leaves_all_of_an_operation_or_nothing() {
    cut_each(SINGLES, || World::new(Some(key())));
}

/// The WAL begins anew over what an earlier one left behind: old frames must not pass for new ones.
#[test]
fn i01_i07_i22_a_power_cut_while_the_wal_is_used_again() {
    cut_each(SINGLES, || {
        let world = World::new(Some(key()));
        world.restart_wal();
        world
    });
}

#[test]
fn i12_a_power_cut_in_a_purge_leaves_no_plain_text_behind() {
    cut_each(PURGES, || World::new(None).with_a_reader());
}

#[test]
fn i07_a_power_cut_in_a_purge_of_an_encrypted_replica() {
    cut_each(PURGES, || World::new(Some(key())).with_a_reader());
}

/// A power cut while the file is made: nothing is in it yet, and it can be made again.
#[test]
fn i22_a_power_cut_while_the_replica_is_made_leaves_one_that_opens() {
    let folder = folder();
    let path = folder.path().join("replica.db");
    let replica = Replica::open(&path, key()).unwrap();
    let made = Files::read(&path);
    let expected = state(&replica);
    drop(replica);
    let mut nothing = made.clone();
    nothing.forget_wal();
    for cut in disk::cut_wal(&nothing, &made) {
        // An opening makes what is missing.
        assert!(
            reopened(&cut.files, Some(key())).0 == expected,
            "{}",
            cut.what
        );
    }
}

#[test]
fn the_cuts_would_show_what_is_half_done() {
    // The same cuts of two transactions: not all of them are before or after.
    let world = World::new(Some(key()));
    let path = world.path();
    let before = Files::read(&path);
    (SINGLES[0].run)(&world).unwrap();
    (SINGLES[1].run)(&world).unwrap();
    let after = Files::read(&path);
    let ends = [
        reopened(&before, Some(key())).0,
        reopened(&after, Some(key())).0,
    ];
    let cuts = disk::cut_wal(&before, &after);
    let between = cuts
        .iter()
        .filter(|cut| !ends.contains(&reopened(&cut.files, Some(key())).0));
    assert!(between.count() > 0);
    assert!(
        World::new(None).holds(CANARY),
        "and plain text is found where it is"
    );
}
