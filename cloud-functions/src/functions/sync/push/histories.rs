//! Random histories of one tablet: overlapping pushes over a ledger that fails in every way it may. Whatever happens,
//! each command is decided once, in its order, and the same decision is told each time.

use super::push;
use super::refusal::PushRefusal;
use super::tests::{Tablet, add, command_with, faulty, note};
use crate::testing::faults::{Fault, FaultyLedger};
use crate::testing::shop::as_device;
use domain::api::sync::{Command, CommandResult, CommandStatus, PushResponse};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::json;
use std::collections::BTreeMap;

const COMMANDS: u64 = 12;
const PUSHES: usize = 40;
const SEEDS: u64 = 40;

/// Every third command cannot be: another reason each time.
fn commands() -> Vec<Command> {
    let refused = |cseq: u64| match cseq % 9 {
        0 => add(cseq, &json!({})),
        3 => command_with(cseq, "note.burn", 1, &note(cseq)),
        _ => {
            let mut foreign = note(cseq);
            foreign["customer"] = json!("c-2");
            add(cseq, &foreign)
        }
    };
    (1..=COMMANDS)
        .map(|cseq| match cseq % 3 {
            0 => refused(cseq),
            _ => add(cseq, &note(cseq)),
        })
        .collect()
}

struct History {
    tablet: Tablet,
    dice: ChaCha8Rng,
    /// What was told of each command when it was first told.
    told: BTreeMap<u64, CommandResult>,
    last_cseq: u64,
}

impl History {
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice.next_u64() % sides
    }

    /// Breaks some of the next writes.
    fn break_some(&mut self, ledger: &FaultyLedger) {
        let faults: Vec<_> = (0..self.roll(4))
            .map(|_| match self.roll(6) {
                0 => Some(Fault::DoneUntold),
                1 => Some(Fault::LostUntold),
                2 => Some(Fault::Refused),
                _ => None,
            })
            .collect();
        ledger.next_writes(&faults);
    }

    /// Pushes `from..to`, as a tablet that may not know what was decided.
    async fn push(&mut self, from: u64, to: u64) -> Result<PushResponse, PushRefusal> {
        let window = commands()
            .into_iter()
            .filter(|command| (from..to).contains(&command.cseq));
        let request = self.tablet.request(window.collect());
        let services = &self.tablet.shop.bench.services;
        push(services, &as_device(&self.tablet.device), &request).await
    }

    /// The same decision each time; a mark that never falls (I8).
    fn hear(&mut self, response: PushResponse) {
        assert!(response.last_cseq >= self.last_cseq);
        self.last_cseq = response.last_cseq;
        for result in response.results {
            assert!(result.cseq <= response.last_cseq);
            let refused = result.cseq % 3 == 0;
            assert_eq!(result.status == CommandStatus::Rejected, refused);
            let first = self
                .told
                .entry(result.cseq)
                .or_insert_with(|| result.clone());
            let same_status = CommandResult {
                status: first.status,
                ..result
            };
            assert_eq!(*first, same_status);
        }
    }

    /// One push, somewhere; its answer may be lost on its way.
    async fn step(&mut self, ledger: &FaultyLedger) {
        self.break_some(ledger);
        let from = 1 + self.roll(COMMANDS);
        let to = from + self.roll(COMMANDS - from + 2);
        let is_lost = self.roll(3) == 0;
        match self.push(from, to).await {
            Ok(response) if !is_lost => self.hear(response),
            Ok(_) | Err(PushRefusal::Feed(_) | PushRefusal::Table(_)) => {}
            Err(PushRefusal::Gap { expected }) => assert!(expected < from),
            Err(error) => panic!("{error}"),
        }
    }
}

async fn run(seed: u64) {
    let (tablet, ledger) = faulty().await;
    let mut history = History {
        tablet,
        dice: ChaCha8Rng::seed_from_u64(seed),
        told: BTreeMap::new(),
        last_cseq: 0,
    };
    for _ in 0..PUSHES {
        history.step(&ledger).await;
    }
    ledger.next_writes(&[]);
    let response = history.push(1, COMMANDS + 1).await.unwrap();
    history.hear(response);
    assert_eq!(history.tablet.last_cseq().await, COMMANDS);
    let expected: Vec<_> = (1..=COMMANDS)
        .filter(|cseq| cseq % 3 != 0)
        .map(|cseq| format!("n-{cseq}"))
        .collect();
    assert_eq!(
        history.tablet.notes().await,
        expected,
        "each once, in its order"
    );
}

#[tokio::test]
async fn whatever_fails_each_command_is_decided_once() {
    for seed in 0..SEEDS {
        println!("seed {seed}");
        run(seed).await;
    }
}
