//! A collector of traces and figures, as an operator has one: OTLP over HTTP, protobuf. It keeps what arrives.

use crate::until::until;
use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use domain::trace::TraceContext;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1 as otlp;
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The most bytes of one export.
const MAX_BYTES: usize = 64 << 20;

/// A place in a trace, both ids in hex.
pub type Place = (String, String);

/// A span as it arrived.
#[derive(Debug, Clone)]
pub struct Span {
    /// The program that it is of.
    pub service: String,
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The span that it is a part of; empty where there is none.
    pub parent: String,
    /// What it has to do with.
    pub links: Vec<Place>,
    /// Its attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// What happened in it.
    pub events: Vec<String>,
}

/// Serves until it is dropped.
#[derive(Debug)]
pub struct Collector {
    kept: Arc<Mutex<Kept>>,
    url: String,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Kept {
    traces: Vec<Bytes>,
    figures: Vec<Bytes>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Collector {
    /// Starts on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let router = Router::new()
            .route("/v1/traces", post(keep_traces))
            .route("/v1/metrics", post(keep_figures))
            .layer(axum::extract::DefaultBodyLimit::max(MAX_BYTES))
            .with_state(kept.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(async move {
            // It serves for as long as its test runs.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { kept, url, serving })
    }

    /// What a program finds in its environment that exports here, often.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", self.url.as_str()),
            ("OTEL_BSP_SCHEDULE_DELAY", "20"),
            // A test looks for single spans: none is to be dropped.
            ("OTEL_BSP_MAX_QUEUE_SIZE", "65536"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
            ("NO_PROXY", "127.0.0.1"),
        ];
        let owned = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.to_vec()
    }

    /// Everything that arrived, byte for byte.
    #[must_use]
    pub fn bodies(&self) -> Vec<Bytes> {
        let kept = lock(&self.kept);
        kept.traces.iter().chain(&kept.figures).cloned().collect()
    }

    /// How often figures arrived.
    #[must_use]
    pub fn figures(&self) -> usize {
        lock(&self.kept).figures.len()
    }

    /// Every span that arrived.
    ///
    /// # Errors
    /// When something arrived that is no OTLP.
    pub fn spans(&self) -> Result<Vec<Span>> {
        let bodies = lock(&self.kept).traces.clone();
        let mut spans = Vec::new();
        for body in bodies {
            let export = ExportTraceServiceRequest::decode(body).context("an export")?;
            for resource in export.resource_spans {
                let attributes = resource.resource.map(|resource| resource.attributes);
                let attributes = attributes.map(texts).unwrap_or_default();
                let service = attributes.get("service.name").cloned().unwrap_or_default();
                let all = resource
                    .scope_spans
                    .into_iter()
                    .flat_map(|scope| scope.spans);
                spans.extend(all.map(|span| read(&service, span)));
            }
        }
        Ok(spans)
    }

    /// Waits until there is such a span in what a trace reaches: in it, or linked to it.
    ///
    /// # Errors
    /// When there is none; with the names of those that there are.
    pub async fn find(&self, trace: TraceContext, service: &str, name: &str) -> Result<Span> {
        let sought = format!("{name} of {service}");
        let found = until(&sought, || async {
            let reached = reached(&self.spans()?, trace);
            let is_it = |span: &&Span| span.service == service && span.name == name;
            Ok(reached.iter().find(is_it).cloned())
        });
        found.await.with_context(|| {
            let spans = reached(&self.spans().unwrap_or_default(), trace);
            let names: Vec<_> = spans
                .iter()
                .map(|span| (&span.service, &span.name))
                .collect();
            format!("the trace has {names:?}")
        })
    }
}

async fn keep_traces(State(kept): State<Arc<Mutex<Kept>>>, body: Bytes) {
    lock(&kept).traces.push(body);
}

async fn keep_figures(State(kept): State<Arc<Mutex<Kept>>>, body: Bytes) {
    lock(&kept).figures.push(body);
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The spans of a trace, and those of traces that are linked to one of them, and so on.
#[must_use]
pub fn reached(spans: &[Span], trace: TraceContext) -> Vec<Span> {
    let mut traces = BTreeSet::from([hex(&trace.trace_id())]);
    loop {
        let linked = |span: &&Span| span.links.iter().any(|(trace, _)| traces.contains(trace));
        let more = spans.iter().filter(linked).map(|span| span.place.0.clone());
        let more: Vec<String> = more.filter(|trace| !traces.contains(trace)).collect();
        if more.is_empty() {
            break;
        }
        traces.extend(more);
    }
    let inside = spans.iter().filter(|span| traces.contains(&span.place.0));
    inside.cloned().collect()
}

/// Where a context is, as spans say it.
#[must_use]
pub fn place(context: TraceContext) -> Place {
    (hex(&context.trace_id()), hex(&context.span_id()))
}

fn read(service: &str, span: otlp::Span) -> Span {
    let events = span.events.into_iter();
    let links = span.links.into_iter();
    Span {
        service: service.to_owned(),
        name: span.name,
        place: (hex(&span.trace_id), hex(&span.span_id)),
        parent: hex(&span.parent_span_id),
        links: links
            .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
            .collect(),
        attributes: texts(span.attributes),
        events: events.map(|event| event.name).collect(),
    }
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let attributes = attributes.into_iter();
    attributes.map(|kv| (kv.key, text(kv.value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(trace: u8, links: &[u8]) -> Span {
        let place = |trace: u8| (hex(&[trace; 16]), hex(&[trace; 8]));
        Span {
            service: "s".into(),
            name: "n".into(),
            place: place(trace),
            parent: String::new(),
            links: links.iter().map(|trace| place(*trace)).collect(),
            attributes: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    #[test]
    fn a_trace_reaches_what_is_linked_to_it_and_nothing_else() {
        let spans = [
            span(1, &[]),
            span(2, &[1]),
            span(3, &[2]),
            span(4, &[5]),
            span(5, &[]),
        ];
        let trace = TraceContext::begin([1; 16], [9; 8]);
        let found: Vec<Place> = reached(&spans, trace)
            .into_iter()
            .map(|s| s.place)
            .collect();
        assert_eq!(found, [1, 2, 3].map(|trace| span(trace, &[]).place));
    }
}
