//! `aisle-cloud enrol`.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use cloud_functions::functions::identity::create_code;
use domain::api::identity::{CodeRequest, DeviceKind};
use domain::ids::StoreId;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    folder: super::Folder,
    /// The store that the device joins.
    #[arg(long, value_name = "ID")]
    store: String,
    /// What the device is for.
    #[arg(long)]
    kind: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// For associates.
    Tablet,
    /// For shoppers.
    Kiosk,
}

impl From<Kind> for DeviceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Tablet => Self::Tablet,
            Kind::Kiosk => Self::Kiosk,
        }
    }
}

/// Prints `{"code":…,"expires_in":…}`.
pub(crate) async fn enrol(options: Options) -> Result<()> {
    let store = StoreId::parse(options.store.as_str());
    let store = store.with_context(|| format!("the store id {:?} is no id", options.store))?;
    let wired = options.folder.open()?;
    let kind = options.kind.into();
    super::print(&create_code(&wired.services, &CodeRequest { store, kind }).await?)
}
