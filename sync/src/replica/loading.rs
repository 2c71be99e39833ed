//! Fills the search index from the look-up tables.

use super::Replica;
use crate::error::ReplicaError;
use crate::search::{CustomerEntry, ItemEntry, SearchIndex};
use rusqlite::{Connection, Row};
use std::sync::RwLockReadGuard;

impl Replica {
    /// The index: loaded anew where that failed after a purge, and with all that came since the last search.
    pub(super) fn loaded_search(&self) -> Result<RwLockReadGuard<'_, SearchIndex>, ReplicaError> {
        let search = self.search();
        if search.is_loaded() && search.is_settled() {
            return Ok(search);
        }
        let is_loaded = search.is_loaded();
        drop(search);
        if is_loaded {
            self.search_mut().settle();
            return Ok(self.search());
        }
        // Under the writer's lock, so that no page comes between the reading and the taking over.
        let writer = self.writer();
        let loaded = load(&writer)?;
        *self.search_mut() = loaded;
        drop(writer);
        Ok(self.search())
    }
}

pub(super) fn load(connection: &Connection) -> Result<SearchIndex, ReplicaError> {
    let mut index = SearchIndex::loading();
    each(connection, include_str!("sql/load_customers.sql"), |row| {
        let entry = CustomerEntry {
            words: row.get(1)?,
            phone: row.get(2)?,
            card: row.get(3)?,
            visit: row.get(4)?,
        };
        index.load_customer(row.get(0)?, &entry);
        Ok(())
    })?;
    each(connection, include_str!("sql/load_items.sql"), |row| {
        let entry = ItemEntry {
            sku: row.get(1)?,
            department: row.get(2)?,
            title: row.get(3)?,
            words: row.get(4)?,
        };
        index.load_item(row.get(0)?, entry);
        Ok(())
    })?;
    each(connection, include_str!("sql/load_stock.sql"), |row| {
        index.load_stock(row.get(0)?, row.get(1)?);
        Ok(())
    })?;
    index.finish_loading();
    Ok(index)
}

fn each(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> Result<(), rusqlite::Error>,
) -> Result<(), ReplicaError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}
