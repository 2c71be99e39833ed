//! The same history gives the same outcomes on every engine.

use super::Folder;
use crate::engines::memory::MemoryLedger;
use crate::engines::sqlite::SqliteLedger;
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Stored, Write};
use proptest::prelude::*;

const PARTITIONS: [&str; 2] = ["P", "Q"];

fn keys() -> impl Strategy<Value = Key> {
    let sorts = prop::sample::select(vec!["a", "a\u{0}", "b", "ä", "B"]);
    (prop::sample::select(PARTITIONS.to_vec()), sorts).prop_map(|(p, s)| Key::new(p, s))
}

fn conditions() -> impl Strategy<Value = Condition> {
    prop_oneof![
        Just(Condition::Any),
        Just(Condition::Absent),
        (0..4_u64).prop_map(Condition::Revision),
    ]
}

fn writes() -> impl Strategy<Value = Write> {
    (keys(), conditions(), 0..4, "[a-zä]{0,8}").prop_map(
        |(key, condition, what, body)| match what {
            0 => Write::Delete { key, condition },
            1 => Write::Check { key, condition },
            _ => Write::Put {
                key,
                body,
                condition,
            },
        },
    )
}

fn histories() -> impl Strategy<Value = Vec<Vec<Write>>> {
    prop::collection::vec(prop::collection::vec(writes(), 0..4), 1..40)
}

/// What came of each batch, and what is there in the end.
async fn play(
    ledger: &dyn Ledger,
    history: Vec<Vec<Write>>,
) -> (Vec<Result<(), LedgerError>>, Vec<Stored>) {
    let mut outcomes = Vec::new();
    for batch in history {
        outcomes.push(ledger.write(batch).await);
    }
    let mut end = Vec::new();
    for partition in PARTITIONS {
        let page = ledger.range(partition, "".."\u{10ffff}", 100).await;
        end.extend(page.unwrap());
    }
    (outcomes, end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn memory_and_sqlite_agree_on_every_history(history in histories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = Folder::new();
        let sqlite = SqliteLedger::open(&folder.new_file()).unwrap();
        let memory = MemoryLedger::default();
        let (seen, expected) = runtime.block_on(async {
            (play(&sqlite, history.clone()).await, play(&memory, history).await)
        });
        prop_assert_eq!(seen, expected);
    }
}
