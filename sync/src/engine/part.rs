//! Reads a part of a snapshot row by row, and checks it against the manifest while it does.

use super::lines::{Limits, each_line, is_storable, read_line, refuse};
use super::manifest::LoadError;
use super::wire::WireError;
use domain::api::sync::{Part, Sum, row_hash};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The most bytes of a part, decompressed. Rows are given on one by one, none of it is held.
const MAX_PART_TEXT: u64 = 256 << 20;

/// Which part is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// Where its range begins, which it does not include; `None` in the first part.
    pub(crate) after: Option<(String, String)>,
    /// What the manifest says of it.
    pub(crate) part: Part,
}

/// An entity as it lies in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entity<'e> {
    pub(crate) kind: &'e str,
    pub(crate) id: &'e str,
    pub(crate) version: u64,
    pub(crate) body: &'e str,
}

impl Entity<'_> {
    pub(crate) fn hash(&self) -> u64 {
        row_hash(self.kind, self.id, self.version, self.body)
    }
}

/// Borrows what needs no unescaping.
#[derive(Deserialize)]
pub(super) struct RowLine<'l> {
    #[serde(borrow)]
    kind: Cow<'l, str>,
    #[serde(borrow)]
    id: Cow<'l, str>,
    version: u64,
    #[serde(borrow)]
    body: &'l RawValue,
}

impl RowLine<'_> {
    /// The row, where it has a key and a version that can be kept.
    pub(super) fn entity(&self, line: usize) -> Result<Entity<'_>, WireError> {
        if self.kind.is_empty() || self.id.is_empty() || !is_storable(self.version) {
            return Err(refuse(line, "kind, id or version is missing"));
        }
        Ok(Entity {
            kind: &self.kind,
            id: &self.id,
            version: self.version,
            body: self.body.get(),
        })
    }
}

/// Gives each row of a part to `take`, with its hash. An error may come after rows were given: the caller drops its
/// transaction then.
pub(crate) fn read_part<E: From<LoadError> + From<WireError>>(
    bytes: &[u8],
    range: &Range,
    mut take: impl FnMut(Entity<'_>, u64) -> Result<(), E>,
) -> Result<(), E> {
    check_bytes(bytes, &range.part)?;
    let limits = Limits {
        bytes: MAX_PART_TEXT,
        lines: usize::try_from(range.part.sum.rows).unwrap_or(usize::MAX),
    };
    let mut order = Order::new(range);
    let mut sum = Sum::default();
    each_line(bytes, limits, |line, text| {
        let row: RowLine<'_> = read_line(line, text)?;
        let entity = row.entity(line)?;
        if !order.follows(&entity) {
            return Err(LoadError::Order { line }.into());
        }
        let hash = entity.hash();
        sum.add(hash);
        take(entity, hash)
    })?;
    if sum != range.part.sum {
        return Err(LoadError::Sum.into());
    }
    Ok(())
}

fn check_bytes(bytes: &[u8], part: &Part) -> Result<(), LoadError> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length != part.bytes {
        return Err(LoadError::Hash);
    }
    let digest: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if digest.eq_ignore_ascii_case(&part.sha256) {
        Ok(())
    } else {
        Err(LoadError::Hash)
    }
}

/// What came last, and where the range ends.
struct Order<'r> {
    kind: String,
    id: String,
    end: Option<&'r (String, String)>,
}

impl<'r> Order<'r> {
    fn new(range: &'r Range) -> Self {
        let (kind, id) = range.after.clone().unwrap_or_default();
        Self {
            kind,
            id,
            end: range.part.last.as_ref(),
        }
    }

    /// Whether a row comes after the one before and inside the range. No row comes before everything: none has an
    /// empty kind.
    fn follows(&mut self, entity: &Entity<'_>) -> bool {
        let key = (entity.kind, entity.id);
        let fine = (self.kind.as_str(), self.id.as_str()) < key
            && self
                .end
                .is_none_or(|(kind, id)| key <= (kind.as_str(), id.as_str()));
        if self.kind != entity.kind {
            entity.kind.clone_into(&mut self.kind);
        }
        entity.id.clone_into(&mut self.id);
        fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(rows: &[(&str, &str, &str)]) -> (String, Sum) {
        let (mut text, mut sum) = (String::new(), Sum::default());
        for (kind, id, body) in rows {
            text.push_str(&format!(
                r#"{{"kind":"{kind}","id":"{id}","version":3,"body":{body}}}"#
            ));
            text.push('\n');
            sum.add(row_hash(kind, id, 3, body));
        }
        (text, sum)
    }

    fn range(bytes: &[u8], sum: Sum) -> Range {
        Range {
            after: None,
            part: Part {
                last: None,
                sum,
                bytes: bytes.len() as u64,
                sha256: Sha256::digest(bytes)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect(),
            },
        }
    }

    fn packed(rows: &[(&str, &str, &str)]) -> (Vec<u8>, Range) {
        let (text, sum) = lines(rows);
        let bytes = zstd::encode_all(text.as_bytes(), 1).unwrap();
        let range = range(&bytes, sum);
        (bytes, range)
    }

    fn read(bytes: &[u8], range: &Range) -> Result<Vec<(String, String)>, LoadError> {
        let mut rows = Vec::new();
        read_part(bytes, range, |entity, _| {
            rows.push((entity.id.to_owned(), entity.body.to_owned()));
            Ok::<_, LoadError>(())
        })?;
        Ok(rows)
    }

    #[test]
    fn rows_are_given_byte_for_byte() {
        let (bytes, range) = packed(&[
            ("customer", "b", r#"{"x": 1.10}"#),
            ("note", "a\\u0041", "[]"),
        ]);
        // The sum is of the id as it is, not as it was escaped.
        let mut sum = Sum::default();
        sum.add(row_hash("customer", "b", 3, r#"{"x": 1.10}"#));
        sum.add(row_hash("note", "aA", 3, "[]"));
        let range = Range {
            part: Part { sum, ..range.part },
            ..range
        };
        let rows = read(&bytes, &range).unwrap();
        assert_eq!(rows[0].1, r#"{"x": 1.10}"#);
        assert_eq!(rows[1].0, "aA");
    }

    #[test]
    fn what_is_not_the_part_of_the_manifest_is_refused() {
        let (bytes, good) = packed(&[("note", "a", "1"), ("note", "b", "2")]);
        assert_eq!(read(&bytes, &good).unwrap().len(), 2);
        let (other, _) = packed(&[("note", "a", "1"), ("note", "b", "3")]);
        assert_eq!(read(&other, &good), Err(LoadError::Hash));
        assert_eq!(read(&bytes[1..], &good), Err(LoadError::Hash));
        let mut sum = good.clone();
        sum.part.sum.checksum ^= 1;
        assert_eq!(read(&bytes, &sum), Err(LoadError::Sum));
        let mut fewer = good;
        fewer.part.sum.rows = 1;
        assert_eq!(
            read(&bytes, &fewer),
            Err(LoadError::Wire(WireError::TooManyLines { limit: 1 }))
        );
    }

    #[test]
    fn rows_out_of_order_or_range_are_refused() {
        for rows in [
            [("note", "b", "1"), ("note", "a", "1")],
            [("note", "a", "1"), ("note", "a", "1")],
            [("order", "a", "1"), ("note", "b", "1")],
        ] {
            let (bytes, range) = packed(&rows);
            assert_eq!(read(&bytes, &range), Err(LoadError::Order { line: 2 }));
        }
        let (bytes, mut range) = packed(&[("note", "b", "1")]);
        range.part.last = Some(("note".to_owned(), "a".to_owned()));
        assert_eq!(read(&bytes, &range), Err(LoadError::Order { line: 1 }));
        range.part.last = Some(("note".to_owned(), "b".to_owned()));
        assert!(read(&bytes, &range).is_ok(), "the end is in the range");
        range.after = Some(("note".to_owned(), "b".to_owned()));
        assert_eq!(
            read(&bytes, &range),
            Err(LoadError::Order { line: 1 }),
            "the beginning is not"
        );
    }

    #[test]
    fn a_row_without_a_key_is_refused() {
        let (bytes, range) = packed(&[("note", "", "1")]);
        assert!(matches!(
            read(&bytes, &range),
            Err(LoadError::Wire(WireError::Line { line: 1, .. }))
        ));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), rows in 0_u64..9) {
            let range = range(&bytes, Sum { rows, checksum: 0 });
            prop_assert!(rows == 0 || read(&bytes, &range).is_err());
        }

        #[test]
        fn random_lines_never_panic(text in "(\\{\"kind\":\"[ab]?\",\"id\":\"[ab]?\",\"version\":[0-9]{1,20},\"body\":[0-9]?\\}\n|\\PC{0,20}\n){0,5}") {
            let bytes = zstd::encode_all(text.as_bytes(), 1).unwrap();
            let range = range(&bytes, Sum { rows: 9, checksum: 0 });
            prop_assert!(read(&bytes, &range).is_err());
        }
    }
}
