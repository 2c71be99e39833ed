//! How cloud and device compare what they hold of a scope without sending it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::Xxh3;

/// Into how many buckets a scope is divided when it is looked for where two copies differ.
pub const BUCKETS: usize = 256;

/// What a scope holds, whatever the order in which it came: how many rows, and the sum of their hashes mod 2^64.
///
/// It finds faults of ours and of disks; it does not withstand somebody who makes rows up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sum {
    /// How many entities.
    pub rows: u64,
    /// The sum of their [`row_hash`]es; 16 hexadecimal digits on the wire, which every language reads exactly.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    #[schema(value_type = String, example = "00f1e2d3c4b5a697")]
    pub checksum: u64,
}

impl Sum {
    /// With one row more.
    pub const fn add(&mut self, hash: u64) {
        self.rows = self.rows.wrapping_add(1);
        self.checksum = self.checksum.wrapping_add(hash);
    }

    /// With one row less.
    pub const fn remove(&mut self, hash: u64) {
        self.rows = self.rows.wrapping_sub(1);
        self.checksum = self.checksum.wrapping_sub(hash);
    }
}

/// The hash of one entity as a scope holds it (XXH3, 64 bits). Lengths stand before what has none of its own, so that no
/// two rows read the same.
#[must_use]
pub fn row_hash(kind: &str, id: &str, version: u64, body: &str) -> u64 {
    let mut hasher = key_hasher(kind, id);
    hasher.update(&version.to_le_bytes());
    hasher.update(body.as_bytes());
    hasher.digest()
}

/// In which of [`BUCKETS`] an entity falls.
#[must_use]
pub fn bucket(kind: &str, id: &str) -> u8 {
    let [first, ..] = key_hasher(kind, id).digest().to_le_bytes();
    first
}

fn key_hasher(kind: &str, id: &str) -> Xxh3 {
    let mut hasher = Xxh3::new();
    for part in [kind, id] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
}

fn to_hex<S: Serializer>(checksum: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{checksum:016x}"))
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_of_a_row_do_not_run_together() {
        let hash = row_hash("note", "n-1", 1, "{}");
        assert_ne!(hash, row_hash("noten", "-1", 1, "{}"));
        assert_ne!(hash, row_hash("note", "n-1", 2, "{}"));
        assert_ne!(hash, row_hash("note", "n-1", 1, "{ }"));
        assert_eq!(
            hash, 11_482_891_208_658_284_995,
            "fixed for ever: devices in the field hold it"
        );
    }

    #[test]
    fn the_wire_carries_hexadecimal_digits() {
        let sum = Sum {
            rows: 2,
            checksum: 0xAB,
        };
        let text = serde_json::to_string(&sum).unwrap();
        assert_eq!(text, r#"{"rows":2,"checksum":"00000000000000ab"}"#);
        assert_eq!(serde_json::from_str::<Sum>(&text).unwrap(), sum);
        assert!(serde_json::from_str::<Sum>(r#"{"rows":2,"checksum":"x"}"#).is_err());
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter_and_what_goes_leaves_no_trace(hashes in proptest::collection::vec(any::<u64>(), 0..20)) {
            let (mut there, mut back) = (Sum::default(), Sum::default());
            hashes.iter().for_each(|hash| there.add(*hash));
            hashes.iter().rev().for_each(|hash| back.add(*hash));
            prop_assert_eq!(there, back);
            hashes.iter().for_each(|hash| there.remove(*hash));
            prop_assert_eq!(there, Sum::default());
        }
    }
}
