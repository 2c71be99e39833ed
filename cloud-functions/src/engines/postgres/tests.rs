//! The contracts on a real PostgreSQL, and what only a server can do.

mod server;

use super::*;
use crate::engines::contract;
use crate::engines::ledger_log::{Lanes, LedgerEventLog};
use crate::ports::ids::SystemIds;
use crate::ports::ledger::Condition::{Absent, Any, Revision};
use server::Server;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract_of_ledgers() {
    let Some(server) = Server::start() else {
        return;
    };
    contract::ledger::all(async || server.ledger().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_it_keeps_the_contract_of_event_logs() {
    let Some(server) = Server::start() else {
        return;
    };
    let make = async || {
        let ledger = Arc::new(server.ledger().await);
        LedgerEventLog::new(ledger, Lanes::ONE, &SystemIds).first_lane()
    };
    contract::event_log::all(make).await;
}

fn put(sort: &str, condition: crate::ports::ledger::Condition) -> Write {
    Write::put(Key::new("P", sort), "{}", condition)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_open_it_at_once_and_find_what_was_there() {
    let Some(server) = Server::start() else {
        return;
    };
    let address = server.new_database().await;
    let opened = (0..6).map(|_| PostgresLedger::open(&address));
    let opened = futures_util::future::join_all(opened).await;
    let ledgers: Vec<PostgresLedger> = opened.into_iter().map(Result::unwrap).collect();
    ledgers[0].write(vec![put("a", Absent)]).await.unwrap();
    for ledger in &ledgers {
        let stored = ledger.read(&Key::new("P", "a")).await.unwrap();
        assert_eq!(stored.unwrap().revision, 1);
    }
}

/// Batches over the same keys, each in another order.
#[tokio::test(flavor = "multi_thread")]
async fn batches_that_cross_never_wait_for_each_other_for_ever() {
    let Some(server) = Server::start() else {
        return;
    };
    let ledger = server.ledger().await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let ledger = ledger.clone();
        writers.spawn(async move {
            for round in 0..20 {
                let keys = (0..10).map(|place| (place * 3 + writer + round) % 10);
                let batch = keys.map(|key| put(&key.to_string(), Any)).collect();
                ledger.write(batch).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let page = ledger.range("P", "".."z", 100).await.unwrap();
    assert!(page.iter().all(|stored| stored.revision == 8 * 20));
}

/// A server that dies takes nothing back that it acknowledged, and the ledger finds it again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_killed_server() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let ledger = server.ledger().await;
    for number in 0..20 {
        ledger
            .write(vec![put(&format!("{number:02}"), Absent)])
            .await
            .unwrap();
    }
    server.kill();
    let lost = ledger.write(vec![put("lost", Absent)]).await;
    let unsure = |error: &LedgerError| {
        matches!(
            error,
            LedgerError::Unavailable(_) | LedgerError::UnknownOutcome(_)
        )
    };
    assert!(lost.as_ref().is_err_and(unsure), "{lost:?}");
    server.restart();
    let page = server.until_it_answers(&ledger).await;
    assert_eq!(page.iter().filter(|row| row.key.sort != "lost").count(), 20);
    ledger.write(vec![put("00", Revision(1))]).await.unwrap();
}

#[tokio::test]
async fn an_address_is_refused_without_repeating_it() {
    for address in [
        "postgres://aisle:hunter2@db/aisle?sslmode=require",
        "hunter2 is no address",
    ] {
        let error = PostgresLedger::open(address).await.unwrap_err();
        assert!(matches!(error, OpenError::Address(_)), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
