//! An event log in memory.

use crate::ports::backlog::{Backlog, DeadLetters, LetterId, MAX_LETTERS, Replay};
use crate::ports::events::{
    Appended, CloudEvent, DeadLetter, Delivery, EventLog, LogError, check_append,
};
use async_trait::async_trait;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// An event log in memory. Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct MemoryEventLog {
    state: Arc<Mutex<State>>,
    arrivals: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<CloudEvent>,
    claimed: HashSet<(String, String)>,
    cursors: BTreeMap<String, u64>,
    letters: BTreeMap<LetterId, Letter>,
}

#[derive(Debug)]
struct Letter {
    letter: DeadLetter,
    wanted: bool,
}

impl MemoryEventLog {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.arrivals.send_modify(|count| *count += 1);
    }
}

impl State {
    fn append(&mut self, event: CloudEvent) -> Appended {
        let claim = (event.source.clone(), event.id.clone());
        if !self.claimed.insert(claim) {
            return Appended::Duplicate;
        }
        self.events.push(event);
        Appended::New
    }

    fn advance(&mut self, consumer: &str, sequence: u64) {
        let cursor = self.cursors.entry(consumer.to_owned()).or_default();
        *cursor = (*cursor).max(sequence);
    }
}

#[async_trait]
impl EventLog for MemoryEventLog {
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError> {
        check_append(&events)?;
        let appended = {
            let mut state = self.state();
            events.into_iter().map(|e| state.append(e)).collect()
        };
        self.tell();
        Ok(appended)
    }
}

#[async_trait]
impl Backlog for MemoryEventLog {
    async fn read_after(&self, sequence: u64, limit: usize) -> Result<Vec<Delivery>, LogError> {
        let skipped = usize::try_from(sequence).unwrap_or(usize::MAX);
        let state = self.state();
        let events = state.events.iter().skip(skipped).take(limit).cloned();
        Ok((sequence.saturating_add(1)..)
            .zip(events)
            .map(|(sequence, event)| Delivery {
                sequence,
                replayed: false,
                event,
            })
            .collect())
    }

    async fn cursor(&self, consumer: &str) -> Result<u64, LogError> {
        Ok(self.state().cursors.get(consumer).copied().unwrap_or(0))
    }

    async fn advance(&self, consumer: &str, sequence: u64) -> Result<(), LogError> {
        self.state().advance(consumer, sequence);
        Ok(())
    }

    async fn give_up(&self, letter: &DeadLetter) -> Result<(), LogError> {
        let mut state = self.state();
        state.advance(&letter.consumer, letter.delivery.sequence);
        let kept = Letter {
            letter: letter.clone(),
            wanted: false,
        };
        state.letters.insert(LetterId::of(letter), kept);
        Ok(())
    }

    async fn replays(&self, consumer: &str, limit: usize) -> Result<Vec<DeadLetter>, LogError> {
        let state = self.state();
        let wanted = state.letters.values().filter(|kept| kept.wanted);
        let own = wanted.filter(|kept| kept.letter.consumer == consumer);
        Ok(own.take(limit).map(|kept| kept.letter.clone()).collect())
    }

    async fn settle(&self, letter: &LetterId) -> Result<(), LogError> {
        self.state().letters.remove(letter);
        Ok(())
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }
}

#[async_trait]
impl DeadLetters for MemoryEventLog {
    async fn list(
        &self,
        consumer: Option<&str>,
        after: Option<&LetterId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, LogError> {
        let state = self.state();
        let letters = state
            .letters
            .iter()
            .filter(|(id, _)| consumer.is_none_or(|consumer| id.consumer == consumer))
            .filter(|(id, _)| after.is_none_or(|after| *id > after));
        let page = letters.take(limit.min(MAX_LETTERS));
        Ok(page.map(|(_, kept)| kept.letter.clone()).collect())
    }

    async fn replay(&self, which: &Replay) -> Result<u64, LogError> {
        let mut found = 0;
        for (id, kept) in &mut self.state().letters {
            let asked = match which {
                Replay::One(one) => id == one,
                Replay::All { consumer } => id.consumer == *consumer,
            };
            if asked {
                kept.wanted = true;
                found += 1;
            }
        }
        self.tell();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::contract;

    #[tokio::test]
    async fn it_keeps_the_contract_of_event_logs() {
        contract::event_log::all(|| async { MemoryEventLog::default() }).await;
    }
}
