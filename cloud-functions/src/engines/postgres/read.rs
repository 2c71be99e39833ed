//! Reading: each statement sees what was committed before it.

use super::refusal::{read_refused, unreadable};
use crate::ports::ledger::{Key, LedgerError, Stored};
use deadpool_postgres::Object;
use std::collections::BTreeMap;
use std::ops::Range;
use tokio_postgres::Row;

const ONE: &str =
    "SELECT partition, sort, revision, body FROM aisle_item WHERE partition = $1 AND sort = $2";
const ALL: &str = "SELECT i.partition, i.sort, i.revision, i.body FROM aisle_item i
    JOIN unnest($1::bytea[], $2::bytea[]) AS k(partition, sort)
    ON i.partition = k.partition AND i.sort = k.sort";
const RANGE: &str = "SELECT partition, sort, revision, body FROM aisle_item
    WHERE partition = $1 AND sort >= $2 AND sort < $3 ORDER BY sort LIMIT $4";

pub(super) async fn one(connection: &Object, key: &Key) -> Result<Option<Stored>, LedgerError> {
    let statement = connection.prepare_cached(ONE).await;
    let statement = statement.map_err(|error| read_refused(&error))?;
    let (partition, sort) = (key.partition.as_bytes(), key.sort.as_bytes());
    let row = connection.query_opt(&statement, &[&partition, &sort]).await;
    let row = row.map_err(|error| read_refused(&error))?;
    row.as_ref().map(stored).transpose()
}

pub(super) async fn all(
    connection: &Object,
    keys: &[Key],
) -> Result<Vec<Option<Stored>>, LedgerError> {
    let statement = connection.prepare_cached(ALL).await;
    let statement = statement.map_err(|error| read_refused(&error))?;
    let partitions: Vec<&[u8]> = keys.iter().map(|key| key.partition.as_bytes()).collect();
    let sorts: Vec<&[u8]> = keys.iter().map(|key| key.sort.as_bytes()).collect();
    let rows = connection.query(&statement, &[&partitions, &sorts]).await;
    let mut found = BTreeMap::new();
    for row in rows.map_err(|error| read_refused(&error))? {
        let stored = stored(&row)?;
        found.insert(stored.key.clone(), stored);
    }
    Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
}

pub(super) async fn range(
    connection: &Object,
    partition: &str,
    range: Range<&str>,
    limit: usize,
) -> Result<Vec<Stored>, LedgerError> {
    let statement = connection.prepare_cached(RANGE).await;
    let statement = statement.map_err(|error| read_refused(&error))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (from, to) = (range.start.as_bytes(), range.end.as_bytes());
    let rows = connection
        .query(&statement, &[&partition.as_bytes(), &from, &to, &limit])
        .await;
    let rows = rows.map_err(|error| read_refused(&error))?;
    rows.iter().map(stored).collect()
}

fn stored(row: &Row) -> Result<Stored, LedgerError> {
    let text = |column: usize| -> Result<String, LedgerError> {
        let bytes: Vec<u8> = row.try_get(column).map_err(|_| unreadable())?;
        String::from_utf8(bytes).map_err(|_| unreadable())
    };
    let revision: i64 = row.try_get(2).map_err(|_| unreadable())?;
    Ok(Stored {
        key: Key::new(text(0)?, text(1)?),
        revision: u64::try_from(revision).map_err(|_| unreadable())?,
        body: row.try_get(3).map_err(|_| unreadable())?,
    })
}
