//! Decodes the bytes of a pull's answer: zstd-compressed NDJSON, bounded in every direction.

use super::lines::{Limits, each_line, read_line};
use domain::api::sync::{MAX_CHANGES, PullLine, Scope};

/// The most bytes of one answer, decompressed.
pub const MAX_ANSWER_BYTES: u64 = 256 << 20;
/// The most lines of one answer: its changes, and a line for each scope.
pub const MAX_LINES: usize = MAX_CHANGES + 4_096;

/// Why an answer was not taken. None of it was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not zstd, or cut off inside.
    #[error("the answer cannot be decompressed: {0}")]
    Compression(String),
    /// More than is taken, decompressed.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// How many are taken.
        limit: u64,
    },
    /// Over [`MAX_LINE_BYTES`](super::MAX_LINE_BYTES).
    #[error("line {line} is too long")]
    LineTooLong {
        /// Which, from 1.
        line: usize,
    },
    /// More than are taken.
    #[error("the answer has more than {limit} lines")]
    TooManyLines {
        /// How many are taken.
        limit: usize,
    },
    /// A line is not what it should be.
    #[error("line {line}: {reason}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// There is no checkpoint at the end: the answer was cut off.
    #[error("the answer was cut off before its checkpoint")]
    CutOff,
    /// A scope is offered as a snapshot, and moved by the same answer.
    #[error("feed {scope} is offered as a snapshot and moved at once")]
    Contradiction {
        /// Which.
        scope: Scope,
    },
    /// A feed number is missing or repeated.
    #[error("feed {scope}: {found} follows, {expected} was expected")]
    Gap {
        /// In which feed.
        scope: Scope,
        /// The number that had to follow.
        expected: u64,
        /// The number that did.
        found: u64,
    },
}

/// Decompresses and reads an answer. The lines are not yet checked against each other: see [`super::read_page`].
pub fn decode_answer(bytes: &[u8]) -> Result<Vec<PullLine>, WireError> {
    let limits = Limits {
        bytes: MAX_ANSWER_BYTES,
        lines: MAX_LINES,
    };
    let mut lines = Vec::new();
    each_line(bytes, limits, |number, line| {
        lines.push(read_line(number, line)?);
        Ok::<_, WireError>(())
    })?;
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::MAX_LINE_BYTES;
    use proptest::prelude::*;

    fn packed(text: &str) -> Vec<u8> {
        zstd::encode_all(text.as_bytes(), 1).unwrap()
    }

    #[test]
    fn lines_are_read_one_by_one() {
        let text = "{\"grant\":{\"scope\":\"a\"}}\n\n{\"revoke\":{\"scope\":\"b\"}}";
        let lines = decode_answer(&packed(text)).unwrap();
        assert!(matches!(
            lines[..],
            [PullLine::Grant { .. }, PullLine::Revoke { .. }]
        ));
        assert_eq!(decode_answer(&packed("")).unwrap().len(), 0);
    }

    #[test]
    fn what_is_too_long_or_broken_is_refused_with_its_line() {
        let bad = decode_answer(&packed("{\"grant\":{\"scope\":\"a\"}}\nnonsense"));
        assert!(
            matches!(bad, Err(WireError::Line { line: 2, .. })),
            "{bad:?}"
        );
        let long = decode_answer(&packed(&"x".repeat(MAX_LINE_BYTES + 1)));
        assert_eq!(long.unwrap_err(), WireError::LineTooLong { line: 1 });
        let many = decode_answer(&packed(
            &"{\"grant\":{\"scope\":\"a\"}}\n".repeat(MAX_LINES + 1),
        ));
        let limit = MAX_LINES;
        assert_eq!(many.unwrap_err(), WireError::TooManyLines { limit });
    }

    #[test]
    fn half_a_body_is_an_error() {
        let whole = packed(&"{\"grant\":{\"scope\":\"abc\"}}\n".repeat(100));
        let cut = decode_answer(&whole[..whole.len() / 2]);
        assert!(matches!(cut, Err(WireError::Compression(_))), "{cut:?}");
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = decode_answer(&bytes);
        }

        #[test]
        fn random_text_never_panics(text in "\\PC{0,200}") {
            let _ = decode_answer(&packed(&text));
        }
    }
}
