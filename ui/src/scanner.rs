//! Tells a bar code scanner, which types like a keyboard, from a person: by the time between keys.
//!
//! Every key is held until the next one, or until [`Scanner::gap_ms`] have passed without one. What then turns out to be
//! typed is given back to the field that has the focus; what turns out to be a scan never reaches it. It never reads a
//! clock: the caller passes the time of each key.

/// Keys of one scan are at most this far apart, in milliseconds, where the address says nothing else: wireless scanners
/// need up to 40, a quick typist more.
pub const GAP_MS: f64 = 45.0;
/// The gaps that an address may ask for, in milliseconds: every key that a person types waits for as long.
const GAPS_MS: std::ops::RangeInclusive<f64> = 5.0..=60_000.0;
/// The shortest text that is taken for a scan, in characters.
pub const SCAN_CHARS_MIN: usize = 6;
/// The longest, so that a key that hangs cannot fill the memory.
pub const SCAN_CHARS_MAX: usize = 2_048;

/// What to do with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Leave it to the field.
    Pass,
    /// Keep it from the field until the next key or until it is released.
    Hold,
    /// A person typed this: give it to the field first. `hold_key` says whether the key at hand is held now; otherwise
    /// the field gets it too.
    Typed {
        /// What was held.
        text: String,
        /// What becomes of the key at hand.
        hold_key: bool,
    },
    /// A scanner typed this, and the key at hand ended it.
    Scan(String),
}

/// The gap that an address asks for, in milliseconds: `?scanner=120` is for a scanner whose radio stutters. What is
/// missing or makes no sense is [`GAP_MS`].
#[must_use]
pub fn gap_of(query: &str) -> f64 {
    query
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix("scanner=")?.parse().ok())
        .filter(|gap| GAPS_MS.contains(gap))
        .unwrap_or(GAP_MS)
}

/// The keys that are held.
#[derive(Debug)]
pub struct Scanner {
    held: String,
    last_ms: f64,
    gap_ms: f64,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new(GAP_MS)
    }
}

impl Scanner {
    /// Nothing is held; keys of one scan are at most `gap_ms` apart.
    #[must_use]
    pub const fn new(gap_ms: f64) -> Self {
        Self {
            held: String::new(),
            last_ms: 0.0,
            gap_ms,
        }
    }

    /// How far apart keys of one scan are at most, in milliseconds.
    #[must_use]
    pub const fn gap_ms(&self) -> f64 {
        self.gap_ms
    }

    /// A key that types a character.
    pub fn character(&mut self, key: char, at_ms: f64) -> Decision {
        let alone = self.held.is_empty();
        if alone && key == ' ' {
            return Decision::Pass;
        }
        let quick = at_ms - self.last_ms <= self.gap_ms;
        let room = self.held.chars().count() < SCAN_CHARS_MAX;
        self.last_ms = at_ms;
        if alone || (quick && room) {
            self.held.push(key);
            return Decision::Hold;
        }
        let text = std::mem::replace(&mut self.held, key.to_string());
        Decision::Typed {
            text,
            hold_key: true,
        }
    }

    /// The Enter key.
    pub fn enter(&mut self, at_ms: f64) -> Decision {
        let quick = at_ms - self.last_ms <= self.gap_ms;
        let text = std::mem::take(&mut self.held);
        if text.is_empty() {
            Decision::Pass
        } else if quick && text.chars().count() >= SCAN_CHARS_MIN {
            Decision::Scan(text)
        } else {
            Decision::Typed {
                text,
                hold_key: false,
            }
        }
    }

    /// Any other key, or a key with a modifier: what was held is given back before it.
    pub fn other(&mut self) -> Decision {
        let text = std::mem::take(&mut self.held);
        if text.is_empty() {
            Decision::Pass
        } else {
            Decision::Typed {
                text,
                hold_key: false,
            }
        }
    }

    /// The time has come to look whether the last key was the last: what a person typed, where it was.
    pub fn release(&mut self, now_ms: f64) -> Option<String> {
        // The same sum as the caller's: a difference of the two could fall short of the gap by a rounding.
        let over = now_ms >= self.last_ms + self.gap_ms;
        (over && !self.held.is_empty()).then(|| std::mem::take(&mut self.held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types `text` with `gap_ms` between keys and gives what the field was given meanwhile, and the time.
    fn type_text(scanner: &mut Scanner, text: &str, gap_ms: f64) -> (String, f64) {
        let (mut field, mut at_ms) = (String::new(), 1_000.0);
        for key in text.chars() {
            at_ms += gap_ms;
            match scanner.character(key, at_ms) {
                Decision::Typed { text, hold_key } => {
                    assert!(hold_key);
                    field.push_str(&text);
                }
                Decision::Pass => field.push(key),
                Decision::Hold => {}
                Decision::Scan(scan) => panic!("{scan} without Enter"),
            }
        }
        (field, at_ms)
    }

    #[test]
    fn the_last_key_is_released_whatever_its_time() {
        for step in 0..10_000 {
            let mut scanner = Scanner::default();
            let at_ms = 1_000.0 + f64::from(step) * 7.3;
            assert_eq!(scanner.character('a', at_ms), Decision::Hold);
            assert_eq!(
                scanner.release(at_ms + GAP_MS),
                Some("a".into()),
                "at {at_ms}"
            );
        }
    }

    #[test]
    fn a_slow_scanner_is_heard_where_the_address_says_so() {
        assert_eq!(gap_of("?idle=5&scanner=120"), 120.0);
        for odd in [
            "",
            "?scanner=",
            "?scanner=soon",
            "?scanner=0",
            "?scanner=9e9",
            "?scanner=NaN",
        ] {
            assert_eq!(gap_of(odd), GAP_MS, "{odd}");
        }
        let mut slow = Scanner::new(120.0);
        let (_, at_ms) = type_text(&mut slow, "4006381333931", 100.0);
        let code = Decision::Scan("4006381333931".into());
        assert_eq!(slow.enter(at_ms + 100.0), code);
    }

    #[test]
    fn a_scan_never_reaches_the_field() {
        let mut scanner = Scanner::default();
        let (field, at_ms) = type_text(&mut scanner, "4006381333931", 4.0);
        assert_eq!(field, "");
        assert_eq!(
            scanner.enter(at_ms + 4.0),
            Decision::Scan("4006381333931".into())
        );
        assert_eq!(scanner.release(at_ms + 100.0), None);
    }

    #[test]
    fn a_person_loses_no_key() {
        let mut scanner = Scanner::default();
        let (mut field, at_ms) = type_text(&mut scanner, "ana souza", 120.0);
        assert_eq!(scanner.release(at_ms + 10.0), None, "too early to know");
        field.push_str(&scanner.release(at_ms + GAP_MS).unwrap());
        assert_eq!(field, "ana souza");
        assert_eq!(scanner.enter(at_ms + 400.0), Decision::Pass);
    }

    #[test]
    fn a_short_burst_is_typed() {
        let mut scanner = Scanner::default();
        let (field, at_ms) = type_text(&mut scanner, "12345", 5.0);
        assert_eq!(field, "");
        assert_eq!(
            scanner.enter(at_ms + 5.0),
            Decision::Typed {
                text: "12345".into(),
                hold_key: false
            }
        );
    }

    #[test]
    fn a_late_enter_is_a_person() {
        let mut scanner = Scanner::default();
        let (_, at_ms) = type_text(&mut scanner, "12345678", 5.0);
        assert!(matches!(
            scanner.enter(at_ms + 200.0),
            Decision::Typed { .. }
        ));
    }

    #[test]
    fn what_was_typed_before_a_scan_stays_apart() {
        let mut scanner = Scanner::default();
        assert_eq!(scanner.character('a', 900.0), Decision::Hold);
        assert_eq!(scanner.release(950.0).as_deref(), Some("a"));
        let (_, at_ms) = type_text(&mut scanner, "4006381333931", 3.0);
        assert_eq!(
            scanner.enter(at_ms + 3.0),
            Decision::Scan("4006381333931".into())
        );
        assert_eq!(scanner.other(), Decision::Pass);
    }

    #[test]
    fn a_space_on_a_button_presses_it() {
        assert_eq!(Scanner::default().character(' ', 5.0), Decision::Pass);
    }

    #[test]
    fn a_key_that_hangs_is_bounded() {
        let mut scanner = Scanner::default();
        for n in 0..SCAN_CHARS_MAX {
            assert_eq!(
                scanner.character('9', f64::from(u32::try_from(n).unwrap())),
                Decision::Hold
            );
        }
        assert!(matches!(
            scanner.character('9', 2_048.0),
            Decision::Typed { .. }
        ));
    }
}
