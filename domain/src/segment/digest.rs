//! An id for a call that came without one, so that a repeat of it is still recognised.

use super::fields::{Fault, Fields};
use crate::ids::MessageId;
use chrono::{DateTime, Utc};
use std::io::{self, Write};

/// FNV-1a with 128 bits (Fowler, Noll, Vo; RFC 9923). A sender who makes two calls collide loses one of her own.
struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Write for Fnv {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = bytes.iter().fold(self.0, |hash, byte| {
            (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What differs between a call and its repeat says nothing about it.
const NOT_CONTENT: [&str; 3] = ["messageId", "sentAt", "writeKey"];

/// The id of a call's content: `h-` and 32 hexadecimal digits. A call that does not say when it happened counts the
/// minute in which it arrived, so that the same click an hour later is another click.
pub(super) fn message_id(call: Fields<'_>, received_at: DateTime<Utc>) -> Result<MessageId, Fault> {
    let unreadable = |reason: String| call.fault("messageId", reason);
    let mut hash = Fnv::default();
    for (name, value) in call.entries() {
        if !NOT_CONTENT.contains(&name.as_str()) {
            serde_json::to_writer(&mut hash, &(name, value))
                .map_err(|error| unreadable(error.to_string()))?;
        }
    }
    if call.value("timestamp").is_none() {
        let minute = received_at.timestamp().div_euclid(60);
        let _ = hash.write(&minute.to_le_bytes());
    }
    MessageId::parse(format!("h-{:032x}", hash.0)).map_err(|error| unreadable(error.to_string()))
}
