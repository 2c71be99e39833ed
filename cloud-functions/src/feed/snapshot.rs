//! Snapshots of scopes: what a scope held at a number, in parts that never change.
//!
//! Keys: `S#<scope>` / `N#<epoch>#<seq>#<form>#M#<chunk>` holds the manifest, `…#P#<part>#<chunk>` a part, base64 of the
//! bytes that travel. A snapshot is there once its scope's head names it; what was begun and is named by no head is
//! nobody's, and goes with the next one. The same rows give the same bytes, so two who build at once write the same.
//!
//! The floor of a feed is the number of the snapshot before the newest: who is a little behind still gets a tail, and
//! who is taking the older one may finish.

mod build;
mod keep;
mod merge;
mod pack;
mod tail;

pub use build::{BuildError, build, is_due, tidy};
pub use keep::{lookup_manifest, lookup_part};
pub use merge::{Merge, Merged};
pub use tail::{RowKey, Tail};

use std::sync::LazyLock;

/// Counts up whenever parts are cut or compressed in another way.
const CUT: u32 = 1;

/// How this program cuts and compresses: its cut and zstd's version, whose bytes may differ from those of the next.
pub static FORM: LazyLock<u32> =
    LazyLock::new(|| CUT * 1_000_000 + zstd::zstd_safe::version_number() % 1_000_000);

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;
