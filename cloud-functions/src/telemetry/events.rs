//! Traces over the event log: who appends hands a place in a trace on, who consumes goes on from there.

use super::figures::{APPENDED, CONSUMED, DUPLICATE};
use crate::ports::events::{
    Appended, CloudEvent, Consumed, Consumer, Delivery, EventLog, LogError,
};
use async_trait::async_trait;
use domain::trace::TraceContext;
use std::sync::Arc;
use telemetry::Causes;
use tracing::{Instrument as _, Level, Span};

/// A log that is observed.
pub(super) struct ObservedLog(Arc<dyn EventLog>);

impl ObservedLog {
    pub(super) fn new(log: Arc<dyn EventLog>) -> Self {
        Self(log)
    }

    async fn hand_on(&self, mut events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError> {
        if let Some(here) = telemetry::current() {
            for event in &mut events {
                if belongs_to(event, here) {
                    event.traceparent = Some(here.to_string());
                }
            }
        }
        self.0.append(events).await
    }
}

#[async_trait]
impl EventLog for ObservedLog {
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError> {
        let span = tracing::debug_span!(
            target: telemetry::SPANS,
            "append",
            otel.name = "append events",
            otel.kind = "producer",
            messaging.batch.message_count = events.len(),
            otel.status_code = tracing::field::Empty,
        );
        let appended = self.hand_on(events).instrument(span.clone()).await;
        match &appended {
            Ok(appended) => {
                let new = appended.iter().filter(|a| **a == Appended::New).count();
                APPENDED.add(new as u64, &[]);
                DUPLICATE.add((appended.len() - new) as u64, &[]);
            }
            Err(_) => {
                span.record("otel.status_code", "ERROR");
            }
        }
        appended
    }
}

/// Whether an event has no trace of its own, or one that has come here.
fn belongs_to(event: &CloudEvent, here: TraceContext) -> bool {
    let own = event.traceparent.as_deref().and_then(TraceContext::parse);
    own.is_none_or(|own| own.trace_id() == here.trace_id())
}

/// The same consumer, with a span around each batch that is linked to what caused its events.
#[must_use]
pub fn consumer(consumer: Arc<dyn Consumer>) -> Arc<dyn Consumer> {
    Arc::new(ObservedConsumer(consumer))
}

struct ObservedConsumer(Arc<dyn Consumer>);

#[async_trait]
impl Consumer for ObservedConsumer {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let causes: Causes = batch.iter().filter_map(cause).collect();
        let span = begin(self.name(), batch, &causes);
        let work = telemetry::within(causes.only(), self.0.consume(batch));
        let consumed = work.instrument(span.clone()).await;
        let labels = [("consumer", self.name())];
        match &consumed {
            Ok(()) => CONSUMED.add(batch.len() as u64, &labels),
            Err(failed) => {
                let done = batch.iter().position(|d| d.sequence == failed.sequence);
                CONSUMED.add(done.unwrap_or(0) as u64, &labels);
                span.record("otel.status_code", "ERROR");
                // For the collector alone: whoever delivers the events says it in the log.
                tracing::event!(
                    target: telemetry::SPANS,
                    parent: &span,
                    Level::DEBUG,
                    sequence = failed.sequence,
                    reason = failed.reason,
                    "an event failed"
                );
            }
        }
        consumed
    }
}

fn begin(name: &'static str, batch: &[Delivery], causes: &Causes) -> Span {
    let span = tracing::debug_span!(
        target: telemetry::SPANS,
        "process",
        otel.name = format!("process {name}"),
        otel.kind = "consumer",
        messaging.operation.type = "process",
        messaging.consumer.group.name = name,
        messaging.batch.message_count = batch.len(),
        aisle.events.replayed = batch.iter().any(|delivery| delivery.replayed),
        otel.status_code = tracing::field::Empty,
        faas.coldstart = telemetry::is_cold(),
    );
    causes.put_on(&span);
    span
}

/// A span around what is said of an event that failed; linked to what caused it.
#[must_use]
pub fn trouble(consumer: &'static str, delivery: &Delivery) -> Span {
    let cause = cause(delivery);
    let span = tracing::debug_span!(
        target: telemetry::SPANS,
        "trouble",
        otel.name = format!("trouble {consumer}"),
        messaging.consumer.group.name = consumer,
    );
    telemetry::follow(&span, cause);
    span
}

fn cause(delivery: &Delivery) -> Option<TraceContext> {
    let traceparent = delivery.event.traceparent.as_deref();
    traceparent.and_then(TraceContext::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::memory::MemoryEventLog;
    use crate::ports::backlog::Backlog as _;
    use crate::ports::events::Failed;
    use serde_json::value::to_raw_value;

    fn event(id: &str, trace: Option<TraceContext>) -> CloudEvent {
        CloudEvent {
            specversion: "1.0".into(),
            id: id.into(),
            source: "/test".into(),
            kind: "thing.happened.v1".into(),
            time: "2026-06-01T12:00:00Z".parse().unwrap(),
            partitionkey: "one".into(),
            traceparent: trace.map(|trace| trace.to_string()),
            data: to_raw_value(&()).unwrap(),
        }
    }

    fn delivery(sequence: u64, trace: Option<TraceContext>) -> Delivery {
        Delivery {
            sequence,
            replayed: false,
            event: event(&sequence.to_string(), trace),
        }
    }

    fn trace(trace: u8, span: u8) -> TraceContext {
        TraceContext::begin([trace; 16], [span; 8])
    }

    #[tokio::test]
    async fn what_is_appended_goes_on_in_the_trace_under_way() {
        let log = MemoryEventLog::default();
        let observed = ObservedLog::new(Arc::new(log.clone()));
        let (here, before, other) = (trace(1, 2), trace(1, 1), trace(9, 9));
        let events = vec![
            event("a", None),
            event("b", Some(before)),
            event("c", Some(other)),
        ];
        let appended = telemetry::within(Some(here), observed.append(events)).await;
        assert_eq!(appended.unwrap(), [Appended::New; 3]);
        observed
            .append(vec![event("d", Some(other))])
            .await
            .unwrap();
        let found = log.read_after(0, 10).await.unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|delivery| cause(delivery).unwrap())
            .collect();
        assert_eq!(
            found,
            [here, here, other, other],
            "an event's own trace stays"
        );
    }

    /// Fails at an event and tells what it saw as its cause.
    struct Seeing(std::sync::Mutex<Option<TraceContext>>);

    #[async_trait]
    impl Consumer for Seeing {
        fn name(&self) -> &'static str {
            "seeing"
        }
        async fn consume(&self, batch: &[Delivery]) -> Consumed {
            *self.0.lock().unwrap() = telemetry::current();
            let failed = batch.last().map_or(0, |delivery| delivery.sequence);
            Err(Failed {
                sequence: failed,
                reason: "it is the last".into(),
            })
        }
    }

    #[tokio::test]
    async fn a_consumer_works_in_the_trace_of_its_events_and_what_it_did_is_counted() {
        let seeing = Arc::new(Seeing(std::sync::Mutex::default()));
        let observed = consumer(seeing.clone());
        let batch = [
            delivery(4, Some(trace(3, 1))),
            delivery(7, Some(trace(3, 1))),
        ];
        let failed = observed.consume(&batch).await.unwrap_err();
        assert_eq!((failed.sequence, observed.name()), (7, "seeing"));
        assert_eq!(*seeing.0.lock().unwrap(), Some(trace(3, 1)));
        let text = telemetry::prometheus(super::super::figures::ALL);
        assert!(text.contains("aisle_consumer_consumed_total{consumer=\"seeing\"} 1"));
    }
}
