//! Checks what a snapshot says of itself before anything of it is fetched.

use super::lines::is_storable;
use super::wire::WireError;
use domain::api::sync::{MAX_PART_BYTES, MAX_PARTS, Manifest, Part, Scope, Sum};

/// Why a snapshot or a part of it is not taken. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The manifest contradicts itself.
    #[error("the snapshot's manifest: {0}")]
    Manifest(&'static str),
    /// No snapshot is being loaded there, or another one.
    #[error("no such snapshot of {scope} is being loaded")]
    NotLoading {
        /// Of which feed.
        scope: Scope,
    },
    /// Parts are taken in their order.
    #[error("part {expected} comes next")]
    NotNext {
        /// Which comes next.
        expected: u32,
    },
    /// The bytes are not those that the manifest names.
    #[error("the part is not the one of the manifest")]
    Hash,
    /// Rows are not in the order of kind and id, or outside the part's range.
    #[error("line {line} is out of order")]
    Order {
        /// Which, from 1.
        line: usize,
    },
    /// The rows do not add up to what the manifest says.
    #[error("the part's rows do not add up to its sum")]
    Sum,
    /// The part cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// Checks a manifest: its parts follow each other, add up, and are as small as they have to be.
pub(crate) fn check_manifest(manifest: &Manifest) -> Result<(), LoadError> {
    let refuse = |reason| Err(LoadError::Manifest(reason));
    if Scope::parse(manifest.scope.as_str()).is_none() {
        return refuse("its scope's name is not one");
    }
    if !is_storable(manifest.cursor.epoch) || !is_storable(manifest.cursor.seq) {
        return refuse("a number is out of range");
    }
    if manifest.parts.is_empty() || manifest.parts.len() > MAX_PARTS {
        return refuse("it has no parts, or too many");
    }
    if !manifest.parts.iter().all(is_part) {
        return refuse("a part is too large, or its hash is not one");
    }
    let ends: Vec<_> = manifest.parts.iter().map(|part| &part.last).collect();
    let follow = ends.windows(2).all(|pair| match pair {
        [Some(first), Some(second)] => first < second,
        [Some(_), None] => true,
        _ => false,
    });
    if !follow || ends.last().is_none_or(|last| last.is_some()) {
        return refuse("its parts do not follow each other");
    }
    if add_up(&manifest.parts) != Some(manifest.sum) {
        return refuse("its parts do not add up");
    }
    Ok(())
}

fn is_part(part: &Part) -> bool {
    let most = u64::try_from(MAX_PART_BYTES).unwrap_or(u64::MAX);
    let alone = u64::try_from(super::MAX_LINE_BYTES).unwrap_or(u64::MAX);
    let fits = part.bytes <= most || (part.sum.rows <= 1 && part.bytes <= alone);
    fits && part.sha256.len() == 64 && part.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `None` where there are more rows than can be counted.
fn add_up(parts: &[Part]) -> Option<Sum> {
    parts.iter().try_fold(Sum::default(), |sum, part| {
        let rows = sum.rows.checked_add(part.sum.rows);
        Some(Sum {
            rows: rows.filter(|rows| is_storable(*rows))?,
            checksum: sum.checksum.wrapping_add(part.sum.checksum),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::sync::Cursor;

    fn part(last: Option<&str>, rows: u64) -> Part {
        Part {
            last: last.map(|id| ("note".to_owned(), id.to_owned())),
            sum: Sum { rows, checksum: 7 },
            bytes: 100,
            sha256: "ab".repeat(32),
        }
    }

    fn manifest(parts: Vec<Part>) -> Manifest {
        let sum = add_up(&parts).unwrap_or_default();
        Manifest {
            scope: Scope::parse("a").unwrap(),
            cursor: Cursor { epoch: 1, seq: 9 },
            sum,
            parts,
        }
    }

    fn is_refused(manifest: &Manifest) -> bool {
        matches!(check_manifest(manifest), Err(LoadError::Manifest(_)))
    }

    #[test]
    fn parts_follow_each_other_and_add_up() {
        let good = manifest(vec![part(Some("a"), 2), part(Some("b"), 3), part(None, 0)]);
        assert_eq!(check_manifest(&good), Ok(()));
        assert!(is_refused(&manifest(vec![])));
        assert!(is_refused(&manifest(vec![part(Some("a"), 2)])));
        assert!(is_refused(&manifest(vec![
            part(Some("b"), 2),
            part(Some("a"), 2),
            part(None, 0)
        ])));
        assert!(is_refused(&manifest(vec![part(None, 2), part(None, 2)])));
        let mut sum = good;
        sum.sum.checksum += 1;
        assert!(is_refused(&sum));
        let many = manifest(vec![part(None, 0); MAX_PARTS + 1]);
        assert!(is_refused(&many));
    }

    #[test]
    fn what_is_too_large_or_no_hash_is_refused() {
        let mut large = manifest(vec![part(None, 2)]);
        large.parts[0].bytes = MAX_PART_BYTES as u64 + 1;
        assert!(is_refused(&large));
        let mut alone = manifest(vec![part(None, 1)]);
        alone.parts[0].bytes = MAX_PART_BYTES as u64 + 1;
        assert_eq!(
            check_manifest(&alone),
            Ok(()),
            "one row alone may have more"
        );
        let mut hash = manifest(vec![part(None, 2)]);
        hash.parts[0].sha256 = "x".repeat(64);
        assert!(is_refused(&hash));
        let mut far = manifest(vec![part(None, 2)]);
        far.cursor.seq = u64::MAX;
        assert!(is_refused(&far));
    }
}
