//! Codes that are read from one screen and typed on another, and capsules that come picture by picture.

use domain::cart::read_code;
use std::collections::BTreeMap;

/// What a picture of a capsule begins with.
const CAPSULE: &str = "aisle:";
/// Where the address of a handoff has its secret.
const HANDOFF: &str = "/h/";
/// The most pictures that a capsule may have.
const FRAMES_MAX: u32 = 200;

/// A code as it is shown: two groups of four.
#[must_use]
pub fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join("-")
}

/// What a typed text is good for: the code where it is one, else nothing.
#[must_use]
pub fn typed(text: &str) -> Option<String> {
    read_code(text.trim())
}

/// Seconds as minutes and seconds: `1:59`.
#[must_use]
pub fn clock(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// What something that was scanned means for handing carts over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// The QR of a handoff, as it was scanned.
    Handoff(String),
    /// One picture of a capsule.
    Frame(Frame),
}

/// One picture of a capsule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which, from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
    /// As it was scanned.
    pub text: String,
}

impl Scanned {
    /// Reads what a scanner or the camera saw; `None` for anything else.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix(CAPSULE) {
            let (place, _) = rest.split_once(':')?;
            let (index, of) = place.split_once('/')?;
            let (index, of): (u32, u32) = (index.parse().ok()?, of.parse().ok()?);
            let fits = (1..=of).contains(&index) && of <= FRAMES_MAX;
            let text = text.to_owned();
            return fits.then_some(Self::Frame(Frame { index, of, text }));
        }
        let (_, secret) = text.rsplit_once(HANDOFF)?;
        let secret = secret.split(['?', '#']).next().unwrap_or_default();
        let is_secret = secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_secret.then(|| Self::Handoff(text.to_owned()))
    }
}

/// The pictures of a capsule that were seen so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frames {
    of: u32,
    seen: BTreeMap<u32, String>,
}

impl Frames {
    /// One more picture. Of another number of pictures means another capsule: what was seen before goes.
    pub fn see(&mut self, frame: Frame) {
        let another = self
            .seen
            .get(&frame.index)
            .is_some_and(|seen| *seen != frame.text);
        if frame.of != self.of || another {
            self.seen.clear();
            self.of = frame.of;
        }
        self.seen.insert(frame.index, frame.text);
    }

    /// How many of how many; `None` before the first.
    #[must_use]
    pub fn progress(&self) -> Option<(u32, u32)> {
        let seen = u32::try_from(self.seen.len()).unwrap_or(self.of);
        (self.of > 0).then_some((seen, self.of))
    }

    /// All pictures, one in each line, once none is missing.
    #[must_use]
    pub fn whole(&self) -> Option<String> {
        let (seen, of) = self.progress()?;
        let texts: Vec<&str> = self.seen.values().map(String::as_str).collect();
        (seen == of).then(|| texts.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_in_two_groups_and_typed_in_any_way() {
        assert_eq!(grouped("7K3MZP0Q"), "7K3M-ZP0Q");
        assert_eq!(typed(" 7k3m zpoq ").as_deref(), Some("7K3MZP0Q"));
        assert_eq!(typed("7k3m"), None);
        assert_eq!(clock(119), "1:59");
        assert_eq!(clock(5), "0:05");
    }

    #[test]
    fn a_scan_is_a_handoff_a_frame_or_neither() {
        let address = "https://shop.example/h/0123456789abcdef0123456789abcdef";
        assert_eq!(
            Scanned::of(address),
            Some(Scanned::Handoff(address.to_owned()))
        );
        let text = "aisle:2/3:abc".to_owned();
        let frame = Frame {
            index: 2,
            of: 3,
            text,
        };
        assert_eq!(Scanned::of("aisle:2/3:abc"), Some(Scanned::Frame(frame)));
        for other in [
            "9520000000017",
            "aisle:0/3:x",
            "aisle:4/3:x",
            "aisle:1/99999:x",
            "https://shop.example/h/short",
            "",
        ] {
            assert_eq!(Scanned::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_capsule_is_whole_once_every_picture_was_seen() {
        let frame = |index, of, body: &str| Frame {
            index,
            of,
            text: format!("aisle:{index}/{of}:{body}"),
        };
        let mut frames = Frames::default();
        assert_eq!(frames.progress(), None);
        frames.see(frame(2, 2, "b"));
        frames.see(frame(2, 2, "b"));
        assert_eq!((frames.progress(), frames.whole()), (Some((1, 2)), None));
        frames.see(frame(1, 2, "a"));
        assert_eq!(frames.whole().as_deref(), Some("aisle:1/2:a\naisle:2/2:b"));
        frames.see(frame(1, 2, "another"));
        assert_eq!(frames.progress(), Some((1, 2)), "another capsule");
        frames.see(frame(1, 3, "c"));
        assert_eq!(frames.progress(), Some((1, 3)));
    }
}
