//! `aisle-cloud seed`.

use anyhow::Result;
use clap::Args;
use cloud_functions::demo;
use cloud_functions::services::Services;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    folder: super::Folder,
}

/// Lays the demo store out, where it is not there yet. Consumers catch up when the cloud serves.
pub(crate) async fn seed(options: Options) -> Result<()> {
    lay_out(&options.folder.open()?.services).await
}

/// The same for a cloud that is about to serve.
pub(crate) async fn lay_out(services: &Services) -> Result<()> {
    if demo::seed(services).await? {
        tracing::info!("laid out the demo store");
    }
    Ok(())
}
