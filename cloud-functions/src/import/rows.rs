//! Rows of separated values, by the names of their columns.

use super::summary::RowError;
use super::{Row, Sink};
use std::collections::BTreeMap;

/// The longest row, in bytes.
pub(super) const MAX_ROW_BYTES: usize = 256 * 1024;

/// A row's fields by the lower-case names of their columns; empty fields are not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields<'a>(pub(super) BTreeMap<&'a str, &'a str>);

impl<'a> Fields<'a> {
    /// The first of `names` that is filled.
    pub(super) fn any(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.0.get(name).copied())
    }

    /// The first of `names` that is filled, or an error that names the first.
    pub(super) fn need(&self, names: &[&str]) -> Result<&'a str, RowError> {
        self.any(names)
            .ok_or_else(|| RowError::new(names.first().unwrap_or(&""), "is missing"))
    }

    /// The first of `names` that is filled, read as a `T`.
    pub(super) fn read<T: std::str::FromStr>(&self, names: &[&str]) -> Result<Option<T>, RowError>
    where
        T::Err: std::fmt::Display,
    {
        let parse = |text: &str| {
            text.parse()
                .map_err(|error: T::Err| RowError::new(names.first().unwrap_or(&""), error))
        };
        self.any(names).map(parse).transpose()
    }
}

/// Reads every row with `read` into the sink. A broken row is one error; the rest goes on.
pub(super) fn read(
    text: &str,
    separator: u8,
    sink: Sink<'_>,
    read: &dyn Fn(&Fields<'_>) -> Result<Row, RowError>,
) -> Result<(), String> {
    each(text, separator, &mut |number, fields| {
        sink(number, fields.and_then(|fields| read(&fields)));
    })
}

/// Calls `take` for every row, in order.
pub(super) fn each(
    text: &str,
    separator: u8,
    take: &mut dyn FnMut(u64, Result<Fields<'_>, RowError>),
) -> Result<(), String> {
    // Merchant TSV has no quoting: an inch sign is an inch sign.
    let quoting = separator != b'\t';
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .quoting(quoting)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|error| format!("the header is not readable: {error}"))?
        .clone();
    let columns: Vec<String> = header
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    loop {
        number += 1;
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => take(number, fields(&columns, &record)),
            Err(error) => take(number, Err(RowError::new("row", error))),
        }
    }
}

fn fields<'a>(
    columns: &'a [String],
    record: &'a csv::StringRecord,
) -> Result<Fields<'a>, RowError> {
    if record.as_slice().len() > MAX_ROW_BYTES {
        return Err(RowError::new(
            "row",
            format!("is longer than {MAX_ROW_BYTES} bytes"),
        ));
    }
    if record.len() > columns.len() {
        let reason = format!(
            "has {} fields where the header has {}",
            record.len(),
            columns.len()
        );
        return Err(RowError::new("row", reason));
    }
    let filled = columns
        .iter()
        .zip(record)
        .map(|(name, value)| (name.as_str(), value.trim()))
        .filter(|(_, value)| !value.is_empty());
    Ok(Fields(filled.collect()))
}
