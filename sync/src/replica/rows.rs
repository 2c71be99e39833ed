//! Puts and deletes entities, keeps the look-up tables beside them and the sums of their scopes.

use super::kinds::Kinds;
use super::projection::Projection;
use super::scopes::{add_sum, write_sum};
use crate::engine::Entity;
use crate::error::ReplicaError;
use crate::search::IndexChange;
use domain::api::sync::Sum;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::BTreeMap;

/// What a transaction carries from row to row.
#[derive(Debug)]
pub(super) struct Rows<'c> {
    pub(super) connection: &'c Connection,
    pub(super) kinds: Kinds,
    next_row: i64,
    /// Whether any entity is told in several scopes.
    shared: bool,
    /// What each scope holds.
    sums: BTreeMap<i64, Sum>,
    /// What the search index has to learn once the transaction holds.
    pub(super) index: Vec<IndexChange>,
}

/// An entity that is here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored {
    pub(super) row: i64,
    version: u64,
    /// Its home: the first scope that told it.
    pub(super) scope: i64,
    hash: u64,
}

impl Stored {
    /// From the columns row, version, scope, hash.
    pub(super) fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            row: row.get(0)?,
            version: row.get(1)?,
            scope: row.get(2)?,
            hash: row.get::<_, i64>(3)?.cast_unsigned(),
        })
    }
}

/// What a put did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Put {
    /// The entity's row.
    pub(super) row: i64,
    /// Whether anything is other than before.
    pub(super) moved: bool,
}

impl<'c> Rows<'c> {
    pub(super) fn begin(
        connection: &'c Connection,
        sums: BTreeMap<i64, Sum>,
    ) -> Result<Self, ReplicaError> {
        let next_row =
            connection.query_row(include_str!("sql/next_row.sql"), [], |row| row.get(0))?;
        let shared =
            connection.query_row(include_str!("sql/any_also_in.sql"), [], |row| row.get(0))?;
        Ok(Self {
            connection,
            kinds: Kinds::load(connection)?,
            next_row,
            shared,
            sums,
            index: Vec::new(),
        })
    }

    /// Writes down which row numbers are taken and what the scopes hold, and gives what the search index has to learn.
    pub(super) fn finish(self) -> Result<Vec<IndexChange>, ReplicaError> {
        self.connection
            .prepare_cached(include_str!("sql/write_next_row.sql"))?
            .execute([self.next_row])?;
        for (scope, sum) in self.sums {
            write_sum(self.connection, scope, sum)?;
        }
        Ok(self.index)
    }

    /// What a scope holds by now.
    pub(super) fn sum(&self, scope: i64) -> Sum {
        self.sums.get(&scope).copied().unwrap_or_default()
    }

    /// Sets what a scope holds, where it was counted anew.
    pub(super) fn set_sum(&mut self, scope: i64, sum: Sum) {
        self.sums.insert(scope, sum);
    }

    /// Puts an entity. One that is here with the same version and hash is left alone, unless it is to be `written`
    /// whatever is there: a broken row looks the same by its hash.
    pub(super) fn put(
        &mut self,
        scope: i64,
        entity: &Entity<'_>,
        hash: u64,
        written: bool,
    ) -> Result<Put, ReplicaError> {
        let kind = self.kinds.number(self.connection, entity.kind)?;
        if let Some(row) = self.add(kind, scope, entity, hash)? {
            add_sum(&mut self.sums, scope, hash);
            self.project(row, kind, entity, true)?;
            return Ok(Put { row, moved: true });
        }
        let stored = self
            .find(kind, entity.id)?
            .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        self.join(&stored, scope)?;
        // Feeds of two scopes are not ordered with each other: the later version stays.
        let late = entity.version < stored.version && self.is_shared(&stored)?;
        let same = entity.version == stored.version && hash == stored.hash;
        let row = stored.row;
        if late || (same && !written) {
            return Ok(Put { row, moved: false });
        }
        self.execute(
            include_str!("sql/move_entity.sql"),
            (row, entity.version, hash.cast_signed(), entity.body),
        )?;
        self.count_move(&stored, hash)?;
        self.project(row, kind, entity, false)?;
        Ok(Put { row, moved: true })
    }

    /// `None` where the entity is here already.
    fn add(
        &mut self,
        kind: i64,
        scope: i64,
        entity: &Entity<'_>,
        hash: u64,
    ) -> Result<Option<i64>, ReplicaError> {
        let row = self.next_row;
        let added = self
            .connection
            .prepare_cached(include_str!("sql/add_entity.sql"))?
            .execute((
                row,
                kind,
                entity.id,
                entity.version,
                scope,
                hash.cast_signed(),
                entity.body,
            ))?;
        if added == 0 {
            return Ok(None);
        }
        self.next_row = row.saturating_add(1);
        Ok(Some(row))
    }

    /// An entity that is here is told in a scope.
    fn join(&mut self, stored: &Stored, scope: i64) -> Result<(), ReplicaError> {
        if stored.scope == scope {
            return Ok(());
        }
        let joined = self
            .connection
            .prepare_cached(include_str!("sql/add_also_in.sql"))?
            .execute([stored.row, scope])?;
        if joined > 0 {
            self.shared = true;
            add_sum(&mut self.sums, scope, stored.hash);
        }
        Ok(())
    }

    fn count_move(&mut self, stored: &Stored, hash: u64) -> Result<(), ReplicaError> {
        let mut scopes = vec![stored.scope];
        if self.shared {
            scopes.extend(self.also_in(stored.row)?);
        }
        for scope in scopes {
            let sum = self.sums.entry(scope).or_default();
            sum.remove(stored.hash);
            sum.add(hash);
        }
        Ok(())
    }

    fn project(
        &mut self,
        row: i64,
        kind: i64,
        entity: &Entity<'_>,
        new: bool,
    ) -> Result<(), ReplicaError> {
        match Projection::read(entity.kind, entity.id, entity.body) {
            Some(projection) => projection.put(self, row, kind),
            None if new => Ok(()),
            None => self.unproject(row, entity.kind, entity.id),
        }
    }

    /// Takes an entity out of a scope.
    pub(super) fn delete(&mut self, scope: i64, kind: &str, id: &str) -> Result<(), ReplicaError> {
        let number = self.kinds.number(self.connection, kind)?;
        match self.find(number, id)? {
            Some(stored) => self.let_go(&stored, scope, kind, id),
            None => Ok(()),
        }
    }

    /// A scope lets go of an entity; the last one to do so takes it away.
    pub(super) fn let_go(
        &mut self,
        stored: &Stored,
        scope: i64,
        kind: &str,
        id: &str,
    ) -> Result<(), ReplicaError> {
        let row = stored.row;
        if stored.scope != scope {
            return self.leave(row, scope, stored.hash);
        }
        let next_home = match self.shared {
            true => self.also_in(row)?.first().copied(),
            false => None,
        };
        if let Some(next_home) = next_home {
            self.execute(include_str!("sql/drop_also_in.sql"), [row, next_home])?;
            self.execute(include_str!("sql/rehome_entity.sql"), [row, next_home])?;
        } else {
            self.unproject(row, kind, id)?;
            self.execute(include_str!("sql/delete_entity.sql"), [row])?;
        }
        self.sums.entry(scope).or_default().remove(stored.hash);
        Ok(())
    }

    /// A scope that is not an entity's home lets go of it.
    fn leave(&mut self, row: i64, scope: i64, hash: u64) -> Result<(), ReplicaError> {
        let left = self
            .connection
            .prepare_cached(include_str!("sql/drop_also_in.sql"))?
            .execute([row, scope])?;
        if left > 0 {
            self.sums.entry(scope).or_default().remove(hash);
        }
        Ok(())
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
        Ok(statement.query_row((kind, id), Stored::read).optional()?)
    }

    fn is_shared(&self, stored: &Stored) -> Result<bool, ReplicaError> {
        Ok(self.shared && !self.also_in(stored.row)?.is_empty())
    }

    /// Whether an entity is told in a scope that is not its home.
    pub(super) fn is_in(&self, row: i64, scope: i64) -> Result<bool, ReplicaError> {
        Ok(self.shared && self.also_in(row)?.contains(&scope))
    }

    /// The scopes beside its home that an entity is told in.
    fn also_in(&self, row: i64) -> Result<Vec<i64>, ReplicaError> {
        let mut statement = self
            .connection
            .prepare_cached(include_str!("sql/list_also_in.sql"))?;
        let scopes = statement.query_map([row], |found| found.get(0))?;
        Ok(scopes.collect::<Result<_, _>>()?)
    }
}
