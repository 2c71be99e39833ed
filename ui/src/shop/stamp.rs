//! Who does something, when, and under which ids: everything that a command needs and that is not hers to say.

use crate::backend::clock;
use chrono::{DateTime, Utc};
use domain::cart::{Author, Channel};
use domain::ids::{CartId, CommandId, DeviceId, IdError, LineId};
use std::fmt::Write;

/// What this browser is called before the cloud gave it a name. It is never sent: see `Basket::adopt`.
const UNNAMED: &str = "this-browser";

/// Made for one command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stamp {
    /// The command's id.
    pub(crate) command: CommandId,
    /// The line's, where it adds one.
    pub(crate) line: LineId,
    /// The cart's, where it begins one.
    pub(crate) cart: CartId,
    /// Who.
    pub(crate) by: Author,
    /// When, by the clock here.
    pub(crate) at: DateTime<Utc>,
}

impl Stamp {
    /// A stamp of this moment. `None` never comes: a UUID is an id.
    pub(crate) fn now(device: Option<&DeviceId>, channel: Channel) -> Option<Self> {
        Self::made(clock::now(), device, channel, clock::random_bits).ok()
    }

    fn made(
        at: DateTime<Utc>,
        device: Option<&DeviceId>,
        channel: Channel,
        random: impl Fn() -> [u8; 16],
    ) -> Result<Self, IdError> {
        let device = device
            .cloned()
            .map_or_else(|| DeviceId::parse(UNNAMED), Ok)?;
        Ok(Self {
            command: CommandId::parse(uuid7(at, random()))?,
            line: LineId::parse(uuid7(at, random()))?,
            cart: CartId::parse(uuid7(at, random()))?,
            by: Author {
                channel,
                device,
                associate: None,
            },
            at,
        })
    }
}

/// An id that a retry of something repeats.
pub(crate) fn new_command() -> Option<CommandId> {
    CommandId::parse(uuid7(clock::now(), clock::random_bits())).ok()
}

/// A UUID of version 7 (RFC 9562): the milliseconds of `at`, then random bits.
fn uuid7(at: DateTime<Utc>, mut bits: [u8; 16]) -> String {
    let ms = u64::try_from(at.timestamp_millis())
        .unwrap_or(0)
        .to_be_bytes();
    bits.iter_mut()
        .zip(ms.iter().skip(2))
        .for_each(|(to, from)| *to = *from);
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bits;
    *version = *version & 0x0f | 0x70;
    *variant = *variant & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bits.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Stamps that count, for tests.
#[cfg(test)]
pub(crate) fn counted(n: u8) -> Stamp {
    let at = "2026-05-17T10:00:00Z".parse().unwrap();
    let device = DeviceId::parse("d-1").unwrap();
    let count = std::cell::Cell::new(n.wrapping_mul(4));
    let random = || {
        count.set(count.get() + 1);
        [count.get(); 16]
    };
    Stamp::made(at, Some(&device), Channel::Phone, random).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_begins_with_its_time() {
        let at = DateTime::from_timestamp_millis(0x0123_4567_89ab).unwrap();
        assert_eq!(
            uuid7(at, [0xff; 16]),
            "01234567-89ab-7fff-bfff-ffffffffffff"
        );
        assert_eq!(uuid7(at, [0; 16]), "01234567-89ab-7000-8000-000000000000");
    }

    #[test]
    fn a_stamp_has_three_ids() {
        let stamp = counted(1);
        assert_ne!(stamp.command.as_str(), stamp.line.as_str());
        assert_ne!(stamp.line.as_str(), stamp.cart.as_str());
        assert_ne!(counted(2).command, stamp.command);
    }
}
