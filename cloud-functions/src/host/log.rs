//! Logs go to stderr: stdout belongs to what a program answers. Traces and figures go to a collector, where the
//! environment names one and the feature `otlp` is built.

use crate::telemetry::figures;
use telemetry::Program;

/// Starts logging and exporting; `RUST_LOG` says what is logged, by default `info` and worse.
pub fn start() {
    telemetry::start(&Program {
        name: name(),
        version: env!("CARGO_PKG_VERSION"),
        figures: figures::ALL,
    });
}

/// Exports what waits, for a moment: the last thing that a program does.
pub fn finish() {
    telemetry::finish();
}

/// What the program is called.
fn name() -> String {
    let path = std::env::args_os().next().map(std::path::PathBuf::from);
    let stem = path.as_deref().and_then(std::path::Path::file_stem);
    stem.map_or_else(
        || "aisle".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}
