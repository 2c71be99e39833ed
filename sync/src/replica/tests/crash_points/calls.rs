//! Each system call of a write, cut: the process is killed at it, or the disk is full or broken there.
//!
//! `strace` numbers the calls and injects the faults into a process of its own. Where it is missing or may not trace, the
//! tests say so and pass.

use super::disk::folder;
use super::operations::{self, Operation, World};
use super::{Files, reopened, state};
use crate::ReplicaError;
use crate::testing::key;
use std::path::Path;
use std::process::{Command, Stdio};

/// Set in the child process: the file to write to, and the operation by its name.
const CHILD_FILE: &str = "SYNC_TEST_CALLS_FILE";
const CHILD_OPERATION: &str = "SYNC_TEST_CALLS_OPERATION";
/// The calls with which a replica changes files.
const CALLS: [&str; 4] = ["pwrite64", "fdatasync", "ftruncate", "unlink"];
/// An operation with more calls than this is cut at every few of them only.
const ALL_OF: usize = 12;
/// What a child says when it is done.
const DONE: &str = "[done]";
/// What it says where the disk was full, and where it was broken.
const FULL: &str = "[full]";
const BROKEN: &str = "[broken]";

/// Not a test of its own: what the child process does while its calls are cut.
#[test]
fn child_that_writes_while_its_calls_are_cut() {
    let variable = |name| std::env::var(name).ok();
    let (Some(path), Some(name)) = (variable(CHILD_FILE), variable(CHILD_OPERATION)) else {
        return;
    };
    let operation = operations::named(&name);
    // A disk may fail while the file is opened, too: each thing is tried twice.
    let opened = (0..2).find_map(|_| tell(operations::open(Path::new(&path))));
    let Some(world) = opened else {
        return;
    };
    let before = state(&world.replica);
    for _ in 0..2 {
        if tell((operation.run)(&world)).is_some() {
            return println!("{DONE}");
        }
        assert_eq!(
            state(&world.replica),
            before,
            "what was refused changed something"
        );
    }
}

fn tell<T>(outcome: Result<T, ReplicaError>) -> Option<T> {
    match outcome {
        Ok(done) => return Some(done),
        Err(ReplicaError::StorageFull) => println!("{FULL}"),
        Err(ReplicaError::Storage(_)) => println!("{BROKEN}"),
        Err(error) => panic!("{error}"),
    }
    None
}

/// A filled replica that was closed, and its states before and after an operation.
struct Bench {
    closed: Files,
    before: Vec<String>,
    after: Vec<String>,
    operation: &'static Operation,
}

/// What a child said, and what opens from what it left.
struct Left {
    said: String,
    state: Vec<String>,
}

impl Bench {
    fn new(operation: &'static Operation) -> Self {
        let world = World::new(Some(key()));
        (operation.prepare)(&world).unwrap();
        world.restart_wal();
        let mut closed = Files::read(&world.path());
        closed.forget_wal();
        (operation.run)(&world).unwrap();
        Self {
            before: reopened(&closed, Some(key())).0,
            after: state(&world.replica),
            closed,
            operation,
        }
    }

    /// Runs a child on a fresh copy, under `strace` with these arguments.
    fn run(&self, arguments: &[&str]) -> Left {
        let folder = folder();
        let path = folder.path().join("replica.db");
        self.closed.write(&path);
        let child =
            "replica::tests::crash_points::calls::child_that_writes_while_its_calls_are_cut";
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq"]).args(arguments);
        strace.arg(std::env::current_exe().unwrap());
        let output = strace
            .args(["--exact", "--nocapture", "--test-threads=1", child])
            .env(CHILD_FILE, &path)
            .env(CHILD_OPERATION, self.operation.name)
            .stderr(Stdio::null())
            .output()
            .unwrap();
        Left {
            said: String::from_utf8_lossy(&output.stdout).into_owned(),
            state: reopened(&Files::read(&path), Some(key())).0,
        }
    }

    /// How often an undisturbed child makes a call.
    fn count(&self, call: &str) -> usize {
        let trace = tempfile::NamedTempFile::new().unwrap();
        let file = trace.path().display().to_string();
        let left = self.run(&["-o", &file, "-e", &format!("trace={call}")]);
        assert!(
            left.said.contains(DONE) && left.state == self.after,
            "{}",
            left.said
        );
        let lines = std::fs::read_to_string(trace.path()).unwrap();
        lines
            .lines()
            .filter(|line| line.contains(&format!("{call}(")))
            .count()
    }

    /// Cuts a call each time that it is made, or at every few of them; gives what was left.
    fn cut(&self, call: &str, fault: &str, check: impl Fn(&Left, &str)) -> usize {
        let count = self.count(call);
        let step = count.div_ceil(ALL_OF).max(1);
        let mut cuts = 0;
        for number in (1..=count).step_by(step) {
            let inject = format!("inject={call}:{}", fault.replace('#', &number.to_string()));
            let left = self.run(&[
                "-o",
                "/dev/null",
                "-e",
                &format!("trace={call}"),
                "-e",
                &inject,
            ]);
            check(
                &left,
                &format!("{}, {inject}: {}", self.operation.name, left.said),
            );
            cuts += 1;
        }
        cuts
    }

    /// Before or after, and after where the child said so.
    fn check_whole(&self, left: &Left, what: &str) {
        let is_told = left.said.contains(DONE);
        assert!(
            left.state == self.after || (!is_told && left.state == self.before),
            "{what}"
        );
    }
}

/// Whether `strace` is here and may trace.
fn can_trace() -> bool {
    let mut strace = Command::new("strace");
    strace.args([
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "inject=pwrite64:error=EIO:when=1",
        "true",
    ]);
    let can = strace
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !can {
        println!("skipped: strace is not here, or may not trace");
    }
    can
}

fn cut_each(names: &[&str], calls: &[&str], fault: &str, check: impl Fn(&Bench, &Left, &str)) {
    if !can_trace() {
        return;
    }
    for name in names {
        let bench = Bench::new(operations::named(name));
        let cuts = calls
            .iter()
            .map(|call| bench.cut(call, fault, |left, what| check(&bench, left, what)));
        println!("{}: {} cuts with {fault}", name, cuts.sum::<usize>());
    }
}

#[test]
fn i01_i07_a_kill_at_each_call_leaves_all_of_an_operation_or_nothing() {
    let names = [
        "a new note",
        "the answer of a push",
        "a page",
        "the last part of a snapshot",
        "a repair",
        "a revocation",
    ];
    cut_each(&names, &CALLS, "signal=KILL:when=#", Bench::check_whole);
}

#[test]
fn i21_a_full_disk_at_each_write_is_told_and_recovered_from() {
    cut_each(
        &[
            "a new note",
            "a long command",
            "the answer of a push",
            "a page",
            "a part of a snapshot",
            "a repair",
        ],
        &["pwrite64"],
        "error=ENOSPC:when=#",
        |bench, left, what| {
            bench.check_whole(left, what);
            // At once, or when it was tried again.
            assert!(left.said.contains(DONE), "{what}");
        },
    );
}

#[test]
fn i21_a_disk_that_stays_full_leaves_nothing_in_part() {
    cut_each(
        &["the answer of a push", "a page"],
        &["pwrite64"],
        "error=ENOSPC:when=#+",
        |bench, left, what| {
            bench.check_whole(left, what);
            let refused = left.said.matches(FULL).count() + left.said.matches(BROKEN).count();
            let is_refused = refused == 2 && left.state == bench.before;
            assert!(is_refused || left.said.contains(DONE), "{what}");
        },
    );
}

#[test]
fn i21_a_broken_disk_is_told_and_leaves_nothing_in_part() {
    let calls = ["pwrite64", "fdatasync", "ftruncate"];
    cut_each(
        &["the answer of a push", "a page"],
        &calls,
        "error=EIO:when=#",
        |bench, left, what| {
            bench.check_whole(left, what);
            assert!(
                left.said.contains(DONE) && !left.said.contains(FULL),
                "{what}"
            );
        },
    );
}
