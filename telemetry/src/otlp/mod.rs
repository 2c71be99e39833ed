//! Spans and figures to an OpenTelemetry collector: OTLP over HTTP, protobuf, on threads of its own.
//!
//! The standard variables say where and how (`OTEL_EXPORTER_OTLP_ENDPOINT`, `…_HEADERS`, `…_TIMEOUT`,
//! `OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`, `OTEL_METRIC_EXPORT_INTERVAL`, `OTEL_RESOURCE_ATTRIBUTES`); without an endpoint
//! nothing is started.

pub(crate) mod context;
pub(crate) mod metrics;
mod queue;
mod settings;

use crate::log::Program;
use crate::span::SPANS;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanExporter as _};
use queue::Queue;
use settings::Settings;
use std::sync::OnceLock;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{Layer, Registry};

/// How long a flush may take.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);
/// Whose log lines become events of the span under way.
const OURS: [&str; 4] = ["cloud_functions", "device", "sync", "recommend"];

/// What exports; once for the process.
static EXPORTING: OnceLock<Exporting> = OnceLock::new();

#[derive(Debug, Clone)]
struct Exporting {
    spans: Option<SdkTracerProvider>,
    figures: Option<SdkMeterProvider>,
}

/// Whether spans are exported.
pub(crate) fn is_on() -> bool {
    EXPORTING.get().is_some()
}

/// Begins to export, where the environment names a collector. Gives what turns spans into what is exported.
pub(crate) fn begin(
    program: &Program,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Box<dyn Layer<Registry> + Send + Sync>>, String> {
    let settings = Settings::read(variable);
    if !settings.spans && !settings.figures {
        return Ok(None);
    }
    // The collector may be behind TLS, and the client looks for the process's cryptography. An error says that there
    // is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let resource = resource(program, variable);
    let spans = settings
        .spans
        .then(|| spans(&resource, settings))
        .transpose();
    let spans = spans.map_err(|error| error.to_string())?;
    let figures = settings
        .figures
        .then(|| metrics::begin(program.figures, &resource))
        .transpose();
    let figures = figures.map_err(|error| error.to_string())?;
    let layer = spans.as_ref().map(layer);
    let _ = EXPORTING.set(Exporting { spans, figures });
    Ok(layer)
}

fn resource(program: &Program, variable: &dyn Fn(&str) -> Option<String>) -> Resource {
    let mut resource =
        Resource::builder().with_attribute(KeyValue::new("service.version", program.version));
    if variable("OTEL_SERVICE_NAME").is_none_or(|name| name.is_empty()) {
        resource = resource.with_service_name(program.name.clone());
    }
    for (name, attribute) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "faas.name"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "faas.version"),
        ("AWS_REGION", "cloud.region"),
    ] {
        if let Some(value) = variable(name) {
            resource = resource.with_attribute(KeyValue::new(attribute, value));
        }
    }
    resource.build()
}

fn spans(resource: &Resource, settings: Settings) -> Result<SdkTracerProvider, ExporterBuildError> {
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    exporter.set_resource(resource);
    let queue = Queue::start(exporter, settings.batches);
    Ok(SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_span_processor(queue)
        .build())
}

/// Spans of ours alone, with log lines of ours as their events.
fn layer(provider: &SdkTracerProvider) -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = OURS.map(|target| (target, LevelFilter::INFO));
    let filter = Targets::new()
        .with_targets(lines)
        .with_target(SPANS, LevelFilter::TRACE);
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("aisle"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter)
        .boxed()
}

/// Sends what waits.
pub(crate) async fn flush() {
    let Some(exporting) = EXPORTING.get() else {
        return;
    };
    let (done, waiting) = tokio::sync::oneshot::channel();
    // A thread of its own: the runtime would wait for one of its pool before it ends, however long that takes.
    std::thread::spawn(move || {
        exporting.send();
        let _ = done.send(());
    });
    let _ = tokio::time::timeout(FLUSH_WITHIN, waiting).await;
}

/// The same, blocking.
pub(crate) fn finish() {
    let Some(exporting) = EXPORTING.get() else {
        return;
    };
    let (done, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        exporting.send();
        let _ = done.send(());
    });
    let _ = waiting.recv_timeout(FLUSH_WITHIN);
}

impl Exporting {
    fn send(&self) {
        // What could not be sent is counted where it is dropped.
        if let Some(spans) = &self.spans {
            let _ = spans.force_flush();
        }
        if let Some(figures) = &self.figures {
            let _ = figures.force_flush();
        }
    }
}
