//! The answer of a repair: whole buckets of a scope, checked before anything of it is written.

use super::lines::{Limits, each_line, is_storable, read_line, refuse};
use super::part::{Entity, RowLine};
use super::wire::WireError;
use domain::api::sync::{Cursor, Sum, bucket};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The most bytes of an answer, decompressed. It is read line by line, twice, and never held.
pub const MAX_REPAIR_BYTES: u64 = 1 << 30;
const LIMITS: Limits = Limits {
    bytes: MAX_REPAIR_BYTES,
    lines: 8 << 20,
};

/// An answer that may be applied. Only [`read_repair`] makes one.
#[derive(Clone)]
pub struct Repair {
    /// Compressed, as it came: it may be as large as the scope.
    bytes: Vec<u8>,
    buckets: BTreeSet<u8>,
    cursor: Cursor,
    sum: Sum,
}

/// Says nothing of the rows.
impl std::fmt::Debug for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repair")
            .field("cursor", &self.cursor)
            .field("buckets", &self.buckets)
            .finish_non_exhaustive()
    }
}

impl Repair {
    /// The cursor for which it holds.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// What the scope holds there.
    #[must_use]
    pub const fn sum(&self) -> Sum {
        self.sum
    }

    /// The buckets that differ: what it says of them is all that they hold.
    #[must_use]
    pub const fn buckets(&self) -> &BTreeSet<u8> {
        &self.buckets
    }

    /// Gives each row to `take`.
    pub(crate) fn each_row<E: From<WireError>>(
        &self,
        mut take: impl FnMut(Entity<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        each_line(&self.bytes, LIMITS, |line, text| {
            if let Line::Row(row) = read_line(line, text)? {
                take(row.entity(line)?)?;
            }
            Ok(())
        })
    }
}

/// [`domain::api::sync::RepairLine`], borrowed.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'l> {
    Bucket {
        bucket: u8,
    },
    #[serde(borrow)]
    Row(RowLine<'l>),
    End {
        cursor: Cursor,
        sum: Sum,
    },
}

/// Reads and checks an answer: each bucket once, each row in the bucket that it belongs to, and one end.
pub fn read_repair(bytes: Vec<u8>) -> Result<Repair, WireError> {
    let mut buckets = BTreeSet::new();
    let (mut open, mut end) = (None, None);
    each_line(&bytes, LIMITS, |line, text| {
        if end.is_some() {
            return Err(refuse(line, "something follows the end"));
        }
        match read_line(line, text)? {
            Line::Bucket { bucket } => {
                open = Some(bucket);
                if !buckets.insert(bucket) {
                    return Err(refuse(line, "a bucket comes twice"));
                }
            }
            Line::Row(row) => {
                let entity = row.entity(line)?;
                if open != Some(bucket(entity.kind, entity.id)) {
                    return Err(refuse(line, "a row is in another bucket than its own"));
                }
            }
            Line::End { cursor, sum } => {
                if !is_storable(cursor.epoch) || !is_storable(cursor.seq) {
                    return Err(refuse(line, "a number is out of range"));
                }
                end = Some((cursor, sum));
            }
        }
        Ok(())
    })?;
    let (cursor, sum) = end.ok_or(WireError::CutOff)?;
    Ok(Repair {
        bytes,
        buckets,
        cursor,
        sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::sync::RepairLine;
    use proptest::prelude::*;

    const END: &str =
        r#"{"end":{"cursor":{"epoch":1,"seq":7},"sum":{"rows":1,"checksum":"00000000000000ab"}}}"#;

    fn packed(lines: &[String]) -> Vec<u8> {
        zstd::encode_all(lines.join("\n").as_bytes(), 1).unwrap()
    }

    fn start(bucket: u8) -> String {
        serde_json::to_string(&RepairLine::Bucket { bucket }).unwrap()
    }

    fn row(id: &str) -> String {
        format!(r#"{{"row":{{"kind":"note","id":"{id}","version":3,"body":{{"x": 1.10}}}}}}"#)
    }

    #[test]
    fn an_answer_is_read_as_it_came() {
        let lines = [start(bucket("note", "n")), row("n"), END.to_owned()];
        let repair = read_repair(packed(&lines)).unwrap();
        assert_eq!((repair.cursor().seq, repair.sum().rows), (7, 1));
        assert_eq!(repair.buckets().len(), 1);
        let mut bodies = Vec::new();
        repair
            .each_row(|entity| {
                bodies.push(entity.body.to_owned());
                Ok::<_, WireError>(())
            })
            .unwrap();
        assert_eq!(bodies, [r#"{"x": 1.10}"#]);
        assert!(
            read_repair(packed(&[END.to_owned()])).is_ok(),
            "nothing differs"
        );
    }

    #[test]
    fn an_answer_that_contradicts_itself_is_refused() {
        let mine = bucket("note", "n");
        let end = || END.to_owned();
        for lines in [
            vec![start(mine), start(mine), end()],
            vec![start(mine.wrapping_add(1)), row("n"), end()],
            vec![row("n"), end()],
            vec![start(mine), end(), row("n")],
            vec![end(), end()],
        ] {
            assert!(
                matches!(read_repair(packed(&lines)), Err(WireError::Line { .. })),
                "{lines:?}"
            );
        }
        let cut = read_repair(packed(&[start(mine), row("n")]));
        assert_eq!(cut.unwrap_err(), WireError::CutOff);
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(read_repair(bytes).is_err());
        }

        #[test]
        fn random_lines_never_panic(picks in proptest::collection::vec((0_u8..4, any::<u8>(), "\\PC{0,9}"), 0..9)) {
            let lines: Vec<String> = picks.into_iter().map(|(pick, bucket, text)| match pick {
                0 => start(bucket),
                1 => row("n"),
                2 => END.to_owned(),
                _ => text,
            }).collect();
            let _ = read_repair(packed(&lines));
        }
    }
}
