//! Figures as Prometheus reads them (text exposition format 0.0.4).

use crate::figures::{About, Distribution, Figure, Labels};
use std::fmt::Write as _;

/// The figures as text. A figure that nothing was counted in yet is named all the same.
#[must_use]
pub fn prometheus(figures: &[Figure]) -> String {
    let mut text = String::new();
    for figure in figures {
        // Writing into a `String` cannot fail.
        let _ = write(&mut text, figure);
    }
    text
}

fn write(text: &mut String, figure: &Figure) -> std::fmt::Result {
    match figure {
        Figure::Counter(counter) => {
            let name = format!("{}_total", name(&counter.about));
            head(text, &name, counter.about.text, "counter")?;
            for (labels, value) in counter.read() {
                writeln!(text, "{name}{} {value}", within(&labels, None))?;
            }
        }
        Figure::Gauge(gauge) => {
            let name = name(&gauge.about);
            head(text, &name, gauge.about.text, "gauge")?;
            for (labels, value) in gauge.read() {
                writeln!(text, "{name}{} {value}", within(&labels, None))?;
            }
        }
        Figure::Histogram(histogram) => {
            let name = name(&histogram.about);
            head(text, &name, histogram.about.text, "histogram")?;
            for (labels, series) in histogram.read() {
                distribution(text, &name, histogram.bounds, &labels, &series)?;
            }
        }
    }
    Ok(())
}

fn head(text: &mut String, name: &str, about: &str, kind: &str) -> std::fmt::Result {
    writeln!(text, "# HELP {name} {about}\n# TYPE {name} {kind}")
}

fn distribution(
    text: &mut String,
    name: &str,
    bounds: &[f64],
    labels: &Labels,
    series: &Distribution,
) -> std::fmt::Result {
    let mut below = 0;
    let ends = bounds
        .iter()
        .map(ToString::to_string)
        .chain(["+Inf".to_owned()]);
    for (end, count) in ends.zip(&series.counts) {
        below += count;
        writeln!(text, "{name}_bucket{} {below}", within(labels, Some(&end)))?;
    }
    let labels = within(labels, None);
    writeln!(text, "{name}_sum{labels} {}", series.sum)?;
    writeln!(text, "{name}_count{labels} {below}")
}

/// `http.server.request.duration` in seconds is `http_server_request_duration_seconds`.
fn name(about: &About) -> String {
    let plain = plain(about.name);
    match about.unit {
        "s" => format!("{plain}_seconds"),
        _ => plain,
    }
}

fn plain(name: &str) -> String {
    name.replace(|char: char| !char.is_ascii_alphanumeric(), "_")
}

fn within(labels: &Labels, below: Option<&str>) -> String {
    let escaped = |value: &str| {
        value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    };
    let labels = labels
        .iter()
        .map(|(name, value)| format!("{}=\"{}\"", plain(name), escaped(value)))
        .chain(below.map(|end| format!("le=\"{end}\"")));
    let labels: Vec<String> = labels.collect();
    match labels.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", labels.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Counter, Gauge, Histogram};

    #[test]
    fn all_kinds_are_written() {
        static EVENTS: Counter = Counter::new("aisle.events", "{event}", "Events");
        static LAG: Gauge = Gauge::new("aisle.lag", "s", "Lag");
        static TIMES: Histogram = Histogram::new("aisle.times", "s", "Times", &[0.5, 1.0]);
        EVENTS.add(2, &[("outcome.kind", "a\"b\n")]);
        LAG.set(1.5, &[]);
        TIMES.record(0.7, &[("route", "/v1")]);
        TIMES.record(9.0, &[("route", "/v1")]);
        let figures = [
            Figure::Counter(&EVENTS),
            Figure::Gauge(&LAG),
            Figure::Histogram(&TIMES),
        ];
        let expected = "\
# HELP aisle_events_total Events
# TYPE aisle_events_total counter
aisle_events_total{outcome_kind=\"a\\\"b\\n\"} 2
# HELP aisle_lag_seconds Lag
# TYPE aisle_lag_seconds gauge
aisle_lag_seconds 1.5
# HELP aisle_times_seconds Times
# TYPE aisle_times_seconds histogram
aisle_times_seconds_bucket{route=\"/v1\",le=\"0.5\"} 0
aisle_times_seconds_bucket{route=\"/v1\",le=\"1\"} 1
aisle_times_seconds_bucket{route=\"/v1\",le=\"+Inf\"} 2
aisle_times_seconds_sum{route=\"/v1\"} 9.7
aisle_times_seconds_count{route=\"/v1\"} 2
";
        assert_eq!(prometheus(&figures), expected);
    }
}
