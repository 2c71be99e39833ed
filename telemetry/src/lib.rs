//! Traces, figures and logs, the same way in every program.
//!
//! Work is a `tracing` span with the target [`SPANS`]; its cause comes over a wire as a
//! [`domain::trace::TraceContext`] and goes on as [`current`]. What happens often is counted in a [`Counter`], a
//! [`Gauge`] or a [`Histogram`]. With the feature `otlp` and `OTEL_EXPORTER_OTLP_ENDPOINT` set, spans and figures go to
//! an OpenTelemetry collector; without either a span costs next to nothing and traces are still passed on.
//!
//! Nothing here waits for a collector or fails because of one, and nothing here knows a person: names of spans and
//! labels of figures are written in the code, never taken from what came in.

mod causes;
mod context;
mod figures;
mod log;
#[cfg(feature = "otlp")]
mod otlp;
mod prometheus;
mod span;
mod start;

pub use causes::Causes;
pub use context::{current, within, within_sync};
pub use figures::{Counter, Figure, Gauge, Given, Histogram, LATENCY_S};
pub use log::{Program, finish, flush, start};
pub use prometheus::prometheus;
pub use span::{SPANS, cause, follow, link, rename};
pub use start::is_cold;

/// Spans and figures that never reached the collector.
pub static DROPPED: Counter = Counter::new(
    "aisle.telemetry.dropped",
    "{item}",
    "Spans that never reached the collector",
);
