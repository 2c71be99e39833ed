//! Compressed NDJSON from outside, line by line, bounded in every direction: window, lines, bytes.

use super::wire::WireError;
use serde::Deserialize;
use serde_json::error::Category;
use std::io::{BufRead, BufReader, Read};

/// The most bytes of one line.
pub const MAX_LINE_BYTES: usize = 4 << 20;
/// Memory that the sender may make us keep to decompress: 2 to this power bytes.
const MAX_WINDOW_LOG: u32 = 23;
const BUFFER_BYTES: usize = 64 << 10;

/// What is taken of one body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes, decompressed.
    pub(super) bytes: u64,
    /// Lines that are not empty.
    pub(super) lines: usize,
}

/// Gives each line that is not empty to `take`, with its number from 1. What does not fit the limits is an error, and
/// so is a body that was cut off inside.
pub(super) fn each_line<E: From<WireError>>(
    bytes: &[u8],
    limits: Limits,
    mut take: impl FnMut(usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = open(bytes, limits)?;
    let mut buffer = Vec::new();
    let mut taken = 0;
    for number in 1.. {
        if read(&mut reader, &mut buffer, number)? == 0 {
            break;
        }
        let line = buffer.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if taken == limits.lines {
            let limit = limits.lines;
            return Err(WireError::TooManyLines { limit }.into());
        }
        taken += 1;
        take(number, line)?;
    }
    if reader.get_ref().limit() == 0 {
        let limit = limits.bytes;
        return Err(WireError::TooLarge { limit }.into());
    }
    Ok(())
}

type Lines<'b> = BufReader<std::io::Take<zstd::stream::read::Decoder<'static, &'b [u8]>>>;

fn open(bytes: &[u8], limits: Limits) -> Result<Lines<'_>, WireError> {
    let mut decoder =
        zstd::stream::read::Decoder::with_buffer(bytes).map_err(|error| compression(&error))?;
    decoder
        .window_log_max(MAX_WINDOW_LOG)
        .map_err(|error| compression(&error))?;
    let bounded = decoder.take(limits.bytes.saturating_add(1));
    Ok(BufReader::with_capacity(BUFFER_BYTES, bounded))
}

/// Reads one line, at most one byte more than a line may have. Gives its length; 0 at the end.
fn read(reader: &mut Lines<'_>, buffer: &mut Vec<u8>, line: usize) -> Result<usize, WireError> {
    let longest = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
    buffer.clear();
    let read = reader
        .by_ref()
        .take(longest + 1)
        .read_until(b'\n', buffer)
        .map_err(|error| compression(&error))?;
    if read > MAX_LINE_BYTES {
        return Err(WireError::LineTooLong { line });
    }
    Ok(read)
}

fn compression(error: &std::io::Error) -> WireError {
    WireError::Compression(error.to_string())
}

/// One line as its type.
pub(super) fn read_line<'l, T: Deserialize<'l>>(
    line: usize,
    bytes: &'l [u8],
) -> Result<T, WireError> {
    serde_json::from_slice(bytes).map_err(|error| WireError::Line {
        line,
        reason: format!("column {}: {}", error.column(), describe(&error)),
    })
}

/// A line that cannot be taken.
pub(super) fn refuse(line: usize, reason: impl Into<String>) -> WireError {
    WireError::Line {
        line,
        reason: reason.into(),
    }
}

/// SQLite's integers end where i64 does; a number that comes near is broken.
pub(super) const fn is_storable(number: u64) -> bool {
    number < i64::MAX as u64
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

    fn count(bytes: &[u8], limits: Limits) -> Result<usize, WireError> {
        let mut lines = 0;
        each_line(bytes, limits, |_, _| {
            lines += 1;
            Ok::<_, WireError>(())
        })?;
        Ok(lines)
    }

    #[test]
    fn a_body_is_bounded_in_bytes_lines_and_window() {
        let packed = zstd::encode_all(&b"aaaa\nbbbb\n"[..], 1).unwrap();
        let limits = |bytes, lines| Limits { bytes, lines };
        assert_eq!(count(&packed, limits(10, 2)), Ok(2));
        assert_eq!(
            count(&packed, limits(9, 2)),
            Err(WireError::TooLarge { limit: 9 })
        );
        assert_eq!(
            count(&packed, limits(10, 1)),
            Err(WireError::TooManyLines { limit: 1 })
        );
        let mut wide = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        wide.include_contentsize(false).unwrap();
        wide.window_log(24).unwrap();
        std::io::Write::write_all(&mut wide, &[b'\n'; 100]).unwrap();
        let wide = wide.finish().unwrap();
        assert!(matches!(
            count(&wide, limits(1 << 20, 9)),
            Err(WireError::Compression(_))
        ));
    }
}
