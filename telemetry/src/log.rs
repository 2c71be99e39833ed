//! Begins and ends it all: logs to stderr, spans and figures to a collector where there is one.

use crate::figures::Figure;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

/// What is started.
#[derive(Debug, Clone)]
pub struct Program {
    /// `service.name` where `OTEL_SERVICE_NAME` says nothing: `aisle-cloud`.
    pub name: String,
    /// `service.version`.
    pub version: &'static str,
    /// Everything that it counts.
    pub figures: &'static [Figure],
}

type Exporting = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// Starts logging to stderr, where `RUST_LOG` says what, by default `info` and worse; and exporting, where the
/// environment names a collector. A second start changes nothing.
pub fn start(program: &Program) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_filter(filter);
    let exporting = exporting(program);
    let started = tracing_subscriber::registry()
        .with(exporting.layer)
        .with(lines)
        .try_init();
    match (started, exporting.trouble) {
        (Err(error), _) => tracing::debug!(%error, "logging had been started before"),
        (Ok(()), Some(trouble)) => {
            tracing::error!(trouble, "traces and figures are not exported");
        }
        (Ok(()), None) => {}
    }
}

struct Begun {
    layer: Option<Exporting>,
    trouble: Option<String>,
}

fn exporting(program: &Program) -> Begun {
    #[cfg(feature = "otlp")]
    let begun = crate::otlp::begin(program, &|name| std::env::var(name).ok());
    #[cfg(not(feature = "otlp"))]
    let begun: Result<Option<Exporting>, String> = {
        let _ = program;
        Ok(None)
    };
    match begun {
        Ok(layer) => Begun {
            layer,
            trouble: None,
        },
        Err(trouble) => Begun {
            layer: None,
            trouble: Some(trouble),
        },
    }
}

/// Sends what waits, for at most two seconds: at the end of an invocation after which the process may be frozen.
pub async fn flush() {
    #[cfg(feature = "otlp")]
    crate::otlp::flush().await;
}

/// Sends what waits, for at most two seconds, blocking: the last thing that a program does.
pub fn finish() {
    #[cfg(feature = "otlp")]
    crate::otlp::finish();
}
