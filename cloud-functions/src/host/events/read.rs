//! The forms in which CloudEvents come: a batch, one by itself in the structured or the binary mode (CloudEvents 1.0,
//! HTTP protocol binding), one in a push of Google's Pub/Sub, and Azure's envelope of a custom handler.

use crate::http::ApiError;
use crate::ports::events::{CloudEvent, Delivery, MAX_DELIVERIES};
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The media type of a batch (CloudEvents 1.0, JSON event format, section 4).
const BATCH: &str = "application/cloudevents-batch+json";
const STRUCTURED: &str = "application/cloudevents+json";
const JSON: &str = "application/json";
/// How attributes of the binary mode begin.
const BINARY: &str = "ce-";
/// The attributes that events of ours have; others are passed over.
const ATTRIBUTES: [&str; 8] = [
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "partitionkey",
    "traceparent",
    "sequence",
];

/// What kind of answer is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What to deliver again.
    Batch,
    /// Whether it was taken, by the status.
    One,
    /// Azure's: what goes to its outputs, of which there are none.
    Envelope,
}

/// A push of Pub/Sub.
#[derive(Deserialize)]
struct Push {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    data: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

/// What the host of Azure Functions sends to a custom handler for a trigger that is no request.
#[derive(Deserialize)]
struct Envelope {
    /// By the name of the binding: JSON, or a text that is JSON.
    #[serde(rename = "Data")]
    data: BTreeMap<String, Value>,
}

/// Reads what came.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<(Form, Vec<Delivery>), ApiError> {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next());
    let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        BATCH => Ok((Form::Batch, batch(body)?)),
        STRUCTURED => Ok((Form::One, vec![delivery("", 0, raw(body)?)?])),
        JSON if headers.contains_key("ce-specversion") => {
            let attribute = |name: &str| {
                let value = headers.get(format!("{BINARY}{name}"))?;
                value.to_str().ok().map(decoded)
            };
            Ok((Form::One, vec![binary("", &attribute, body)?]))
        }
        JSON => wrapped(body),
        _ => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            &format!("Send {BATCH}, {STRUCTURED}, or {JSON} with attributes in {BINARY} headers"),
        )),
    }
}

fn batch(body: &[u8]) -> Result<Vec<Delivery>, ApiError> {
    let events: Vec<&RawValue> = serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid("", format!("is not a JSON array: {error}")))?;
    check_length(events.len())?;
    let events = events.into_iter().enumerate();
    events
        .map(|(index, event)| delivery(&format!("/{index}"), index, event))
        .collect()
}

fn check_length(events: usize) -> Result<(), ApiError> {
    if events > MAX_DELIVERIES {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        let title = format!("A batch has at most {MAX_DELIVERIES} events");
        return Err(ApiError::new(status, "too-much", &title));
    }
    Ok(())
}

/// JSON that is no event by itself: a push of Pub/Sub, or Azure's envelope.
fn wrapped(body: &[u8]) -> Result<(Form, Vec<Delivery>), ApiError> {
    if let Ok(push) = serde_json::from_slice::<Push>(body) {
        return Ok((Form::One, vec![pushed(&push.message)?]));
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| {
        let detail = "is neither a push of Pub/Sub with a message nor an envelope with Data";
        ApiError::invalid("", detail)
    })?;
    let [(binding, value)]: [(String, Value); 1] = envelope
        .data
        .into_iter()
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| ApiError::invalid("/Data", "has one binding"))?;
    Ok((Form::Envelope, enveloped(&binding, value)?))
}

fn pushed(message: &Message) -> Result<Delivery, ApiError> {
    let data = base64::engine::general_purpose::STANDARD.decode(&message.data);
    let data = data.map_err(|error| ApiError::invalid("/message/data", error.to_string()))?;
    if message.attributes.contains_key("ce-specversion") {
        let attribute = |name: &str| message.attributes.get(&format!("{BINARY}{name}")).cloned();
        return binary("/message/attributes", &attribute, &data);
    }
    delivery("/message/data", 0, raw(&data)?)
}

/// One event or a list of them, as JSON or as a text that is JSON: hosts of Azure differ by trigger.
fn enveloped(binding: &str, mut value: Value) -> Result<Vec<Delivery>, ApiError> {
    let pointer = format!("/Data/{binding}");
    let invalid = |error: serde_json::Error| ApiError::invalid(&pointer, error.to_string());
    for _ in 0..2 {
        let Value::String(text) = &value else { break };
        value = serde_json::from_str(text).map_err(invalid)?;
    }
    let events = match value {
        Value::Array(events) => events,
        event => vec![event],
    };
    check_length(events.len())?;
    let events = events.iter().enumerate();
    let read = |(index, event): (usize, &Value)| {
        let event = match event {
            Value::String(text) => text.clone(),
            event => event.to_string(),
        };
        delivery(&pointer, index, raw(event.as_bytes())?)
    };
    events.map(read).collect()
}

fn raw(body: &[u8]) -> Result<&RawValue, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid("", format!("is not JSON: {error}")))
}

/// An event whose attributes lie beside its data.
fn binary(
    pointer: &str,
    attribute: &dyn Fn(&str) -> Option<String>,
    data: &[u8],
) -> Result<Delivery, ApiError> {
    let mut event = Map::new();
    for name in ATTRIBUTES {
        if let Some(value) = attribute(name) {
            event.insert(name.to_owned(), value.into());
        }
    }
    let data: Value = serde_json::from_slice(data)
        .map_err(|error| ApiError::invalid("/data", error.to_string()))?;
    event.insert("data".to_owned(), data);
    let event = Value::Object(event).to_string();
    delivery(pointer, 0, raw(event.as_bytes())?)
}

/// The extension attribute that names an event's place in its log (CloudEvents, sequence extension).
#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    sequence: Option<String>,
}

fn delivery(pointer: &str, index: usize, raw: &RawValue) -> Result<Delivery, ApiError> {
    let invalid = |error: serde_json::Error| ApiError::invalid(pointer, error.to_string());
    let event: CloudEvent = serde_json::from_str(raw.get()).map_err(invalid)?;
    let place: Place = serde_json::from_str(raw.get()).map_err(invalid)?;
    let place = place.sequence.and_then(|text| text.parse().ok());
    Ok(Delivery {
        sequence: place.unwrap_or(index as u64 + 1),
        replayed: false,
        event,
    })
}

/// A header's value as it was meant: what a header cannot hold is percent-encoded (HTTP protocol binding, 3.1.3.2).
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code =
            code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
