//! The contract of event logs over two ledgers, lanes, and appends between faults.

mod faults;
mod lanes;
mod shaky;

use super::{Lanes, LedgerEventLog};
use crate::engines::contract;
use crate::engines::memory::MemoryLedger;
use crate::ports::events::{CloudEvent, Delivery};
use crate::ports::ledger::Ledger;
use crate::testing::SeededIds;
use std::sync::Arc;

/// A process's own log over a ledger that others may use too.
fn log(ledger: Arc<dyn Ledger>, lanes: Lanes, process: u64) -> LedgerEventLog {
    LedgerEventLog::new(ledger, lanes, &SeededIds::new(process))
}

fn event(id: &str, key: &str) -> CloudEvent {
    CloudEvent {
        partitionkey: key.to_owned(),
        ..contract::event_log::event(id)
    }
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|d| d.event.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_lane_keeps_the_contract_of_event_logs() {
    let make = || async { log(Arc::new(MemoryLedger::default()), Lanes::ONE, 1).first_lane() };
    contract::event_log::all(make).await;
}

/// Events of one partition key are in one lane, so with that key one of many lanes is as good as one alone.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_lanes_keeps_the_contract_of_event_logs() {
    let lanes = Lanes::new(16).unwrap();
    let lane = lanes.of_key("one");
    let make = || async {
        log(Arc::new(MemoryLedger::default()), lanes, 1)
            .lane(lane)
            .unwrap()
    };
    contract::event_log::all(make).await;
}

#[cfg(feature = "sqlite")]
mod on_a_disk {
    use super::*;
    use crate::engines::sqlite::SqliteLedger;

    #[tokio::test(flavor = "multi_thread")]
    async fn it_keeps_the_contract_of_event_logs_and_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| SqliteLedger::open(&folder.path().join(name)).unwrap();
        let opened = std::cell::Cell::new(0);
        let make = || {
            opened.set(opened.get() + 1);
            let ledger = Arc::new(open(&format!("{}.db", opened.get())));
            async { log(ledger, Lanes::ONE, 1).first_lane() }
        };
        contract::event_log::all(make).await;
        let again = || {
            opened.set(opened.get() + 1);
            log(Arc::new(open("again.db")), Lanes::ONE, opened.get()).first_lane()
        };
        contract::event_log::survives_a_restart(again).await;
    }
}
