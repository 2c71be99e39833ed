//! The architecture as a test: who may use whom, and what is absent where.
//!
//! Every check also runs on a seeded violation, so that it is seen to fail.

mod absences;
mod arrows;
mod sought;
mod tokens;

use std::path::{Path, PathBuf};

/// The repository's root: the folder above this package.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}
