//! What an event is claimed by: a hash of its source and id.

use crate::ports::events::CloudEvent;
use sha2::{Digest, Sha256};

/// How many bytes of the hash claim an event: two of 10^12 events share them with a chance below 10^-14.
pub(super) const CLAIM_BYTES: usize = 16;

/// The source's length goes in first, so that no two pairs of source and id are the same bytes.
pub(super) fn claim(event: &CloudEvent) -> [u8; CLAIM_BYTES] {
    let hash = Sha256::new()
        .chain_update(event.source.len().to_be_bytes())
        .chain_update(&event.source)
        .chain_update(&event.id)
        .finalize();
    let mut claim = [0; CLAIM_BYTES];
    claim.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    claim
}
