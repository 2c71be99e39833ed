//! When something happened, by the clock of whoever received it.

use super::Reception;
use super::fields::{Fault, Fields};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

/// What is said to be older than this is a wrong clock, not history.
const MAX_AGE_DAYS: i64 = 3_653;
/// Numbers from here on are milliseconds since 1970, below seconds.
const FIRST_MILLIS: i64 = 100_000_000_000;

/// `received - (sentAt - timestamp)`: the sender's clock may be wrong, the time that it measured between the two is not
/// (segment.com/docs/connections/spec/common). What comes out in the future or absurdly old is the arrival instead.
pub(super) fn corrected(call: Fields<'_>, reception: Reception) -> Result<DateTime<Utc>, Fault> {
    let received = reception.received_at;
    let Some(said) = said(call)? else {
        return Ok(received);
    };
    let sent = call.value("sentAt").and_then(read).or(reception.sent_at);
    let at = match sent {
        Some(sent) => received.checked_sub_signed(sent - said),
        None => Some(said),
    };
    let oldest = received - TimeDelta::days(MAX_AGE_DAYS);
    Ok(at
        .filter(|at| (oldest..=received).contains(at))
        .unwrap_or(received))
}

fn said(call: Fields<'_>) -> Result<Option<DateTime<Utc>>, Fault> {
    for name in ["timestamp", "originalTimestamp"] {
        if let Some(value) = call.value(name) {
            let said = read(value);
            return match said {
                Some(_) => Ok(said),
                None => Err(call.fault(name, "is not an instant of RFC 3339")),
            };
        }
    }
    Ok(None)
}

/// Reads RFC 3339 and what senders take for it: a blank for the `T`, an offset without a colon or none at all (then it
/// is UTC), a date alone, and numbers of seconds or milliseconds since 1970.
pub(super) fn read(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => read_text(text.trim()),
        Value::Number(number) => read_number(number.as_i64()?),
        _ => None,
    }
}

fn read_number(number: i64) -> Option<DateTime<Utc>> {
    if number < FIRST_MILLIS {
        DateTime::from_timestamp(number, 0)
    } else {
        DateTime::from_timestamp_millis(number)
    }
}

fn read_text(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"] {
        if let Ok(instant) = DateTime::parse_from_str(text, format) {
            return Some(instant.to_utc());
        }
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
        if let Ok(instant) = NaiveDateTime::parse_from_str(text, format) {
            return Some(instant.and_utc());
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_time(NaiveTime::MIN).and_utc())
}
