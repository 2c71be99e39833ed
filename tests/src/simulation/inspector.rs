//! Looks into a device's file beside the replica, with a connection of its own that never writes but to spoil.

use anyhow::Result;
use domain::api::sync::{Cursor, row_hash};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

/// The key of every simulated replica: they live in memory, for seconds.
pub(super) const KEY: [u8; 32] = [7; 32];

/// The state of a command in the queue that waits for a decision.
pub(super) const QUEUED: u8 = 0;
/// The state of a command in the queue that was done and whose change is still to come. All others were refused.
pub(super) const CONFIRMED: u8 = 1;

/// A connection for looking.
pub(super) struct Inspector(Connection);

/// A scope as the file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    /// Whether it is granted.
    pub granted: bool,
    /// How far it has come.
    pub cursor: Cursor,
}

/// Rows by scope, then by kind and id: version and body.
pub(super) type Rows = BTreeMap<String, BTreeMap<(String, String), (u64, String)>>;

impl Inspector {
    /// Opens a file that a replica made.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        connection.pragma_update(None, "key", format!("x'{hex}'"))?;
        connection.pragma_update(None, "cipher_memory_security", "OFF")?;
        Ok(Self(connection))
    }

    /// What is held of each scope.
    pub(super) fn scopes(&self) -> Result<BTreeMap<String, Held>> {
        let mut statement = self
            .0
            .prepare_cached("SELECT name, granted, epoch, seq FROM scope")?;
        let scopes = statement.query_map([], |row| {
            let (epoch, seq) = (row.get(2)?, row.get(3)?);
            let held = Held {
                granted: row.get(1)?,
                cursor: Cursor { epoch, seq },
            };
            Ok((row.get(0)?, held))
        })?;
        Ok(scopes.collect::<Result<_, _>>()?)
    }

    /// Every entity.
    pub(super) fn rows(&self) -> Result<Rows> {
        let sql = "SELECT coalesce(s.name, '?'), k.name, e.id, e.version, e.body FROM entity e \
                   JOIN kind k ON k.kind = e.kind LEFT JOIN scope s ON s.scope = e.scope";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut found = statement.query([])?;
        let mut rows = Rows::new();
        while let Some(row) = found.next()? {
            let scope: &mut BTreeMap<_, _> = rows.entry(row.get(0)?).or_default();
            scope.insert((row.get(1)?, row.get(2)?), (row.get(3)?, row.get(4)?));
        }
        Ok(rows)
    }

    /// Scopes of which a snapshot is half here.
    pub(super) fn loading(&self) -> Result<Vec<String>> {
        let sql = "SELECT s.name FROM loading l JOIN scope s ON s.scope = l.scope";
        let mut statement = self.0.prepare_cached(sql)?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// The queue: number and state by command.
    pub(super) fn outbox(&self) -> Result<BTreeMap<String, (u64, u8)>> {
        let mut statement = self
            .0
            .prepare_cached("SELECT id, cseq, state FROM outbox")?;
        let queue = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        Ok(queue.collect::<Result<_, _>>()?)
    }

    /// Makes one entity another than the cloud told, as a program's fault would: with a hash and a sum that fit it. (What
    /// a disk spoils does not even decrypt.) Whether there was one.
    pub(super) fn spoil(&self, pick: u64) -> Result<bool> {
        let count: u64 = self
            .0
            .query_row("SELECT count(*) FROM entity", [], |row| row.get(0))?;
        if count == 0 {
            return Ok(false);
        }
        let sql = "SELECT e.row, k.name, e.id, e.version, e.body, e.hash, e.scope FROM entity e \
                   JOIN kind k ON k.kind = e.kind ORDER BY e.row LIMIT 1 OFFSET ?1";
        let read = |row: &rusqlite::Row<'_>| {
            let (number, kind, id): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (version, body): (u64, String) = (row.get(3)?, row.get(4)?);
            let (hash, scope): (i64, i64) = (row.get(5)?, row.get(6)?);
            let body = body.replacen('{', "{\"spoilt\":1,", 1);
            let spoilt = row_hash(&kind, &id, version, &body).cast_signed();
            Ok((number, body, spoilt, scope, spoilt.wrapping_sub(hash)))
        };
        let (number, body, hash, scope, moved) = self.0.query_row(sql, [pick % count], read)?;
        let sum: i64 = self.0.query_row(
            "SELECT checksum FROM scope WHERE scope = ?1",
            [scope],
            |row| row.get(0),
        )?;
        let transaction = self.0.unchecked_transaction()?;
        transaction.execute(
            "UPDATE entity SET body = ?2, hash = ?3 WHERE row = ?1",
            (number, body, hash),
        )?;
        transaction.execute(
            "UPDATE scope SET checksum = ?2 WHERE scope = ?1",
            (scope, sum.wrapping_add(moved)),
        )?;
        transaction.commit()?;
        Ok(true)
    }

    /// Moves the version of the file's schema.
    pub(super) fn shift_schema(&self, by: i64) -> Result<()> {
        let now: i64 = self
            .0
            .pragma_query_value(None, "user_version", |row| row.get(0))?;
        self.0.pragma_update(None, "user_version", now + by)?;
        Ok(())
    }
}
