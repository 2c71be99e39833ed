//! I1 and I22: what was acknowledged locally survives a kill at any instant, and a new start.

use crate::Replica;
use crate::testing::{Feed, Home, key, note, page, queue};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Set in the child process: the file to write to.
const CHILD: &str = "SYNC_TEST_CHILD";

/// Not a test of its own: what the child process does until it is killed.
#[test]
fn child_that_queues_and_applies_until_it_is_killed() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let replica = Replica::open(std::path::Path::new(&path), key()).unwrap();
    let begun = replica.standing().unwrap().unsent;
    let mut feed = Feed::new();
    for n in begun..1_000_000 {
        let cseq = queue(
            &replica,
            &format!("cmd-{n}"),
            &note(&format!("n-{n}"), "c-1", "hello"),
        );
        println!("acknowledged {cseq} cmd-{n}");
        replica
            .apply(&feed.customer(&format!("c-{n}"), "Ana", "Souza").page())
            .ok();
    }
}

fn run_and_kill(path: &std::path::Path, after: usize) -> Vec<(u64, String)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "replica::tests::kills::child_that_queues_and_applies_until_it_is_killed",
        ])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some((cseq, id)) = line
            .strip_prefix("acknowledged ")
            .and_then(|rest| rest.split_once(' '))
        {
            acknowledged.push((cseq.parse().unwrap(), id.to_owned()));
        }
        if acknowledged.len() == after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(
        acknowledged.len() >= after,
        "the child ran until it was killed"
    );
    acknowledged
}

#[test]
fn i1_what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut acknowledged = Vec::new();
    for after in [1, 7, 20, 33] {
        acknowledged.extend(run_and_kill(&path, after));
        let replica = Replica::open(&path, key()).unwrap();
        let unsent = replica.unsent(10_000).unwrap();
        let ids: BTreeSet<_> = unsent.iter().map(|command| command.id.as_str()).collect();
        for (cseq, id) in &acknowledged {
            assert!(ids.contains(id.as_str()), "{cseq} {id} was acknowledged");
        }
        let device = domain::ids::DeviceId::parse("d").unwrap();
        let push = replica.next_push(&device, 100).unwrap().unwrap();
        let numbers: Vec<u64> = push.commands.iter().map(|command| command.cseq).collect();
        let expected: Vec<u64> = (1..=u64::try_from(unsent.len().min(100)).unwrap()).collect();
        assert_eq!(numbers, expected, "numbers without a gap from 1");
        let cursors: u64 = replica
            .cursors()
            .unwrap()
            .values()
            .map(|cursor| cursor.seq)
            .sum();
        let customers = replica.count_customers().unwrap();
        assert!(
            customers <= cursors,
            "rows and cursor moved together: {customers} of {cursors}"
        );
    }
}

#[test]
fn i22_the_queue_is_there_after_a_new_start() {
    let home = Home::new();
    queue(&home.replica, "cmd-1", &note("n-1", "c-1", "hello"));
    let home = home.reopen();
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
    assert_eq!(
        queue(&home.replica, "cmd-2", &note("n-2", "c-1", "hello")),
        2
    );
    assert_eq!(
        queue(&home.replica, "cmd-1", &note("n-1", "c-1", "hello")),
        1,
        "the same command"
    );
}

#[test]
fn rows_that_come_after_a_purge_have_new_numbers() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(
        feed.customer("c-1", "Ana", "Souza")
            .customer("c-2", "Eva", "Lima"),
    );
    home.pull(feed.delete(crate::testing::CUSTOMERS, "customer", "c-2"));
    let home = home.reopen();
    let mut lines = feed.customer("c-3", "Ida", "Berg").lines();
    lines.push(feed.checkpoint());
    home.replica.apply(&page(&lines)).unwrap();
    assert_eq!(
        home.replica.search_customers("ida", 5).unwrap().hits.len(),
        1
    );
}
