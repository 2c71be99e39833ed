//! Stores, the people who work in them, and entities of any kind by their id.

use super::Replica;
use super::outbox::damaged;
use crate::error::ReplicaError;
use domain::api::device::MAX_ROWS;
use domain::api::sync::kind;
use domain::ids::{AssociateId, StoreId};
use domain::store::{Associate, Store};
use rusqlite::{Connection, OptionalExtension};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The most entities that one call gives.
pub const MAX_LIST: usize = 5_000;

impl Replica {
    /// A store.
    pub fn store(&self, id: &StoreId) -> Result<Option<Store>, ReplicaError> {
        self.read(|connection| lookup(connection, kind::STORE, id.as_str()))
    }

    /// The stores that the device knows, by id; at most [`MAX_ROWS`].
    pub fn stores(&self) -> Result<Vec<Store>, ReplicaError> {
        self.read(|connection| list(connection, kind::STORE, "", MAX_ROWS))
    }

    /// Somebody who works here.
    pub fn associate(&self, id: &AssociateId) -> Result<Option<Associate>, ReplicaError> {
        self.read(|connection| lookup(connection, kind::ASSOCIATE, id.as_str()))
    }

    /// Who works here, by id; at most [`MAX_ROWS`].
    pub fn team(&self) -> Result<Vec<Associate>, ReplicaError> {
        self.read(|connection| list(connection, kind::ASSOCIATE, "", MAX_ROWS))
    }

    /// An entity of any kind, known or not, as it came.
    pub fn entity(&self, kind: &str, id: &str) -> Result<Option<Box<RawValue>>, ReplicaError> {
        let body = self.read(|connection| read_body(connection, kind, id))?;
        body.map(|body| RawValue::from_string(body).map_err(damaged))
            .transpose()
    }
}

/// An entity as its type. One that this program cannot read is as good as none: it is kept for one that can.
pub(super) fn lookup<T: DeserializeOwned>(
    connection: &Connection,
    kind: &str,
    id: &str,
) -> Result<Option<T>, ReplicaError> {
    Ok(read_body(connection, kind, id)?.and_then(|body| read(&body)))
}

/// An entity as its type, with its version.
pub(super) fn versioned<T: DeserializeOwned>(
    connection: &Connection,
    kind: &str,
    id: &str,
) -> Result<Option<(T, u64)>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/read_versioned.sql"))?;
    let found = statement.query_row([kind, id], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?))
    });
    let found = found.optional()?;
    Ok(found.and_then(|(body, version)| Some((read(&body)?, version))))
}

/// Entities of a kind after an id, in the order of their ids.
pub(super) fn list<T: DeserializeOwned>(
    connection: &Connection,
    kind: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<T>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_bodies.sql"))?;
    let mut rows = statement.query((kind, after, limit.min(MAX_LIST)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(read(row.get_ref(0)?.as_str().unwrap_or_default()));
    }
    Ok(found)
}

/// A body as its type, where this program can read it.
pub(super) fn read<T: DeserializeOwned>(body: &str) -> Option<T> {
    serde_json::from_str(body).ok()
}

fn read_body(
    connection: &Connection,
    kind: &str,
    id: &str,
) -> Result<Option<String>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/read_body.sql"))?;
    Ok(statement
        .query_row([kind, id], |row| row.get(0))
        .optional()?)
}
