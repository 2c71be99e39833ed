//! Telephone and card numbers as 16 nibbles, so that a million of them are searched for a part in about a millisecond.

/// Digits typed by themselves are looked for from this many on.
pub(super) const MIN_DIGITS: usize = 3;
/// Digits that are kept: the last of longer numbers. E.164 has at most 15.
const KEPT: usize = 16;
/// The lowest bit of each nibble.
const LOW: u64 = 0x1111_1111_1111_1111;

/// The last [`KEPT`] digits of a number; the last digit lies lowest. A digit is stored as itself plus one, so that
/// nothing there differs from a zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Packed(u64);

impl Packed {
    /// Packs the digits of `text`, whatever else is in it.
    pub(super) fn new(text: &str) -> Self {
        let digits = text.bytes().filter(u8::is_ascii_digit);
        Self(digits.fold(0, |packed, digit| packed << 4 | u64::from(digit - b'0' + 1)))
    }

    /// How many bits its digits take.
    const fn bits(self) -> u32 {
        (u64::BITS - self.0.leading_zeros()).next_multiple_of(4)
    }
}

/// Where a pattern lies in a number; the earlier, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// It is the number.
    Whole,
    /// The number ends with it.
    End,
    /// The number begins with it.
    Start,
    /// Somewhere else.
    Inside,
}

/// Digits to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Each digit in every nibble; the last digit first.
    repeated: Vec<u64>,
    packed: u64,
    mask: u64,
}

impl Pattern {
    /// `None` where there are too few or too many digits.
    pub(super) fn new(digits: &str) -> Option<Self> {
        if !(MIN_DIGITS..=KEPT).contains(&digits.len()) {
            return None;
        }
        let digit = |byte: u8| {
            byte.is_ascii_digit()
                .then(|| u64::from(byte - b'0' + 1) * LOW)
        };
        let repeated: Vec<u64> = digits.bytes().rev().map(digit).collect::<Option<_>>()?;
        let bits = 4 * digits.len();
        Some(Self {
            repeated,
            packed: Packed::new(digits).0,
            mask: u64::MAX >> (64 - bits),
        })
    }

    const fn bits(&self) -> u32 {
        self.mask.count_ones()
    }

    /// Where the pattern lies in a number, the best place of several.
    pub(super) fn find(&self, number: Packed) -> Option<Place> {
        if number.0 == self.packed {
            return Some(Place::Whole);
        }
        if number.0 & self.mask == self.packed {
            return Some(Place::End);
        }
        if number
            .0
            .checked_shr(number.bits().saturating_sub(self.bits()))
            == Some(self.packed)
        {
            return Some(Place::Start);
        }
        let mut places = LOW;
        for (index, repeated) in self.repeated.iter().enumerate() {
            places &= equal_nibbles(number.0, *repeated) >> (4 * index);
        }
        (places != 0).then_some(Place::Inside)
    }

    /// Calls `hit` with the index of each number that may have the pattern: its last three digits are there, or look as
    /// if. Without branches inside, so that the compiler does several numbers at once.
    pub(super) fn scan(&self, numbers: &[Packed], mut hit: impl FnMut(usize)) {
        let [a, b, c] =
            [0, 1, 2].map(|index| self.repeated.get(index).copied().unwrap_or_default());
        let (blocks, rest) = numbers.as_chunks::<LANES>();
        for (block, numbers) in blocks.iter().enumerate() {
            let mut any = 0;
            let mut places = [0; LANES];
            for (place, number) in places.iter_mut().zip(numbers) {
                *place = maybe_equal(number.0, a)
                    & (maybe_equal(number.0, b) >> 4)
                    & (maybe_equal(number.0, c) >> 8);
                any |= *place;
            }
            if any == 0 {
                continue;
            }
            for (lane, place) in places.iter().enumerate() {
                if *place != 0 {
                    hit(block * LANES + lane);
                }
            }
        }
        (numbers.len() - rest.len()..numbers.len()).for_each(hit);
    }
}

/// Numbers that are looked at together.
const LANES: usize = 8;

/// The lowest bit of each nibble in which both are equal.
const fn equal_nibbles(a: u64, b: u64) -> u64 {
    let other = a ^ b;
    let any = other | other >> 1 | other >> 2 | other >> 3;
    !any & LOW
}

/// The highest bit of each nibble in which both are equal; a nibble above an equal one may be there wrongly.
const fn maybe_equal(a: u64, b: u64) -> u64 {
    let other = a ^ b;
    other.wrapping_sub(LOW) & !other & (LOW << 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_part_is_found_where_it_is() {
        let number = Packed::new("+49 (40) 123-0012");
        let find = |digits| Pattern::new(digits).unwrap().find(number);
        assert_eq!(find("49401230012"), Some(Place::Whole));
        assert_eq!(find("0012"), Some(Place::End));
        assert_eq!(find("123"), Some(Place::Inside));
        assert_eq!(find("494"), Some(Place::Start));
        assert_eq!(Pattern::new("123").unwrap().find(Packed::new("12")), None);
        assert_eq!(Pattern::new("123").unwrap().find(Packed::default()), None);
        assert_eq!(find("000"), None);
        assert!(Pattern::new("12").is_none() && Pattern::new("12x").is_none());
        assert!(Pattern::new(&"1".repeat(17)).is_none());
    }

    proptest! {
        #[test]
        fn the_scan_misses_none(numbers in proptest::collection::vec("[0-3]{0,16}", 0..40), digits in "[0-3]{3,6}") {
            let packed: Vec<_> = numbers.iter().map(|number| Packed::new(number)).collect();
            let pattern = Pattern::new(&digits).unwrap();
            let mut found = Vec::new();
            pattern.scan(&packed, |index| {
                if pattern.find(packed[index]).is_some() {
                    found.push(index);
                }
            });
            let expected: Vec<_> = (0..numbers.len()).filter(|&index| numbers[index].contains(&digits)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
