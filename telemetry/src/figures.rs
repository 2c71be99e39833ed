//! Figures that a process counts: each a `static`, each with labels that the code names.
//!
//! A figure has at most [`MAX_SERIES`] combinations of labels; what would be one more is counted under none, so that no
//! sender can fill the memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most combinations of labels of one figure.
pub(crate) const MAX_SERIES: usize = 1_000;
/// Upper bounds of latencies, in seconds (OpenTelemetry's for HTTP).
pub const LATENCY_S: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Names and values of labels, sorted by who writes the code.
pub(crate) type Labels = Vec<(&'static str, String)>;
/// Labels as they are given.
pub type Given<'a> = &'a [(&'static str, &'a str)];

/// What a figure is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    /// By OpenTelemetry's conventions: `aisle.events.appended`.
    pub(crate) name: &'static str,
    /// In UCUM: `s`, `{event}`.
    pub(crate) unit: &'static str,
    pub(crate) text: &'static str,
}

/// Any figure, as those see it that export it.
#[derive(Debug, Clone, Copy)]
pub enum Figure {
    /// Only grows.
    Counter(&'static Counter),
    /// Goes up and down.
    Gauge(&'static Gauge),
    /// A distribution.
    Histogram(&'static Histogram),
}

/// How often something happened.
#[derive(Debug)]
pub struct Counter {
    pub(crate) about: About,
    series: Series<u64>,
}

/// How much of something there is.
#[derive(Debug)]
pub struct Gauge {
    pub(crate) about: About,
    series: Series<f64>,
}

/// How something is distributed.
#[derive(Debug)]
pub struct Histogram {
    pub(crate) about: About,
    pub(crate) bounds: &'static [f64],
    series: Series<Distribution>,
    #[cfg(feature = "otlp")]
    pub(crate) exported: std::sync::OnceLock<opentelemetry::metrics::Histogram<f64>>,
}

/// One series of a histogram.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distribution {
    /// How many were at or below each bound and above the one before; the last are above all.
    pub(crate) counts: Vec<u64>,
    pub(crate) sum: f64,
}

#[derive(Debug)]
struct Series<T>(Mutex<BTreeMap<Labels, T>>);

impl<T: Default + Clone> Series<T> {
    const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Labels, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, labels: Given<'_>, change: impl FnOnce(&mut T)) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).into()));
        let labels: Labels = labels.collect();
        let mut series = self.lock();
        if series.len() >= MAX_SERIES && !series.contains_key(&labels) {
            return change(series.entry(Labels::new()).or_default());
        }
        change(series.entry(labels).or_default());
    }

    fn read(&self) -> Vec<(Labels, T)> {
        let series = self.lock();
        series
            .iter()
            .map(|(labels, value)| (labels.clone(), value.clone()))
            .collect()
    }
}

impl Counter {
    /// A figure with a name, a unit and a sentence.
    #[must_use]
    pub const fn new(name: &'static str, unit: &'static str, text: &'static str) -> Self {
        Self {
            about: About { name, unit, text },
            series: Series::new(),
        }
    }

    /// It happened so often.
    pub fn add(&self, times: u64, labels: Given<'_>) {
        if times > 0 {
            self.series
                .change(labels, |value| *value = value.saturating_add(times));
        }
    }

    /// How often in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.read().iter().map(|(_, value)| value).sum()
    }

    pub(crate) fn read(&self) -> Vec<(Labels, u64)> {
        self.series.read()
    }
}

impl Gauge {
    /// A figure with a name, a unit and a sentence.
    #[must_use]
    pub const fn new(name: &'static str, unit: &'static str, text: &'static str) -> Self {
        Self {
            about: About { name, unit, text },
            series: Series::new(),
        }
    }

    /// There is so much now.
    pub fn set(&self, now: f64, labels: Given<'_>) {
        self.series.change(labels, |value| *value = now);
    }

    pub(crate) fn read(&self) -> Vec<(Labels, f64)> {
        self.series.read()
    }
}

impl Histogram {
    /// A figure with a name, a unit, a sentence and the upper bounds of its classes.
    #[must_use]
    pub const fn new(
        name: &'static str,
        unit: &'static str,
        text: &'static str,
        bounds: &'static [f64],
    ) -> Self {
        Self {
            about: About { name, unit, text },
            bounds,
            series: Series::new(),
            #[cfg(feature = "otlp")]
            exported: std::sync::OnceLock::new(),
        }
    }

    /// One more.
    pub fn record(&self, value: f64, labels: Given<'_>) {
        let class = self.bounds.partition_point(|bound| *bound < value);
        self.series.change(labels, |series| {
            series.counts.resize(self.bounds.len() + 1, 0);
            if let Some(count) = series.counts.get_mut(class) {
                *count += 1;
            }
            series.sum += value;
        });
        #[cfg(feature = "otlp")]
        crate::otlp::metrics::record(self, value, labels);
    }

    pub(crate) fn read(&self) -> Vec<(Labels, Distribution)> {
        self.series.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_by_label() {
        static EVENTS: Counter = Counter::new("events", "{event}", "Events");
        EVENTS.add(2, &[("outcome", "new")]);
        EVENTS.add(3, &[("outcome", "new")]);
        EVENTS.add(1, &[("outcome", "old")]);
        EVENTS.add(0, &[("outcome", "never")]);
        let label = |value: &str| vec![("outcome", value.to_owned())];
        assert_eq!(EVENTS.read(), [(label("new"), 5), (label("old"), 1)]);
        assert_eq!(EVENTS.total(), 6);
    }

    #[test]
    fn there_is_an_end_to_labels() {
        static MANY: Counter = Counter::new("many", "1", "Many");
        for label in 0..MAX_SERIES + 50 {
            MANY.add(1, &[("label", &label.to_string())]);
        }
        let read = MANY.read();
        assert_eq!(read.len(), MAX_SERIES + 1);
        assert_eq!(read[0], (Vec::new(), 50), "nothing is lost");
        assert_eq!(MANY.total(), MAX_SERIES as u64 + 50);
    }

    #[test]
    fn a_value_falls_into_the_first_class_that_holds_it() {
        static TIMES: Histogram = Histogram::new("times", "s", "Times", &[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 3.0] {
            TIMES.record(value, &[]);
        }
        let read = TIMES.read();
        assert_eq!(read[0].1.counts, [2, 1, 1]);
        assert!((read[0].1.sum - 6.0).abs() < 1e-9);
    }
}
