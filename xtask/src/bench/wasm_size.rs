//! How many bytes a tablet or a phone downloads.

use std::path::Path;

use anyhow::{Context, Result};

use super::Figure;
use crate::ui::Entry;
use crate::{paths, process};

const GOAL: &str = "< 300 kB brotli";

/// The size of each web app's program after `wasm-opt`, raw and compressed.
pub(super) fn measure() -> Result<Vec<Figure>> {
    Entry::ALL.into_iter().map(figure).collect()
}

fn figure(entry: Entry) -> Result<Figure> {
    let name = entry.name();
    let wasm = paths::ui().join(name).join(format!("{name}_bg.wasm"));
    let raw_bytes = wasm.metadata()?.len();
    let brotli_bytes = compressed_len(&wasm)?;
    Ok(Figure {
        name: format!("wasm size, {name}"),
        ours: format!("{} kB brotli", brotli_bytes / 1000),
        baseline: format!("{} kB raw", raw_bytes / 1000),
        goal: GOAL.to_owned(),
    })
}

fn compressed_len(file: &Path) -> Result<usize> {
    let mut brotli = process::command("brotli");
    let output = brotli
        .args(["--quality=11", "--stdout"])
        .arg(file)
        .output()
        .context("`brotli` could not be started")?;
    process::check(&brotli, output.status)?;
    Ok(output.stdout.len())
}
