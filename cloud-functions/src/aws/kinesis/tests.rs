use super::*;
use crate::aws::fakes::{Fake, new_table};
use crate::aws::ledger::DynamoDbLedger;
use crate::engines::contract;
use crate::engines::contract::event_log::event;
use crate::engines::ledger_log::Lanes;
use crate::ports::ids::SystemIds;
use aws_sdk_kinesis::types::ShardIteratorType;
use std::sync::Arc;

async fn log(config: &SdkConfig, lanes: Lanes) -> LedgerEventLog {
    let ledger = DynamoDbLedger::new(config, new_table(config).await);
    LedgerEventLog::new(Arc::new(ledger), lanes, &SystemIds)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_a_table_keeps_the_contract_of_event_logs() {
    let Some(config) = Fake::MiniStack.config() else {
        return;
    };
    let make = async || log(&config, Lanes::ONE).await.first_lane();
    contract::event_log::all(make).await;
}

/// What the stream carries, in order.
async fn told(client: &Client, stream: &str) -> Vec<String> {
    let shards = client.list_shards().stream_name(stream).send().await;
    let mut told = Vec::new();
    for shard in shards.unwrap().shards.unwrap() {
        let iterator = client
            .get_shard_iterator()
            .stream_name(stream)
            .shard_id(shard.shard_id)
            .shard_iterator_type(ShardIteratorType::TrimHorizon);
        let iterator = iterator.send().await.unwrap().shard_iterator.unwrap();
        let records = client.get_records().shard_iterator(iterator).send().await;
        for record in records.unwrap().records {
            told.push(String::from_utf8(record.data.into_inner()).unwrap());
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_where_there_is_something_new_and_nothing_else() {
    let Some(config) = Fake::MiniStack.config() else {
        return;
    };
    let client = Client::new(&config);
    let made = client.create_stream().stream_name("told").shard_count(1);
    made.send().await.unwrap();
    let lanes = Lanes::new(4).unwrap();
    let log = log(&config, lanes).await;
    let events = KinesisEventLog::new(log.clone(), &config, "told");
    let named = |id: &str, key: &str| CloudEvent {
        partitionkey: key.to_owned(),
        ..event(id)
    };
    let first = vec![named("1", "ana"), named("2", "ana"), named("3", "zoe")];
    events.append(first).await.unwrap();
    let again = events.append(vec![named("1", "ana")]).await.unwrap();
    assert_eq!(again, [Appended::Duplicate]);
    let mut expected = Vec::new();
    for lane in BTreeSet::from([lanes.of_key("ana"), lanes.of_key("zoe")]) {
        let last = log.last(lane).await.unwrap();
        expected.push(format!(r#"{{"lane":"{lane}","sequence":"{last}"}}"#));
    }
    assert_eq!(told(&client, "told").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_stream_events_are_kept_all_the_same() {
    let Some(config) = Fake::MiniStack.config() else {
        return;
    };
    let log = log(&config, Lanes::ONE).await;
    let events = KinesisEventLog::new(log.clone(), &config, "not-there");
    let appended = events.append(vec![event("1")]).await.unwrap();
    assert_eq!(appended, [Appended::New]);
    use crate::ports::backlog::Backlog;
    assert_eq!(log.first_lane().read_after(0, 10).await.unwrap().len(), 1);
}
