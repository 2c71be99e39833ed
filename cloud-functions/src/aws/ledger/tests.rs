//! The contract of ledgers on two fakes, and what only a network can do.

mod proxy;

use super::*;
use crate::aws::fakes::{Fake, new_table};
use crate::engines::contract;
use crate::ports::ledger::Condition::{Absent, Any, Revision};
use crate::ports::ledger::MAX_BODY_BYTES;
use proxy::Proxy;

async fn ledger(config: &SdkConfig) -> DynamoDbLedger {
    DynamoDbLedger::new(config, new_table(config).await)
}

async fn keeps_the_contract(fake: Fake) {
    let Some(config) = fake.config() else {
        return;
    };
    contract::ledger::all(|| ledger(&config)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract_of_ledgers_on_ministack() {
    keeps_the_contract(Fake::MiniStack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract_of_ledgers_on_moto() {
    keeps_the_contract(Fake::Moto).await;
}

fn put(sort: &str, body: &str, condition: crate::ports::ledger::Condition) -> Write {
    Write::put(Key::new("P", sort), body, condition)
}

/// A try whose answer was lost is made again under its token, and is one write.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_and_counts_once() {
    let Some(config) = Fake::MiniStack.config() else {
        return;
    };
    let table = new_table(&config).await;
    let direct = DynamoDbLedger::new(&config, &table);
    let proxy = Proxy::before(&config).await;
    let ledger = DynamoDbLedger::new(&proxy.config(), &table);
    ledger.write(vec![put("a", "1", Absent)]).await.unwrap();
    for (revision, body) in [(1, "2"), (2, "3"), (3, "4")] {
        proxy.lose_the_next_answer();
        let write = put("a", body, Revision(revision));
        ledger.write(vec![write]).await.unwrap();
        let stored = direct.read(&Key::new("P", "a")).await.unwrap().unwrap();
        assert_eq!(
            (stored.revision, stored.body.as_str()),
            (revision + 1, body)
        );
    }
    assert_eq!(proxy.lost(), 3);
}

/// Nobody answers at all: what became of it is not known, and a read says that nobody is there.
#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_nothing_is_claimed() {
    let Some(config) = Fake::MiniStack.config() else {
        return;
    };
    let proxy = Proxy::before(&config).await;
    let ledger = DynamoDbLedger::new(&proxy.config(), "none");
    proxy.lose_all_answers();
    let written = ledger.write(vec![put("a", "1", Any)]).await;
    assert!(
        matches!(written, Err(LedgerError::UnknownOutcome(_))),
        "{written:?}"
    );
    let read = ledger.read(&Key::new("P", "a")).await;
    assert!(matches!(read, Err(LedgerError::Unavailable(_))), "{read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_there_is_unavailable_and_nothing_of_a_key_is_told() {
    let Some(config) = Fake::MiniStack.config() else {
        return;
    };
    let ledger = DynamoDbLedger::new(&config, "nowhere");
    let key = Key::new("L#phone#+49401234567", "V");
    let errors = [
        ledger.read(&key).await.unwrap_err(),
        ledger
            .write(vec![Write::put(key.clone(), "{}", Absent)])
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert!(!error.to_string().contains("+4940"), "{error}");
        assert!(matches!(error, LedgerError::Unavailable(_)), "{error:?}");
    }
}

/// The service's own pages end at a megabyte.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_bodies_is_asked_for_in_parts() {
    let Some(config) = Fake::MiniStack.config() else {
        return;
    };
    let ledger = ledger(&config).await;
    let body = "ä".repeat(MAX_BODY_BYTES / 2);
    for number in 0..8 {
        let write = put(&format!("{number}"), &body, Absent);
        ledger.write(vec![write]).await.unwrap();
    }
    let page = ledger.range("P", "".."z", 100).await.unwrap();
    assert_eq!(page.len(), 8);
    assert!(page.iter().all(|stored| stored.body == body));
    let keys: Vec<Key> = page.into_iter().map(|stored| stored.key).collect();
    let all = ledger.read_all(&keys).await.unwrap();
    assert!(all.iter().all(Option::is_some));
}
