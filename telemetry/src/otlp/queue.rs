//! Spans on their way to the collector: a bounded queue, and a thread that sends what is in it by batches.
//!
//! Whoever ends a span never waits: a span that finds no room is dropped and counted, as is one that the collector does
//! not take.

use super::settings::Batches;
use crate::DROPPED;
use opentelemetry::Context;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

/// The way into the queue.
#[derive(Debug)]
pub(super) struct Queue {
    sender: SyncSender<Message>,
}

enum Message {
    Ended(Box<SpanData>),
    /// Send everything, then say so.
    Flush(SyncSender<()>),
}

impl Queue {
    /// Starts the thread that sends.
    pub(super) fn start(exporter: impl SpanExporter + 'static, batches: Batches) -> Self {
        let (sender, receiver) = sync_channel(batches.queue);
        std::thread::spawn(move || Courier::new(exporter, batches).run(&receiver));
        Self { sender }
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let sent = self.sender.try_send(Message::Ended(Box::new(span)));
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = sent {
            DROPPED.add(1, &[("reason", "queue_full")]);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.flush(super::FLUSH_WITHIN)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.flush(timeout)
    }
}

impl Queue {
    fn flush(&self, within: Duration) -> OTelSdkResult {
        let (done, waiting) = sync_channel(1);
        let late = || OTelSdkError::Timeout(within);
        // Waits where the queue is full, which the courier is emptying; whoever asked has a bound of its own.
        let asked = self.sender.send(Message::Flush(done));
        asked.map_err(|_| OTelSdkError::AlreadyShutdown)?;
        waiting.recv_timeout(within).map_err(|_| late())
    }
}

/// The thread that sends.
struct Courier<E> {
    exporter: E,
    batches: Batches,
    batch: Vec<SpanData>,
    /// When the batch is sent, full or not.
    due: Option<Instant>,
}

impl<E: SpanExporter> Courier<E> {
    fn new(exporter: E, batches: Batches) -> Self {
        Self {
            exporter,
            batches,
            batch: Vec::new(),
            due: None,
        }
    }

    fn run(mut self, receiver: &Receiver<Message>) {
        loop {
            match receiver.recv_timeout(self.patience()) {
                Ok(Message::Ended(span)) => self.take(*span),
                Ok(Message::Flush(done)) => {
                    self.send();
                    // Nobody waits any more: that is their affair.
                    let _ = done.try_send(());
                }
                Err(RecvTimeoutError::Timeout) => self.send(),
                Err(RecvTimeoutError::Disconnected) => return self.send(),
            }
        }
    }

    fn take(&mut self, span: SpanData) {
        self.batch.push(span);
        if self.batch.len() >= self.batches.size {
            self.send();
        } else if self.due.is_none() {
            self.due = Some(now() + self.batches.delay);
        }
    }

    fn patience(&self) -> Duration {
        let left = self.due.map(|due| due.saturating_duration_since(now()));
        left.unwrap_or(Duration::from_secs(3_600))
    }

    fn send(&mut self) {
        self.due = None;
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let size = batch.len() as u64;
        let sent = futures_executor::block_on(self.exporter.export(batch));
        if let Err(error) = sent {
            DROPPED.add(size, &[("reason", "collector")]);
            tracing::debug!(%error, spans = size, "the collector did not take spans");
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "batches are sent at a pace of the machine's clock; no rule depends on it"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests;
