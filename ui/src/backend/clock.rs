//! The browser's clock and randomness: the one place that reads them.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the clock and the randomness that everything else takes as a parameter"
)]

use chrono::{DateTime, FixedOffset, Utc};

/// Now, by the clock of this device, to the millisecond.
#[must_use]
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
}

/// How far the wall clock here is from UTC at this moment.
#[must_use]
pub fn here() -> FixedOffset {
    offset_at(now())
}

/// What the wall clock here says at an instant: `14:05`.
#[must_use]
pub fn time_of_day(at: DateTime<Utc>) -> String {
    at.with_timezone(&here()).format("%H:%M").to_string()
}

/// How far the wall clock here was from UTC at an instant: summers differ from winters.
#[must_use]
pub fn offset_at(at: DateTime<Utc>) -> FixedOffset {
    let at_ms = at.timestamp_millis() as f64;
    let minutes = js_sys::Date::new(&at_ms.into()).get_timezone_offset();
    let east_s = (-minutes * 60.0) as i32;
    FixedOffset::east_opt(east_s).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// 128 random bits; the browser's best.
#[must_use]
pub fn random_bits() -> [u8; 16] {
    let mut bits = [0; 16];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    if let Some(crypto) = crypto {
        let _ = crypto.get_random_values_with_u8_array(&mut bits);
    }
    bits
}
