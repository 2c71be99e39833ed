//! Numbers for the names of entity kinds: a replica has a million rows and a dozen kinds.

use crate::error::ReplicaError;
use rusqlite::Connection;
use std::collections::HashMap;

/// The kinds that a transaction has met.
#[derive(Debug, Default)]
pub(super) struct Kinds(HashMap<String, i64>);

impl Kinds {
    pub(super) fn load(connection: &Connection) -> Result<Self, ReplicaError> {
        let mut statement = connection.prepare_cached(include_str!("sql/list_kinds.sql"))?;
        let kinds = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self(kinds.collect::<Result<_, _>>()?))
    }

    /// The names and numbers of all kinds.
    pub(super) fn list(&self) -> Vec<(String, i64)> {
        self.0
            .iter()
            .map(|(name, number)| (name.clone(), *number))
            .collect()
    }

    /// The number of a kind, a new one where it was never met.
    pub(super) fn number(
        &mut self,
        connection: &Connection,
        name: &str,
    ) -> Result<i64, ReplicaError> {
        if let Some(number) = self.0.get(name) {
            return Ok(*number);
        }
        let mut statement = connection.prepare_cached(include_str!("sql/add_kind.sql"))?;
        let number = statement.query_row([name], |row| row.get(0))?;
        self.0.insert(name.to_owned(), number);
        Ok(number)
    }
}
