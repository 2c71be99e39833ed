//! Digits as they are keyed in: a PIN, or a telephone number.

/// The fewest digits of a PIN.
pub const PIN_DIGITS_MIN: usize = 4;
/// The most digits of a PIN.
pub const PIN_DIGITS_MAX: usize = 8;
/// The fewest digits that are looked up as a telephone number.
pub const PHONE_DIGITS_MIN: usize = 6;
/// The most digits of a telephone number (ITU-T E.164, and the two zeros before it).
pub const PHONE_DIGITS_MAX: usize = 17;

/// Digits that are being keyed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits {
    keyed: String,
    min: usize,
    max: usize,
}

impl Digits {
    /// A PIN to be.
    #[must_use]
    pub const fn pin() -> Self {
        Self::between(PIN_DIGITS_MIN, PIN_DIGITS_MAX)
    }

    /// A telephone number to be; it may begin with `+`.
    #[must_use]
    pub const fn phone() -> Self {
        Self::between(PHONE_DIGITS_MIN, PHONE_DIGITS_MAX)
    }

    const fn between(min: usize, max: usize) -> Self {
        let keyed = String::new();
        Self { keyed, min, max }
    }

    /// Keys one; what is no digit, or one too many, changes nothing.
    pub fn key(&mut self, key: char) {
        let plus = key == '+' && self.keyed.is_empty() && self.max == PHONE_DIGITS_MAX;
        if (key.is_ascii_digit() || plus) && self.keyed.len() < self.max {
            self.keyed.push(key);
        }
    }

    /// Takes the last one back.
    pub fn back(&mut self) {
        self.keyed.pop();
    }

    /// Takes all back.
    pub fn clear(&mut self) {
        self.keyed.clear();
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keyed.len()
    }

    /// Whether none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keyed.is_empty()
    }

    /// What was keyed, where it is enough.
    #[must_use]
    pub fn done(&self) -> Option<&str> {
        let digits = self.keyed.bytes().filter(u8::is_ascii_digit).count();
        (digits >= self.min).then_some(self.keyed.as_str())
    }

    /// What was keyed, in groups that are easy to read.
    #[must_use]
    pub fn grouped(&self) -> String {
        let mut shown = String::new();
        for (index, digit) in self.keyed.chars().enumerate() {
            if index > 0 && index % 3 == 0 {
                shown.push(' ');
            }
            shown.push(digit);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(mut digits: Digits, keys: &str) -> Digits {
        keys.chars().for_each(|key| digits.key(key));
        digits
    }

    #[test]
    fn a_pin_has_four_to_eight_digits() {
        assert_eq!(keyed(Digits::pin(), "123").done(), None);
        assert_eq!(keyed(Digits::pin(), "+12a34").done(), Some("1234"));
        assert_eq!(keyed(Digits::pin(), "1234567890").done(), Some("12345678"));
    }

    #[test]
    fn a_number_may_begin_with_plus() {
        let mut phone = keyed(Digits::phone(), "+44+7700900");
        assert_eq!(phone.done(), Some("+447700900"));
        assert_eq!(phone.grouped(), "+44 770 090 0");
        phone.back();
        assert_eq!(phone.len(), 9);
        phone.clear();
        assert!(phone.is_empty() && phone.done().is_none());
        assert_eq!(
            keyed(Digits::phone(), "+12345").done(),
            None,
            "the plus is no digit"
        );
    }
}
