//! `aisle-cloud serve`.

use anyhow::Result;
use clap::Args;
use cloud_functions::host::embedded::Embedded;
use cloud_functions::host::serve::{listen, say_ready};
use cloud_functions::host::stop::on_signals;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    folder: super::Folder,
    /// The address to serve on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4170")]
    listen: SocketAddr,
    /// The demo shop's files, served under /shop/.
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
}

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn serve(options: Options) -> Result<()> {
    let stop = on_signals()?;
    let cloud = Embedded::open(&options.folder.data, options.web)?;
    let listener = listen(options.listen).await?;
    say_ready(&listener)?;
    Ok(cloud.run(listener, stop).await?)
}
