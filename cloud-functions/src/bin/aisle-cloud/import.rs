//! `aisle-cloud import`.

use anyhow::{Context, Result, bail};
use clap::Args;
use cloud_functions::import::{Summary, import_file};
use cloud_functions::people;
use cloud_functions::services::Services;
use domain::ids::StoreId;
use domain::money::Currency;
use domain::store::Store;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    folder: super::Folder,
    /// The store that customers, stock and orders belong to.
    #[arg(long, value_name = "ID", default_value = "1")]
    store: String,
    /// What prices are in where a file does not say; the store's currency otherwise.
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Google Merchant feeds (TSV, XML), Shopify products and customers, orders, items (CSV), products (YAML), fences
    /// (GeoJSON); gzip or not.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Imports each file; one that cannot be read does not stop the others. Prints a summary of each.
pub(crate) async fn import(options: Options) -> Result<()> {
    let wired = options.folder.open()?;
    let id = StoreId::parse(options.store.as_str());
    let id = id.with_context(|| format!("the store id {:?} is no id", options.store))?;
    let mut store = open_store(&wired.services, id).await?;
    store.currency = options.currency.unwrap_or(store.currency);
    let mut failed = 0;
    for file in &options.files {
        match import_file(&wired.services, &store, file, &show).await {
            Ok(summary) => print(&summary)?,
            Err(error) => {
                failed += 1;
                eprintln!("aisle-cloud: {error}");
            }
        }
    }
    if failed > 0 {
        bail!(
            "{failed} of {} files could not be imported; the others were",
            options.files.len()
        );
    }
    Ok(())
}

/// The store, made with plain settings where the folder does not have it yet.
async fn open_store(services: &Services, id: StoreId) -> Result<Store> {
    if let Some(store) = people::store(&*services.ledger, &id).await? {
        return Ok(store);
    }
    let store = Store {
        name: format!("Store {id}"),
        id,
        address: String::new(),
        country: "GB".to_owned(),
        country_code: "44".to_owned(),
        locale: "en-GB".to_owned(),
        zone: chrono_tz::Europe::London,
        currency: Currency::GBP,
    };
    cloud_functions::import::write_store(services, &store).await?;
    Ok(store)
}

/// Progress, where somebody watches.
fn show(rows: u64) {
    if std::io::stderr().is_terminal() {
        eprint!("\r{rows} rows read");
    }
}

fn print(summary: &Summary) -> Result<()> {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    match writeln!(std::io::stdout(), "{summary}") {
        // Nobody reads on: what was imported is imported.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
