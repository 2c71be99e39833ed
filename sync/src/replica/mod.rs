//! The replica: one file, one writer, a few readers, and the search index in memory.

mod apply;
mod arrived;
mod carts;
mod customers;
mod items;
mod keepsakes;
mod kinds;
mod loading;
mod lookups;
mod mend;
mod migrate;
mod notes;
mod open;
mod outbox;
mod picks;
mod projection;
mod purge;
mod readers;
mod rebase;
mod renumber;
mod repair;
mod rows;
mod scopes;
mod settle;
mod snapshot;
mod standing;
mod store;
#[cfg(test)]
mod tests;
mod unsent;

pub use apply::{Applied, MAX_TOUCHED};
pub use carts::{NewSale, OrderHere, ShownCart, Sold};
pub use keepsakes::MAX_KEEPSAKE_BYTES;
pub use outbox::{MAX_ARGS_BYTES, MAX_PUSH_BYTES, MAX_QUEUE, NewCommand};
pub use repair::Repaired;
pub use settle::Settled;
pub use snapshot::{Loaded, Loading};
pub use standing::Standing;
pub use store::MAX_LIST;
pub use unsent::MAX_EXPORT_BYTES;

use crate::error::ReplicaError;
use crate::search::SearchIndex;
use readers::Readers;
use rusqlite::Connection;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What a device holds. Share it by reference: one caller writes at a time, several read beside it.
///
/// Every call blocks on the disk, most for well under a millisecond: call it off an async runtime's own threads.
pub struct Replica {
    /// Closed before `writer`, which then empties the WAL.
    readers: Readers,
    writer: Mutex<Connection>,
    /// Locked after `writer` where both are.
    search: RwLock<SearchIndex>,
}

/// Says nothing of what is inside: the index holds names.
impl std::fmt::Debug for Replica {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replica(..)")
    }
}

impl Replica {
    /// A panic of another caller dropped its transaction, which undid it: the connection is as good as before.
    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn search(&self) -> RwLockReadGuard<'_, SearchIndex> {
        self.search.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn search_mut(&self) -> RwLockWriteGuard<'_, SearchIndex> {
        self.search.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, ReplicaError>,
    ) -> Result<T, ReplicaError> {
        self.readers.with(query)
    }
}

#[cfg(feature = "full-disk")]
impl Replica {
    /// Lets the file grow no more, as a full disk would, or again as it likes.
    pub fn set_full(&self, full: bool) -> Result<(), ReplicaError> {
        let writer = self.writer();
        let pages: i64 = match full {
            true => writer.pragma_query_value(None, "page_count", |row| row.get(0))?,
            false => i64::from(u32::MAX - 1),
        };
        writer.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    }
}

#[cfg(test)]
impl Replica {
    /// The rows of tables, for comparing.
    pub(crate) fn dump_tables(&self, tables: &[&str]) -> Vec<String> {
        let writer = self.writer();
        let mut lines = Vec::new();
        for table in tables {
            let mut statement = writer
                .prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))
                .unwrap();
            let columns = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<String> = (0..columns)
                    .map(|column| format!("{:?}", row.get_ref(column).unwrap()))
                    .collect();
                lines.push(format!("{table}: {}", values.join(" ")));
            }
        }
        lines
    }

    /// Lets the file grow to this many pages at most, as a full disk would.
    pub(crate) fn limit_pages(&self, pages: i64) {
        self.writer()
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
    }

    pub(crate) fn count_pages(&self) -> i64 {
        self.writer()
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap()
    }
}
