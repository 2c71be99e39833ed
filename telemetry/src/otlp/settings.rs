//! What the standard variables say that the exporters do not read themselves.

use std::time::Duration;

/// What is exported, and how spans are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) spans: bool,
    pub(super) figures: bool,
    pub(super) batches: Batches,
}

/// How spans are gathered (OpenTelemetry's batch span processor).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Batches {
    /// Spans that wait; one that finds no room is dropped.
    pub(super) queue: usize,
    /// Spans in one request.
    pub(super) size: usize,
    /// How long the first of a batch waits for others.
    pub(super) delay: Duration,
}

/// However much the environment asks for.
const MAX_QUEUE: usize = 65_536;

impl Settings {
    /// Reads them. What cannot be read counts as not said.
    pub(super) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let said = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let number = |name: &str| said(name).and_then(|value| value.trim().parse::<u64>().ok());
        let disabled = said("OTEL_SDK_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let goes_to = |endpoint: &str, exporter: &str| {
            let named = said("OTEL_EXPORTER_OTLP_ENDPOINT").or_else(|| said(endpoint));
            named.is_some() && said(exporter).is_none_or(|kind| kind != "none") && !disabled
        };
        let size = |name: &str, default: usize| {
            let said = number(name).and_then(|n| usize::try_from(n).ok());
            said.unwrap_or(default).clamp(1, MAX_QUEUE)
        };
        let queue = size("OTEL_BSP_MAX_QUEUE_SIZE", 2_048);
        Self {
            spans: goes_to("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"),
            figures: goes_to(
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
                "OTEL_METRICS_EXPORTER",
            ),
            batches: Batches {
                queue,
                size: size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512).min(queue),
                delay: Duration::from_millis(number("OTEL_BSP_SCHEDULE_DELAY").unwrap_or(5_000)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Settings {
        Settings::read(&|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_exported_unless_somebody_says_where() {
        let on = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        assert!(!read(&[]).spans && !read(&[]).figures);
        assert!(!read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]).spans);
        assert!(read(&[on]).spans && read(&[on]).figures);
        let traces = read(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://x")]);
        assert!(traces.spans && !traces.figures);
        assert!(!read(&[on, ("OTEL_TRACES_EXPORTER", "none")]).spans);
        assert!(!read(&[on, ("OTEL_SDK_DISABLED", "True")]).figures);
    }

    #[test]
    fn batches_are_bounded_whatever_is_said() {
        let said = read(&[
            ("OTEL_BSP_MAX_QUEUE_SIZE", "99999999"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0"),
            ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
        ]);
        let Batches { queue, size, delay } = said.batches;
        assert_eq!((queue, size), (MAX_QUEUE, 1));
        assert_eq!(delay, Duration::from_secs(5));
    }
}
