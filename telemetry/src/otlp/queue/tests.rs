use super::*;
use opentelemetry::trace::{Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

/// A collector that takes a batch when it is allowed to.
#[derive(Debug)]
struct Gate {
    arrived: Sender<usize>,
    open: Arc<Mutex<()>>,
    fails: bool,
}

impl SpanExporter for Gate {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let _ = self.arrived.send(batch.len());
        drop(self.open.lock());
        match self.fails {
            true => Err(OTelSdkError::InternalFailure("no".to_owned())),
            false => Ok(()),
        }
    }
}

/// A provider, what arrives, and what holds the collector up.
fn started(batches: Batches, fails: bool) -> (SdkTracerProvider, Receiver<usize>, Arc<Mutex<()>>) {
    let (arrived, arrivals) = channel();
    let open = Arc::new(Mutex::new(()));
    let gate = Gate {
        arrived,
        open: open.clone(),
        fails,
    };
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Queue::start(gate, batches))
        .build();
    (provider, arrivals, open)
}

fn spans(provider: &SdkTracerProvider, count: usize) {
    let tracer = provider.tracer("test");
    (0..count).for_each(|_| drop(tracer.start("work")));
}

const HOUR: Duration = Duration::from_secs(3_600);

/// What is dropped is counted for the whole process: tests of it take turns.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn a_full_batch_is_sent_and_a_flush_sends_the_rest() {
    let batches = Batches {
        queue: 100,
        size: 3,
        delay: HOUR,
    };
    let (provider, arrivals, _) = started(batches, false);
    spans(&provider, 4);
    assert_eq!(arrivals.recv().unwrap(), 3);
    provider.force_flush().unwrap();
    assert_eq!(arrivals.try_recv().unwrap(), 1, "a flush waits for it");
    provider.force_flush().unwrap();
    assert!(arrivals.try_recv().is_err(), "nothing is no batch");
}

#[test]
fn a_batch_that_is_not_full_is_sent_when_it_is_due() {
    let batches = Batches {
        queue: 100,
        size: 50,
        delay: Duration::from_millis(1),
    };
    let (provider, arrivals, _) = started(batches, false);
    spans(&provider, 1);
    assert_eq!(arrivals.recv().unwrap(), 1);
}

#[test]
fn nobody_waits_for_a_collector_that_hangs_and_what_is_dropped_is_counted() {
    let _turn = TURN.lock();
    let batches = Batches {
        queue: 5,
        size: 1,
        delay: HOUR,
    };
    let (provider, arrivals, open) = started(batches, false);
    let held = open.lock().unwrap();
    spans(&provider, 1);
    assert_eq!(arrivals.recv().unwrap(), 1, "the collector has it now");
    let before = DROPPED.total();
    spans(&provider, 9);
    assert_eq!(DROPPED.total() - before, 4, "five wait, four found no room");
    drop(held);
    provider.force_flush().unwrap();
    assert_eq!(arrivals.try_iter().count(), 5);
}

#[test]
fn what_a_collector_refuses_is_counted() {
    let _turn = TURN.lock();
    let batches = Batches {
        queue: 100,
        size: 50,
        delay: HOUR,
    };
    let (provider, _, _) = started(batches, true);
    let before = DROPPED.total();
    spans(&provider, 7);
    provider.force_flush().unwrap();
    assert_eq!(DROPPED.total() - before, 7);
}
