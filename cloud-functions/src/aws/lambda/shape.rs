//! What an event is, by its shape: Lambda does not say who sent it.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The most records in one batch: what a stream may be told to send.
const MAX_RECORDS: usize = 10_000;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A request of an HTTP API, payload format 2.0.
    Http,
    /// A rule of EventBridge whose time has come.
    Schedule,
    /// A batch of a stream.
    Stream(Vec<Record>),
}

/// A record of a stream: that there is something in a lane, up to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// What the stream calls it.
    pub(super) identifier: String,
    /// Where the event is in the log; `None` where the record is about something else.
    pub(super) event: Option<Place>,
}

/// An event's place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) lane: u64,
    pub(super) sequence: u64,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    version: Option<String>,
    #[serde(default, rename = "requestContext")]
    request_context: Option<IgnoredAny>,
    #[serde(default, rename = "detail-type")]
    detail_type: Option<String>,
    #[serde(default, rename = "Records")]
    records: Option<Vec<Source>>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "eventSource")]
    event_source: String,
    #[serde(default)]
    kinesis: Option<Kinesis>,
    #[serde(default)]
    dynamodb: Option<Change>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinesis {
    sequence_number: String,
    data: String,
}

/// What changed in a table; the stream shows keys at least.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

/// What an event is; `None` where it is nothing that a function takes.
pub(super) fn recognise(event: &str) -> Option<Shape> {
    let envelope: Envelope = serde_json::from_str(event).ok()?;
    if let Some(records) = envelope.records {
        if records.is_empty() || records.len() > MAX_RECORDS {
            return None;
        }
        let records: Option<Vec<Record>> = records.into_iter().map(Source::record).collect();
        return records.map(Shape::Stream);
    }
    if envelope.request_context.is_some() {
        return (envelope.version.as_deref() == Some("2.0")).then_some(Shape::Http);
    }
    (envelope.detail_type.as_deref() == Some("Scheduled Event")).then_some(Shape::Schedule)
}

impl Source {
    fn record(self) -> Option<Record> {
        match (self.event_source.as_str(), self.kinesis, self.dynamodb) {
            ("aws:kinesis", Some(record), _) => Some(Record {
                event: told_by(&record.data),
                identifier: record.sequence_number,
            }),
            ("aws:dynamodb", _, Some(change)) => Some(Record {
                event: kept_at(&change.keys.pk.text, &change.keys.sk.text),
                identifier: change.sequence_number,
            }),
            _ => None,
        }
    }
}

/// The place that an event tells of itself, as Kinesis carries it.
fn told_by(data: &str) -> Option<Place> {
    use base64::Engine as _;
    #[derive(Deserialize)]
    struct Told {
        sequence: String,
        #[serde(default)]
        lane: String,
    }
    let event = base64::engine::general_purpose::STANDARD
        .decode(data)
        .ok()?;
    let told: Told = serde_json::from_slice(&event).ok()?;
    Some(Place {
        lane: told.lane.parse().unwrap_or(0),
        sequence: told.sequence.parse().ok()?,
    })
}

/// The place of an event that was written to the table's log.
fn kept_at(partition: &str, sort: &str) -> Option<Place> {
    Some(Place {
        lane: partition.strip_prefix("Q#")?.parse().ok()?,
        sequence: sort.strip_prefix("E#")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use serde_json::json;

    fn place(lane: u64, sequence: u64) -> Option<Place> {
        Some(Place { lane, sequence })
    }

    #[test]
    fn requests_and_schedules_are_told_apart_from_anything_else() {
        let http = json!({"version": "2.0", "requestContext": {"http": {}}}).to_string();
        assert_eq!(recognise(&http), Some(Shape::Http));
        let rule =
            json!({"version": "0", "detail-type": "Scheduled Event", "source": "aws.events"});
        assert_eq!(recognise(&rule.to_string()), Some(Shape::Schedule));
        let old = json!({"version": "1.0", "requestContext": {}}).to_string();
        let many = json!({"Records": vec![json!({"eventSource": "aws:kinesis"}); 10_001]});
        for other in [
            "{}",
            "[]",
            "3",
            "nonsense",
            &old,
            r#"{"Records":[]}"#,
            &many.to_string(),
        ] {
            assert_eq!(recognise(other), None, "{other:.80}");
        }
        let mail = json!({"Records": [{"eventSource": "aws:ses"}]}).to_string();
        assert_eq!(recognise(&mail), None);
    }

    #[test]
    fn records_of_both_streams_say_where_in_the_log() {
        let event = json!({"id": "e", "sequence": "41", "lane": "3"}).to_string();
        let data = base64::engine::general_purpose::STANDARD.encode(event);
        let kinesis = |data: &str| {
            let record = json!({"sequenceNumber": "49590", "data": data, "partitionKey": "3"});
            let batch = json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": record}]});
            recognise(&batch.to_string())
        };
        let identifier = "49590".to_owned();
        let event = place(3, 41);
        assert_eq!(
            kinesis(&data),
            Some(Shape::Stream(vec![Record { identifier, event }]))
        );
        let Some(Shape::Stream(odd)) = kinesis("bm90IEpTT04=") else {
            panic!("not a batch");
        };
        assert_eq!(odd[0].event, None);
        let change = |pk: &str, sk: &str| {
            let keys = json!({"pk": {"S": pk}, "sk": {"S": sk}});
            let change = json!({"SequenceNumber": "7", "Keys": keys});
            let batch = json!({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": change}]});
            match recognise(&batch.to_string()) {
                Some(Shape::Stream(records)) => records[0].event,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(change("Q#3", "E#00000000000000000041"), place(3, 41));
        assert_eq!(change("Q#3", "HEAD"), None);
        assert_eq!(change("E#customer#1", "V"), None);
    }
}
