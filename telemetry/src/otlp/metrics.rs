//! Our figures as OpenTelemetry's instruments. Counters and gauges are read when they are sent; only histograms are
//! kept twice.

use crate::figures::{About, Figure, Given, Histogram, Labels};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, Protocol, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};

pub(super) fn begin(
    figures: &'static [Figure],
    resource: &Resource,
) -> Result<SdkMeterProvider, ExporterBuildError> {
    let exporter = MetricExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    let provider = SdkMeterProvider::builder()
        .with_resource(resource.clone())
        .with_reader(PeriodicReader::builder(exporter).build())
        .build();
    let meter = provider.meter("aisle");
    for figure in figures {
        add(&meter, *figure);
    }
    Ok(provider)
}

fn add(meter: &Meter, figure: Figure) {
    match figure {
        Figure::Counter(counter) => {
            let About { name, unit, text } = counter.about;
            let tell = move |observer: &dyn opentelemetry::metrics::AsyncInstrument<u64>| {
                for (labels, value) in counter.read() {
                    observer.observe(value, &attributes(&labels));
                }
            };
            let builder = meter.u64_observable_counter(name).with_unit(unit);
            builder.with_description(text).with_callback(tell).build();
        }
        Figure::Gauge(gauge) => {
            let About { name, unit, text } = gauge.about;
            let tell = move |observer: &dyn opentelemetry::metrics::AsyncInstrument<f64>| {
                for (labels, value) in gauge.read() {
                    observer.observe(value, &attributes(&labels));
                }
            };
            let builder = meter.f64_observable_gauge(name).with_unit(unit);
            builder.with_description(text).with_callback(tell).build();
        }
        Figure::Histogram(histogram) => {
            let About { name, unit, text } = histogram.about;
            let builder = meter.f64_histogram(name).with_unit(unit);
            let builder = builder.with_description(text);
            let bounds = histogram.bounds.to_vec();
            let _ = histogram
                .exported
                .set(builder.with_boundaries(bounds).build());
        }
    }
}

fn attributes(labels: &Labels) -> Vec<KeyValue> {
    let labels = labels.iter();
    labels
        .map(|(name, value)| KeyValue::new(*name, value.clone()))
        .collect()
}

/// One more value, where figures are exported.
pub(crate) fn record(histogram: &Histogram, value: f64, labels: Given<'_>) {
    let Some(exported) = histogram.exported.get() else {
        return;
    };
    let labels = labels.iter();
    let attributes: Vec<KeyValue> = labels
        .map(|(name, value)| KeyValue::new(*name, (*value).to_owned()))
        .collect();
    exported.record(value, &attributes);
}
