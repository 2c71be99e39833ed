//! Reads the files that a retailer already has: Google Merchant feeds, Shopify exports, orders, GeoJSON fences,
//! tax and promotions.
//!
//! A file is recognised by what it holds, not by its name. A row that makes no sense is reported with its number and
//! field, and kept; the rest goes on. Importing the same file again changes nothing.

mod collected;
mod fences;
mod merchant;
mod merchant_xml;
mod orders;
mod products_yaml;
mod rows;
mod shopify;
mod source;
mod summary;
mod terms;
mod write;

pub use collected::Collected;
pub use merchant::{Product, Validity};
pub use summary::{RowError, Summary};
pub use write::{
    FENCE_INDEX, ORDERS_ON_CARD, WriteError, write_customers, write_orders, write_products,
    write_store,
};
pub(crate) use write::{moved, publish, write};

use crate::services::Services;
use domain::store::Store;
use source::{Format, Source, SourceError};
use std::path::Path;

/// Why a file was not read at all. What it holds stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read as text.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The file is of no kind that Aisle reads.
    #[error("{file}: {reason}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        reason: String,
    },
    /// The ledger or the event log did not take it. Importing again goes on where it stopped.
    #[error("{file}: {reason}")]
    Storage {
        /// Which.
        file: String,
        /// Why.
        reason: String,
    },
}

/// A row of a file, read.
#[derive(Debug, Clone, PartialEq)]
enum Row {
    Product(Box<merchant::Product>),
    Customer(Box<domain::customer::Customer>),
    OrderLine(Box<orders::Line>),
    Fence(Box<domain::fence::Fence>),
    Terms(Box<domain::cart::Terms>),
}

/// What takes rows: `Ok` goes on to the next.
type Sink<'a> = &'a mut dyn FnMut(u64, Result<Row, RowError>);

/// Imports one file into `store`. `progress` is told the rows read so far, every few thousand.
pub async fn import_file(
    services: &Services,
    store: &Store,
    file: &Path,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Summary, ImportError> {
    let source = Source::open(file)?;
    let mut summary = Summary::new(source.name(), source.format().name());
    let mut collected = Collected::default();
    read(&source, store, &mut |number, row| {
        let taken = row.and_then(|row| collected.take(row, store));
        summary.count(number, taken.as_ref().err());
        if number.is_multiple_of(10_000) {
            progress(number);
        }
    })?;
    write::write(services, store, collected, &mut summary)
        .await
        .map_err(|error| ImportError::Storage {
            file: source.name().to_owned(),
            reason: error.to_string(),
        })?;
    Ok(summary)
}

/// The products of a Google Merchant TSV feed. Unlike an import it refuses the whole for one bad row: for files of ours.
pub(crate) fn read_products(text: &str, store: &Store) -> Result<Vec<Product>, String> {
    let mut rows = Vec::new();
    rows::read(
        text,
        b'\t',
        &mut |number, row| rows.push((number, row)),
        &|row| merchant::read(row, store),
    )?;
    let product = |(number, row)| match row {
        Ok(Row::Product(product)) => Ok(*product),
        Ok(_) => Err(format!("row {number} is no product")),
        Err(error) => Err(RowError {
            row: number,
            ..error
        }
        .to_string()),
    };
    rows.into_iter().map(product).collect()
}

/// The fences of a GeoJSON file, or the first error.
pub(crate) fn read_fences(text: &str) -> Result<Vec<domain::fence::Fence>, String> {
    let mut rows = Vec::new();
    fences::read(text, &mut |_, row| rows.push(row))?;
    let fence = |row| match row {
        Ok(Row::Fence(fence)) => Ok(*fence),
        Ok(_) => Err("a row is no fence".to_owned()),
        Err(error) => Err(RowError::to_string(&error)),
    };
    rows.into_iter().map(fence).collect()
}

fn read(source: &Source, store: &Store, sink: Sink<'_>) -> Result<(), ImportError> {
    let unreadable = |reason: String| ImportError::Unreadable {
        file: source.name().to_owned(),
        reason,
    };
    match source.format() {
        Format::MerchantTsv => rows::read(source.text(), b'\t', sink, &|row| {
            merchant::read(row, store)
        }),
        Format::MerchantXml => {
            merchant_xml::read(source.text(), sink, &|row| merchant::read(row, store))
        }
        Format::ShopifyProducts => shopify::read_products(source.text(), store, sink),
        Format::ShopifyCustomers => rows::read(source.text(), b',', sink, &|row| {
            shopify::read_customer(row, store)
        }),
        Format::Orders => rows::read(source.text(), b',', sink, &|row| orders::read(row, store)),
        Format::Items => rows::read(source.text(), b',', sink, &|row| merchant::read(row, store)),
        Format::ProductsYaml => products_yaml::read(source.text(), sink, store),
        Format::Fences => fences::read(source.text(), sink),
        Format::Terms => terms::read(source.text(), store, sink),
    }
    .map_err(unreadable)
}

#[cfg(test)]
mod tests;
