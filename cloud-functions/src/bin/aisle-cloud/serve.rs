//! `aisle-cloud serve`.

use anyhow::Result;
use clap::Args;
use cloud_functions::demo;
use cloud_functions::host::embedded::Embedded;
use cloud_functions::host::serve::{listen, say_ready};
use cloud_functions::host::single::webhook_keys;
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
    /// Lays out the demo store first, where it is not there yet.
    #[arg(long)]
    demo: bool,
    /// Lets the demo's shoppers browse and buy while it serves.
    #[arg(long, requires = "demo")]
    live: bool,
}

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn serve(options: Options) -> Result<()> {
    let stop = on_signals()?;
    let keys = webhook_keys(&|variable| std::env::var(variable).ok())?;
    let cloud = Embedded::open_with(&options.folder.data, options.web, keys)?;
    let cloud = cloud.as_demo(options.demo);
    let listener = listen(options.listen).await?;
    if options.demo {
        super::seed::lay_out(cloud.services()).await?;
    }
    // Aborted with the runtime when serving ends.
    if options.live {
        tokio::spawn(demo::run_live(cloud.services().clone()));
    }
    say_ready(&listener)?;
    Ok(cloud.run(listener, stop).await?)
}
