//! Decodes the bytes of a pull's answer: zstd-compressed NDJSON, bounded in every direction.

use domain::api::sync::{MAX_CHANGES, PullLine, Scope};
use serde_json::error::Category;
use std::io::{BufRead, BufReader, Read};

/// The most bytes of one answer, decompressed.
pub const MAX_ANSWER_BYTES: u64 = 256 << 20;
/// The most bytes of one line.
pub const MAX_LINE_BYTES: usize = 4 << 20;
/// The most lines of one answer: its changes, and a line for each scope.
pub const MAX_LINES: usize = MAX_CHANGES + 4_096;
/// Memory that the sender may make us keep to decompress: 2 to this power bytes.
const MAX_WINDOW_LOG: u32 = 23;

/// Why an answer was not taken. None of it was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not zstd, or cut off inside.
    #[error("the answer cannot be decompressed: {0}")]
    Compression(String),
    /// Over [`MAX_ANSWER_BYTES`].
    #[error("the answer is larger than {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
    /// Over [`MAX_LINE_BYTES`].
    #[error("line {line} is longer than {MAX_LINE_BYTES} bytes")]
    LineTooLong {
        /// Which, from 1.
        line: usize,
    },
    /// Over [`MAX_LINES`].
    #[error("the answer has more than {MAX_LINES} lines")]
    TooManyLines,
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
    let compression = |error: std::io::Error| WireError::Compression(error.to_string());
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(compression)?;
    decoder
        .window_log_max(MAX_WINDOW_LOG)
        .map_err(compression)?;
    read_lines(BufReader::new(decoder.take(MAX_ANSWER_BYTES + 1)))
}

fn read_lines<R: Read>(
    mut reader: BufReader<std::io::Take<R>>,
) -> Result<Vec<PullLine>, WireError> {
    let mut lines = Vec::new();
    let mut buffer = Vec::new();
    let longest = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
    for line in 1.. {
        buffer.clear();
        let read = reader
            .by_ref()
            .take(longest + 1)
            .read_until(b'\n', &mut buffer)
            .map_err(|error| WireError::Compression(error.to_string()))?;
        if read == 0 {
            break;
        }
        if read > MAX_LINE_BYTES {
            return Err(WireError::LineTooLong { line });
        }
        if lines.len() == MAX_LINES {
            return Err(WireError::TooManyLines);
        }
        if !buffer.trim_ascii().is_empty() {
            lines.push(read_line(line, &buffer)?);
        }
    }
    if reader.get_ref().limit() == 0 {
        return Err(WireError::TooLarge);
    }
    Ok(lines)
}

fn read_line(line: usize, bytes: &[u8]) -> Result<PullLine, WireError> {
    serde_json::from_slice(bytes).map_err(|error| WireError::Line {
        line,
        reason: format!("column {}: {}", error.column(), describe(&error)),
    })
}

/// The parser's own words could quote what stands there, which may be somebody's name.
fn describe(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        Category::Io => "unreadable",
        Category::Syntax => "not JSON",
        Category::Data => "not a line of this protocol",
        Category::Eof => "cut off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(many.unwrap_err(), WireError::TooManyLines);
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
