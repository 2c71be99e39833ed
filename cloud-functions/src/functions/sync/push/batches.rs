//! How many writes a push takes, and that it never shows in what is decided.

use super::tests::{Tablet, add, change, command_with, faulty, note, remove, tablet};
use crate::ports::ledger::{Condition, Key, Write};
use crate::testing::faults::Fault;
use domain::api::sync::{Command, CommandResult, CommandStatus};
use serde_json::json;

async fn push_one_by_one(tablet: &Tablet, commands: &[Command]) -> Vec<CommandResult> {
    let mut results = Vec::new();
    for command in commands {
        results.push(tablet.decided(command.clone()).await);
    }
    results
}

/// Notes that are added, changed and removed, some twice, some never there, some by nobody.
fn mixed(count: u64) -> Vec<Command> {
    let command = |cseq: u64| {
        let about = note(cseq / 3);
        match (cseq * 7 + cseq / 5) % 6 {
            0 | 1 => add(cseq, &note(cseq)),
            2 => change(cseq, &about, 1, &format!("text {cseq}")),
            3 => remove(cseq, &about, 1 + cseq % 2),
            4 => add(cseq, &about),
            _ => command_with(cseq, "note.add", 1, &json!({"text": cseq})),
        }
    };
    (1..=count).map(command).collect()
}

#[tokio::test]
async fn together_or_one_by_one_the_same_is_decided() {
    let (together, alone) = (tablet().await, tablet().await);
    let commands = mixed(100);
    let response = together.push(commands.clone()).await;
    let expected = push_one_by_one(&alone, &commands).await;
    assert_eq!(response.results, expected);
    assert_eq!(response.last_cseq, 100);
    let told = |feed: Vec<domain::api::sync::Change>| serde_json::to_string(&feed).unwrap();
    assert_eq!(told(together.feed().await), told(alone.feed().await));
    let statuses: std::collections::BTreeSet<_> = expected
        .iter()
        .map(|result| format!("{:?}", result.status))
        .collect();
    assert_eq!(
        statuses.len(),
        3,
        "applied, rejected and superseded: {statuses:?}"
    );
    let again = together.push(commands).await;
    for (again, first) in again.results.iter().zip(&expected) {
        assert_eq!(again.seqs, first.seqs, "each kept an outcome of its own");
    }
}

#[tokio::test]
async fn a_hundred_notes_take_a_few_writes() {
    let (tablet, ledger) = faulty().await;
    ledger.next_writes(&[None; 100]);
    let commands = (1..=100).map(|cseq| add(cseq, &note(cseq))).collect();
    let response = tablet.push(commands).await;
    assert!(
        response
            .results
            .iter()
            .all(|result| result.status == CommandStatus::Applied)
    );
    assert!(
        ledger.writes_left() >= 94,
        "{} are left of 100",
        ledger.writes_left()
    );
}

#[tokio::test]
async fn where_something_moves_meanwhile_one_is_decided_alone_and_then_the_rest() {
    let (tablet, ledger) = faulty().await;
    let services = tablet.shop.bench.services.clone();
    ledger.before_next_write(async move {
        // The customer's record moves: the whole batch had seen her as she was.
        let key = crate::feed::entity_key("customer", "c-1");
        let stored = services.ledger.read(&key).await.unwrap().unwrap();
        let write = Write::put(key, stored.body, Condition::Any);
        services.ledger.write(vec![write]).await.unwrap();
    });
    let commands = (1..=5).map(|cseq| add(cseq, &note(cseq))).collect();
    let response = tablet.push(commands).await;
    assert!(ledger.is_spent());
    assert!(
        response
            .results
            .iter()
            .all(|result| result.status == CommandStatus::Applied)
    );
    assert_eq!(tablet.notes().await, ["n-1", "n-2", "n-3", "n-4", "n-5"]);
}

#[tokio::test]
async fn a_batch_whose_outcome_is_unknown_is_found_whole() {
    for fault in [Fault::DoneUntold, Fault::LostUntold] {
        let (tablet, ledger) = faulty().await;
        ledger.next_writes(&[Some(fault)]);
        let commands = (1..=9).map(|cseq| add(cseq, &note(cseq))).collect();
        let response = tablet.push(commands).await;
        let applied = response
            .results
            .iter()
            .all(|result| result.status == CommandStatus::Applied);
        assert!(applied, "{response:?}");
        assert_eq!(tablet.notes().await.len(), 9);
    }
}

#[tokio::test]
async fn a_push_may_be_packed_both_ways() {
    let tablet = tablet().await;
    let request = tablet.request((1..=50).map(|cseq| add(cseq, &note(cseq))).collect());
    let packed = zstd::bulk::compress(&serde_json::to_vec(&request).unwrap(), 3).unwrap();
    let answer = tablet.send_packed(&packed).await;
    assert_eq!(answer.headers["content-encoding"], "zstd");
    let plain = zstd::decode_all(&*answer.body).unwrap();
    let response: domain::api::sync::PushResponse = serde_json::from_slice(&plain).unwrap();
    assert_eq!((response.last_cseq, response.results.len()), (50, 50));
    let bytes = packed.len() + answer.body.len();
    assert!(bytes <= 50 * 120, "{bytes}");
    let again = tablet.push(request.commands).await;
    assert_eq!(
        again.results[49].status,
        CommandStatus::Duplicate,
        "unpacked as before"
    );
    let state = Key::new(format!("D#{}", tablet.device.device), "STATE");
    assert!(
        tablet
            .shop
            .bench
            .services
            .ledger
            .read(&state)
            .await
            .unwrap()
            .is_some()
    );
}
