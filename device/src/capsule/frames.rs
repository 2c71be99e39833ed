//! A signed capsule as texts of QRs: `aisle:<i>/<n>:<a piece of base64url of zstd of its JSON>`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::cart::SignedCapsule;
use std::collections::BTreeMap;
use std::io::Read as _;

/// What each QR of a capsule begins with.
pub(crate) const PREFIX: &str = "aisle:";
/// Characters of a piece: with what stands before it, a QR that a camera reads at arm's length.
const PIECE_CHARS: usize = 780;
/// The most QRs of a capsule.
const MAX_FRAMES: usize = 99;
/// The most bytes of a capsule as JSON.
const MAX_BYTES: u64 = 512 << 10;
/// Memory that a sender may make us keep to decompress: 2 to this power bytes.
const WINDOW_LOG_MAX: u32 = 20;
/// How hard: it is small, and each byte is a darker QR.
const ZSTD_LEVEL: i32 = 19;

/// Why texts are no capsule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// Larger than QRs can carry.
    #[error("this is too much for QR codes: it needs the network")]
    TooLarge,
    /// One was not scanned yet.
    #[error("the code {missing} of {total} is missing")]
    Missing {
        /// Which.
        missing: usize,
        /// How many there are.
        total: usize,
    },
    /// Of two capsules, or not of one.
    #[error("these codes do not belong together")]
    Mixed,
    /// A text that no device of ours made.
    #[error("this is not a code of a cart")]
    Unreadable,
}

/// The texts of the QRs, to be scanned in any order.
pub(crate) fn to_frames(signed: &SignedCapsule) -> Result<Vec<String>, FrameError> {
    let json = serde_json::to_vec(signed).map_err(|_| FrameError::Unreadable)?;
    let packed = zstd::bulk::compress(&json, ZSTD_LEVEL).map_err(|_| FrameError::TooLarge)?;
    let text = to_base64(&packed);
    let pieces: Vec<&str> = text
        .as_bytes()
        .chunks(PIECE_CHARS)
        .flat_map(std::str::from_utf8)
        .collect();
    let total = pieces.len();
    if total > MAX_FRAMES {
        return Err(FrameError::TooLarge);
    }
    let frame = |(place, piece): (usize, &&str)| format!("{PREFIX}{}/{total}:{piece}", place + 1);
    Ok(pieces.iter().enumerate().map(frame).collect())
}

/// The capsule of these texts, one in each line, in any order and more than once.
pub(crate) fn from_frames(text: &str) -> Result<SignedCapsule, FrameError> {
    let mut pieces: BTreeMap<usize, &str> = BTreeMap::new();
    let mut total = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (place, of, piece) = read_frame(line).ok_or(FrameError::Unreadable)?;
        let known = *total.get_or_insert(of);
        let other = pieces.insert(place, piece);
        if known != of || other.is_some_and(|other| other != piece) {
            return Err(FrameError::Mixed);
        }
    }
    let total = total.ok_or(FrameError::Unreadable)?;
    if let Some(missing) = (1..=total).find(|place| !pieces.contains_key(place)) {
        return Err(FrameError::Missing { missing, total });
    }
    let text: String = pieces.into_values().collect();
    let packed = from_base64(&text).ok_or(FrameError::Mixed)?;
    let json = unpack(&packed).ok_or(FrameError::Mixed)?;
    serde_json::from_slice(&json).map_err(|_| FrameError::Unreadable)
}

fn read_frame(line: &str) -> Option<(usize, usize, &str)> {
    let (place, piece) = line.strip_prefix(PREFIX)?.split_once(':')?;
    let (place, of) = place.split_once('/')?;
    let (place, of): (usize, usize) = (place.parse().ok()?, of.parse().ok()?);
    let fits = (1..=of).contains(&place) && of <= MAX_FRAMES && piece.len() <= PIECE_CHARS;
    fits.then_some((place, of, piece))
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).ok()?;
    decoder.window_log_max(WINDOW_LOG_MAX).ok()?;
    let mut json = Vec::new();
    decoder.take(MAX_BYTES + 1).read_to_end(&mut json).ok()?;
    (json.len() as u64 <= MAX_BYTES).then_some(json)
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Signer, verify};
    use super::*;
    use domain::cart::{Action, Author, Capsule, CartCommand, Channel, Opening};
    use domain::ids::{CartId, CommandId, DeviceId, LineId, StoreId};

    fn signed(commands: usize) -> SignedCapsule {
        let device = DeviceId::parse("d-1").unwrap();
        let by = Author {
            channel: Channel::Tablet,
            device: device.clone(),
            associate: None,
        };
        let command = |n: usize| CartCommand {
            id: CommandId::derived("command", &[&n.to_string()]),
            by: by.clone(),
            issued_at_device: "2026-05-17T10:00:00Z".parse().unwrap(),
            action: Action::NoteLine {
                line_id: LineId::derived("line", &[&n.to_string()]),
                text: "a gift".into(),
            },
        };
        let capsule = Capsule {
            opening: Opening {
                id: CartId::parse("k-1").unwrap(),
                store: StoreId::parse("1").unwrap(),
                currency: "EUR".parse().unwrap(),
                customer: None,
            },
            generation: 1,
            issuer: device,
            fence: 0,
            made_at_device: "2026-05-17T10:00:00Z".parse().unwrap(),
            commands: (0..commands).map(command).collect(),
        };
        Signer::from_seed(&[7; 32]).unwrap().sign(capsule)
    }

    #[test]
    fn frames_are_small_and_read_in_any_order() {
        let signed = signed(100);
        let mut frames = to_frames(&signed).unwrap();
        assert!(frames.len() > 1 && frames.len() <= 20, "{}", frames.len());
        assert!(frames.iter().all(|frame| frame.len() <= 800));
        frames.reverse();
        frames.push(frames[0].clone());
        assert_eq!(from_frames(&frames.join("\r\n")), Ok(signed));
    }

    #[test]
    fn what_is_missing_or_mixed_is_said() {
        let mut frames = to_frames(&signed(100)).unwrap();
        let total = frames.len();
        let last = frames.pop().unwrap();
        let missing = FrameError::Missing {
            missing: total,
            total,
        };
        assert_eq!(from_frames(&frames.join("\n")), Err(missing));
        let other = to_frames(&signed(99)).unwrap();
        frames.push(other[0].clone());
        frames.push(last);
        assert_eq!(from_frames(&frames.join("\n")), Err(FrameError::Mixed));
        for text in ["", "aisle:", "aisle:0/1:x", "aisle:1/999:x", "hello"] {
            assert_eq!(from_frames(text), Err(FrameError::Unreadable), "{text}");
        }
        assert_eq!(from_frames("aisle:1/1:####"), Err(FrameError::Mixed));
    }

    #[test]
    fn a_signature_is_of_its_capsule_and_key_alone() {
        let signed = signed(2);
        let mine = Signer::from_seed(&[7; 32]).unwrap().public_key();
        assert!(verify(&signed, &mine));
        let another = Signer::from_seed(&[8; 32]).unwrap().public_key();
        assert!(!verify(&signed, &another));
        let mut forged = signed;
        forged.capsule.commands.pop();
        assert!(!verify(&forged, &mine));
        assert!(!verify(&forged, "no key"));
    }
}
