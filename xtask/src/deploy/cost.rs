//! What a month costs: quantities that follow from the traffic, times prices from one file.
//!
//! The quantities per request and event are how the functions work, not measurements; an estimate is good for its order.

use clap::Args;
use serde::Deserialize;

/// A month's hours and seconds, as Amazon counts them.
const HOURS: f64 = 730.0;
const SECONDS: f64 = HOURS * 3_600.0;
/// A tablet asks for news for twelve hours of thirty days, and waits three seconds each time.
const POLLS_PER_TABLET: f64 = 12.0 * 30.0 * 3_600.0 / POLL_SECONDS;
const POLL_SECONDS: f64 = 3.0;
/// Memory of a function, GB, and how long an answer takes that waits for nothing, s.
const GB: f64 = 0.5;
const ANSWER_SECONDS: f64 = 0.02;
/// Consumers of the log, and events in a batch of theirs.
const CONSUMERS: f64 = 4.0;
const BATCH: f64 = 20.0;
/// Units of an event: a transaction of claim, event and head, then of each consumer entity, feed entry, head and cursor.
const EVENT_WRITES: f64 = 2.0 * 3.0 + CONSUMERS * 2.0 * 4.0;
const EVENT_READS: f64 = 4.0 + CONSUMERS * 3.0;
/// Units of any other request.
const REQUEST_READS: f64 = 4.0;
const REQUEST_WRITES: f64 = 1.0;
/// Bytes of the log that an event stays, of a record that tells of it, and of a line about a request.
const EVENT_BYTES: f64 = 2_000.0;
const RECORD_BYTES: f64 = 60.0;
const LINE_BYTES: f64 = 200.0;
/// GB of the three functions that are kept warm, two instances each.
const WARM_GB: f64 = 2.0 * (1.0 + 0.5 + 0.5);
const ALARMS: f64 = 35.0;
const MILLION: f64 = 1_000_000.0;
const GIGA: f64 = 1_000_000_000.0;

/// What goes on in a month.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct Traffic {
    /// Requests of shoppers and associates in a month
    #[arg(long, default_value_t = 1_000_000)]
    requests: u64,
    /// Clickstream events in a month
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Stores
    #[arg(long, default_value_t = 3)]
    stores: u64,
    /// Tablets in each store
    #[arg(long, default_value_t = 5)]
    tablets: u64,
}

/// Prices, US dollars.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prices {
    region: String,
    read: String,
    http_api_per_million: f64,
    lambda_requests_per_million: f64,
    lambda_per_gb_second: f64,
    lambda_warm_per_gb_second: f64,
    dynamodb_writes_per_million: f64,
    dynamodb_reads_per_million: f64,
    dynamodb_per_gb_month: f64,
    kinesis_per_stream_hour: f64,
    kinesis_in_per_gb: f64,
    logs_per_gb: f64,
    alarm_month: f64,
    secret_month: f64,
}

/// What each service costs.
#[allow(
    clippy::cast_precision_loss,
    reason = "counts of a month are far below 2^53"
)]
fn parts(traffic: &Traffic, prices: &Prices) -> Vec<(&'static str, f64)> {
    let (requests, events) = (traffic.requests as f64, traffic.events as f64);
    let polls = (traffic.stores * traffic.tablets) as f64 * POLLS_PER_TABLET;
    let asked = requests + events + polls;
    let batches = CONSUMERS * events / BATCH;
    let seconds = (requests + events + batches) * ANSWER_SECONDS + polls * POLL_SECONDS;
    let writes = events * EVENT_WRITES + requests * REQUEST_WRITES;
    let reads = events * EVENT_READS + (requests + polls) * REQUEST_READS;
    vec![
        ("HTTP API", asked / MILLION * prices.http_api_per_million),
        (
            "Lambda",
            (asked + batches) / MILLION * prices.lambda_requests_per_million
                + seconds * GB * prices.lambda_per_gb_second,
        ),
        (
            "Lambda kept warm",
            WARM_GB * SECONDS * prices.lambda_warm_per_gb_second,
        ),
        (
            "DynamoDB",
            writes / MILLION * prices.dynamodb_writes_per_million
                + reads / MILLION * prices.dynamodb_reads_per_million
                + events * EVENT_BYTES / GIGA * prices.dynamodb_per_gb_month,
        ),
        (
            "Kinesis",
            HOURS * prices.kinesis_per_stream_hour
                + events * RECORD_BYTES / GIGA * prices.kinesis_in_per_gb,
        ),
        (
            "Logs, alarms, secret",
            asked * LINE_BYTES / GIGA * prices.logs_per_gb
                + ALARMS * prices.alarm_month
                + prices.secret_month,
        ),
    ]
}

/// The estimate as a table.
pub(crate) fn table(traffic: &Traffic, prices: &Prices) -> String {
    let mut table = format!(
        "A month of {} requests, {} events, {} stores with {} tablets each (prices of {}, read in {}):\n",
        traffic.requests,
        traffic.events,
        traffic.stores,
        traffic.tablets,
        prices.region,
        prices.read
    );
    let parts = parts(traffic, prices);
    for (name, dollars) in &parts {
        table.push_str(&format!("{name:<22} {dollars:>10.2} USD\n"));
    }
    let sum: f64 = parts.iter().map(|(_, dollars)| dollars).sum();
    table.push_str(&format!("{:<22} {sum:>10.2} USD\n", "in all, about"));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        let file = crate::paths::root().join("deploy/aws/prices.toml");
        toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn of(requests: u64, events: u64, tablets: u64) -> Vec<(&'static str, String)> {
        let traffic = Traffic {
            requests,
            events,
            stores: 1,
            tablets,
        };
        let parts = parts(&traffic, &prices()).into_iter();
        parts
            .map(|(name, usd)| (name, format!("{usd:.2}")))
            .collect()
    }

    /// Reckoned by hand.
    #[test]
    fn a_month_of_nothing_costs_what_stands_ready() {
        let expected = [
            ("HTTP API", "0.00"),
            ("Lambda", "0.00"),
            // 4 GB x 2,628,000 s x 0.0000041667
            ("Lambda kept warm", "43.80"),
            ("DynamoDB", "0.00"),
            // 730 h x 0.04
            ("Kinesis", "29.20"),
            // 35 x 0.10 + 0.40
            ("Logs, alarms, secret", "3.90"),
        ];
        assert_eq!(
            of(0, 0, 0),
            expected.map(|(name, usd)| (name, usd.to_owned()))
        );
    }

    /// Reckoned by hand.
    #[test]
    fn traffic_is_charged_by_the_piece() {
        let parts = of(0, 1_000_000, 0);
        // 38 M writes x 0.625 + 16 M reads x 0.125 + 2 GB x 0.25
        assert_eq!(parts[3].1, "26.25");
        // 1.2 M x 0.20 / M + 1.2 M x 0.02 s x 0.5 GB x 0.0000166667
        assert_eq!(parts[1].1, "0.44");
        let parts = of(0, 0, 1);
        // 432,000 polls x 3 s x 0.5 GB x 0.0000166667 + 0.432 M x 0.20
        assert_eq!(parts[1].1, "10.89");
        assert_eq!(parts[0].1, "0.43");
    }
}
