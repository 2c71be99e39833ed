//! `aisle-cloud compact`.

use anyhow::Result;
use clap::Args;
use cloud_functions::functions::sync;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    folder: super::Folder,
}

/// Builds snapshots where they are due: for schedulers, beside whatever else uses the folder.
pub(crate) async fn compact(options: Options) -> Result<()> {
    let wired = options.folder.open()?;
    super::print(&sync::compact_all(&wired.services).await?)
}
