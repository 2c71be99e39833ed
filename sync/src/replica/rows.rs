//! Puts and deletes entities, and keeps the look-up tables beside them.

use super::kinds::Kinds;
use super::projection::Projection;
use crate::error::ReplicaError;
use crate::search::IndexChange;
use domain::api::sync::{Change, Op};
use rusqlite::{Connection, OptionalExtension};

/// What a transaction carries from row to row.
#[derive(Debug)]
pub(super) struct Rows<'c> {
    pub(super) connection: &'c Connection,
    pub(super) kinds: Kinds,
    next_row: i64,
    /// What the search index has to learn once the transaction holds.
    pub(super) index: Vec<IndexChange>,
}

/// An entity that is here.
struct Stored {
    row: i64,
    version: u64,
    scope: i64,
}

impl<'c> Rows<'c> {
    pub(super) fn begin(connection: &'c Connection) -> Result<Self, ReplicaError> {
        let next_row =
            connection.query_row(include_str!("sql/next_row.sql"), [], |row| row.get(0))?;
        Ok(Self {
            connection,
            kinds: Kinds::load(connection)?,
            next_row,
            index: Vec::new(),
        })
    }

    /// Writes down which row numbers are taken, and gives what the search index has to learn.
    pub(super) fn finish(self) -> Result<Vec<IndexChange>, ReplicaError> {
        self.connection
            .prepare_cached(include_str!("sql/write_next_row.sql"))?
            .execute([self.next_row])?;
        Ok(self.index)
    }

    /// Executes one change of a scope.
    pub(super) fn change(&mut self, scope: i64, change: &Change) -> Result<(), ReplicaError> {
        match (change.op, &change.body) {
            (Op::Put, Some(body)) => self.put(scope, change, body.get()),
            (Op::Put, None) | (Op::Delete, _) => self.delete(scope, change),
        }
    }

    fn put(&mut self, scope: i64, change: &Change, body: &str) -> Result<(), ReplicaError> {
        let kind = self.kinds.number(self.connection, &change.kind)?;
        let row = match self.find(kind, &change.id)? {
            None => self.add(kind, scope, change, body)?,
            Some(stored) => {
                if stored.scope != scope {
                    self.execute(include_str!("sql/add_also_in.sql"), [stored.row, scope])?;
                }
                // Feeds of two scopes are not ordered with each other: the later version stays.
                if change.version < stored.version && self.is_shared(&stored, scope)? {
                    return Ok(());
                }
                self.connection
                    .prepare_cached(include_str!("sql/move_entity.sql"))?
                    .execute((stored.row, change.version, body))?;
                stored.row
            }
        };
        let projection = Projection::read(&change.kind, &change.id, body);
        if projection.is_none() {
            self.unproject(row, &change.kind, &change.id)?;
        }
        projection.map_or(Ok(()), |projection| projection.put(self, row, kind))
    }

    fn add(
        &mut self,
        kind: i64,
        scope: i64,
        change: &Change,
        body: &str,
    ) -> Result<i64, ReplicaError> {
        let row = self.next_row;
        self.next_row = row.saturating_add(1);
        self.connection
            .prepare_cached(include_str!("sql/add_entity.sql"))?
            .execute((row, kind, &change.id, change.version, scope, body))?;
        Ok(row)
    }

    fn delete(&mut self, scope: i64, change: &Change) -> Result<(), ReplicaError> {
        let kind = self.kinds.number(self.connection, &change.kind)?;
        match self.find(kind, &change.id)? {
            Some(stored) => self.let_go(stored.row, stored.scope, scope, &change.kind, &change.id),
            None => Ok(()),
        }
    }

    /// A scope lets go of an entity; the last one to do so takes it away.
    pub(super) fn let_go(
        &mut self,
        row: i64,
        home: i64,
        scope: i64,
        kind: &str,
        id: &str,
    ) -> Result<(), ReplicaError> {
        if home != scope {
            return self.execute(include_str!("sql/drop_also_in.sql"), [row, scope]);
        }
        let next_home = self
            .connection
            .prepare_cached(include_str!("sql/first_also_in.sql"))?
            .query_row([row], |found| found.get::<_, i64>(0))
            .optional()?;
        if let Some(next_home) = next_home {
            self.execute(include_str!("sql/drop_also_in.sql"), [row, next_home])?;
            return self.execute(include_str!("sql/rehome_entity.sql"), [row, next_home]);
        }
        self.unproject(row, kind, id)?;
        self.execute(include_str!("sql/delete_entity.sql"), [row])
    }

    pub(super) fn execute<P: rusqlite::Params>(
        &self,
        sql: &str,
        parameters: P,
    ) -> Result<(), ReplicaError> {
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        Ok(())
    }

    fn find(&self, kind: i64, id: &str) -> Result<Option<Stored>, ReplicaError> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/find_entity.sql"))?;
        let stored = statement.query_row((kind, id), |row| {
            Ok(Stored {
                row: row.get(0)?,
                version: row.get(1)?,
                scope: row.get(2)?,
            })
        });
        Ok(stored.optional()?)
    }

    fn is_shared(&self, stored: &Stored, scope: i64) -> Result<bool, ReplicaError> {
        if stored.scope != scope {
            return Ok(true);
        }
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/first_also_in.sql"))?;
        Ok(statement.exists([stored.row])?)
    }
}
