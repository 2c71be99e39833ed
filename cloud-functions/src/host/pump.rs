//! Takes events from the log to one consumer: in order, at least once, never past an event that was not dealt with.
//!
//! A batch that fails is tried again from the event that failed, with growing pauses; an event that fails too often
//! becomes a dead letter, so that one bad event cannot stop those behind it. It never looks into an event.

mod policy;
#[cfg(test)]
mod tests;

pub use policy::Policy;

use super::serve::GRACE;
use super::stop::Stop;
use crate::ports::backlog::{Backlog, LetterId};
use crate::ports::clock::Clock;
use crate::ports::events::{
    Consumed, Consumer, DeadLetter, Delivery, Failed, LogError, MAX_DELIVERIES,
};
use crate::telemetry::{self as observed, figures};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How many replays are taken before new events have their turn.
const MAX_REPLAYS: usize = 50;

/// Takes events to one consumer.
pub struct Pump {
    backlog: Arc<dyn Backlog>,
    consumer: Arc<dyn Consumer>,
    clock: Arc<dyn Clock>,
    policy: Policy,
    trouble: Option<Trouble>,
    /// When it was at the end of the log last.
    caught_up_at: DateTime<Utc>,
    /// How many events are still taken one by one, because somewhere among them the consumer broke down.
    careful: usize,
}

/// The event that failed last, and how often in a row.
struct Trouble {
    sequence: u64,
    attempts: u32,
}

/// The consumer did not come back: which event it was at, nobody knows.
struct Broken(&'static str);

impl Broken {
    /// As a failure of the first event.
    fn at(&self, batch: &[Delivery]) -> Failed {
        Failed {
            sequence: batch.first().map_or(0, |delivery| delivery.sequence),
            reason: self.0.to_owned(),
        }
    }
}

/// How far a pump came that was to take what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// To the end of the log.
    End,
    /// Not to the end: an event fails, or the time was over.
    Behind,
}

/// What comes after a turn.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Another turn at once: there may be more.
    Turn,
    /// Nothing to do until something arrives.
    Arrival,
    /// A pause, whatever arrives.
    Pause(Duration),
}

impl Pump {
    /// A pump that has not started.
    #[must_use]
    pub fn new(
        backlog: Arc<dyn Backlog>,
        consumer: Arc<dyn Consumer>,
        clock: Arc<dyn Clock>,
        policy: Policy,
    ) -> Self {
        Self {
            backlog,
            consumer: observed::consumer(consumer),
            caught_up_at: clock.now(),
            clock,
            policy,
            trouble: None,
            careful: 0,
        }
    }

    /// Pumps until it is stopped; the batch that is being taken is finished first.
    pub async fn run(mut self, stop: Stop) {
        let mut arrivals = self.backlog.arrivals();
        while !stop.has_come() {
            arrivals.mark_unchanged();
            match self.turn().await {
                Next::Turn => {}
                Next::Pause(pause) => tokio::select! {
                    () = stop.wait() => {}
                    () = tokio::time::sleep(pause) => {}
                },
                Next::Arrival => tokio::select! {
                    () = stop.wait() => {}
                    // A log that is gone has no more arrivals; the clock goes on asking.
                    Ok(()) = arrivals.changed() => {}
                    () = tokio::time::sleep(self.policy.poll) => {}
                },
            }
        }
    }

    /// Takes what there is, for hosts that are woken for it; begins nothing after `until`.
    pub async fn drain(&mut self, until: DateTime<Utc>) -> Drained {
        loop {
            let left = (until - self.clock.now()).to_std().unwrap_or_default();
            if left.is_zero() {
                return Drained::Behind;
            }
            match self.turn().await {
                Next::Turn => {}
                Next::Arrival => return Drained::End,
                Next::Pause(pause) if pause < left => tokio::time::sleep(pause).await,
                Next::Pause(_) => return Drained::Behind,
            }
        }
    }

    async fn turn(&mut self) -> Next {
        match self.try_turn().await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(consumer = self.name(), %error, "the event log could not be used");
                Next::Pause(self.policy.poll)
            }
        }
    }

    async fn try_turn(&mut self) -> Result<Next, LogError> {
        self.replay().await?;
        let cursor = self.backlog.cursor(self.name()).await?;
        let limit = if self.careful > 0 { 1 } else { MAX_DELIVERIES };
        let batch = self.backlog.read_after(cursor, limit).await?;
        self.measure_lag(batch.is_empty());
        let Some(last) = batch.last() else {
            return Ok(Next::Arrival);
        };
        match self.consume(&batch).await {
            Ok(Ok(())) => {
                self.backlog.advance(self.name(), last.sequence).await?;
                self.passed(batch.len());
                Ok(Next::Turn)
            }
            Ok(Err(failed)) => self.retreat(&batch, failed).await,
            Err(Broken(_)) if batch.len() > 1 => {
                self.careful = batch.len();
                Ok(Next::Turn)
            }
            Err(broken) => self.retreat(&batch, broken.at(&batch)).await,
        }
    }

    /// Delivers what an operator asked for, each by itself; what fails again stays a dead letter.
    async fn replay(&self) -> Result<(), LogError> {
        for mut letter in self.backlog.replays(self.name(), MAX_REPLAYS).await? {
            letter.delivery.replayed = true;
            let id = LetterId::of(&letter);
            let batch = std::slice::from_ref(&letter.delivery);
            let taken = self.consume(batch).await;
            match taken.unwrap_or_else(|broken| Err(broken.at(batch))) {
                Ok(()) => self.backlog.settle(&id).await?,
                Err(failed) => {
                    figures::DEAD_LETTERS.add(1, &[("consumer", self.name())]);
                    letter.delivery.replayed = false;
                    letter.attempts = letter.attempts.saturating_add(1);
                    letter.reason = failed.reason;
                    letter.given_up_at = self.clock.now();
                    self.backlog.give_up(&letter).await?;
                }
            }
        }
        Ok(())
    }

    async fn consume(&self, batch: &[Delivery]) -> Result<Consumed, Broken> {
        let consuming = AssertUnwindSafe(self.consumer.consume(batch)).catch_unwind();
        match tokio::time::timeout(self.policy.patience, consuming).await {
            Ok(Ok(consumed)) => Ok(consumed),
            Ok(Err(_)) => Err(Broken("the consumer panicked")),
            Err(_) => Err(Broken("the consumer took too long")),
        }
    }

    /// Keeps what was done, and decides what becomes of the event that was not.
    async fn retreat(&mut self, batch: &[Delivery], failed: Failed) -> Result<Next, LogError> {
        let place = |delivery: &Delivery| delivery.sequence == failed.sequence;
        let done = batch.iter().position(place).unwrap_or(0);
        let (done, rest) = batch.split_at(done);
        if let Some(last) = done.last() {
            self.backlog.advance(self.name(), last.sequence).await?;
        }
        let Some(delivery) = rest.first() else {
            return Ok(Next::Turn);
        };
        let attempts = self.count_attempt(delivery.sequence);
        if attempts >= self.policy.attempts_max {
            self.give_up(delivery, attempts, failed.reason).await?;
            return Ok(Next::Turn);
        }
        let pause = self.policy.pause(attempts);
        figures::RETRIES.add(1, &[("consumer", self.name())]);
        observed::trouble(self.name(), delivery).in_scope(|| {
            tracing::warn!(
                consumer = self.name(),
                sequence = delivery.sequence,
                attempts,
                pause_ms = pause.as_millis(),
                reason = failed.reason,
                "an event failed and will be tried again"
            );
        });
        Ok(Next::Pause(pause))
    }

    fn measure_lag(&mut self, at_the_end: bool) {
        let now = self.clock.now();
        if at_the_end {
            self.caught_up_at = now;
        }
        let lag_s = (now - self.caught_up_at).as_seconds_f64();
        figures::LAG.set(lag_s, &[("consumer", self.name())]);
    }

    fn count_attempt(&mut self, sequence: u64) -> u32 {
        let before = self.trouble.take();
        let attempts = before
            .filter(|trouble| trouble.sequence == sequence)
            .map_or(1, |trouble| trouble.attempts.saturating_add(1));
        self.trouble = Some(Trouble { sequence, attempts });
        attempts
    }

    async fn give_up(
        &mut self,
        delivery: &Delivery,
        attempts: u32,
        reason: String,
    ) -> Result<(), LogError> {
        figures::DEAD_LETTERS.add(1, &[("consumer", self.name())]);
        observed::trouble(self.name(), delivery).in_scope(|| {
            tracing::error!(
                consumer = self.name(),
                sequence = delivery.sequence,
                attempts,
                reason,
                "an event was given up and became a dead letter"
            );
        });
        let letter = DeadLetter {
            consumer: self.name().to_owned(),
            delivery: delivery.clone(),
            attempts,
            reason,
            given_up_at: self.clock.now(),
        };
        self.backlog.give_up(&letter).await?;
        self.passed(1);
        Ok(())
    }

    fn passed(&mut self, events: usize) {
        self.trouble = None;
        self.careful = self.careful.saturating_sub(events);
    }

    fn name(&self) -> &'static str {
        self.consumer.name()
    }
}

/// Lets every pump finish its batch, for a while. One that does not has it again later.
pub async fn finish(mut pumps: JoinSet<()>) {
    let finished = async {
        while let Some(pumped) = pumps.join_next().await {
            if let Err(error) = pumped {
                tracing::error!(%error, "a pump broke down");
            }
        }
    };
    if tokio::time::timeout(GRACE, finished).await.is_err() {
        tracing::warn!("a pump did not finish its batch, which will come again");
    }
}
