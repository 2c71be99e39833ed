//! The queue of what the associate did: durable before the first send, in her order, without a gap.

use super::Replica;
use super::projection::millis;
use super::scopes::HeldScopes;
use super::store::MAX_LIST;
use crate::engine::Page;
use crate::error::ReplicaError;
use chrono::{DateTime, Utc};
use domain::api::device::{Delivery, UnsentCommand};
use domain::api::sync::{Command, MAX_COMMANDS, PushRequest, SCHEMA, Scope};
use domain::ids::{CommandId, DeviceId};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The most bytes of a command's arguments.
pub const MAX_ARGS_BYTES: usize = 256 << 10;
/// A push ends before its arguments pass this many bytes; it always has one command.
pub const MAX_PUSH_BYTES: usize = 1 << 20;

pub(super) const QUEUED: u8 = 0;
pub(super) const CONFIRMED: u8 = 1;

/// A command to keep and send.
#[derive(Debug, Clone, Copy)]
pub struct NewCommand<'a> {
    /// A new id; the same id again is the same command.
    pub id: &'a CommandId,
    /// What kind, see [`domain::api::sync::command`].
    pub kind: &'a str,
    /// The version of its arguments.
    pub version: u32,
    /// Its arguments; sent byte for byte as they are here.
    pub args: &'a RawValue,
    /// When it was done, by the clock of the device.
    pub issued_at: DateTime<Utc>,
}

impl Replica {
    /// Keeps a command. When this returns, a kill or a power cut loses it no more. Gives its number; queueing the same
    /// id again gives the same number.
    pub fn queue(&self, command: &NewCommand<'_>) -> Result<u64, ReplicaError> {
        let bytes = command.args.get().len();
        if bytes > MAX_ARGS_BYTES {
            return Err(ReplicaError::TooLarge {
                what: "a command",
                bytes,
                limit: MAX_ARGS_BYTES,
            });
        }
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(cseq) = find(&transaction, command)? {
            return Ok(cseq);
        }
        let cseq =
            transaction.query_row(include_str!("sql/take_cseq.sql"), [], |row| row.get(0))?;
        transaction
            .prepare_cached(include_str!("sql/add_command.sql"))?
            .execute((
                cseq,
                command.id.as_str(),
                command.kind,
                command.version,
                command.args.get(),
                millis(command.issued_at),
            ))?;
        transaction.commit()?;
        Ok(cseq)
    }

    /// The next commands to send: the oldest that no answer decided on, their numbers without a gap; at most `limit`
    /// (and [`MAX_COMMANDS`]). `None` when nothing waits. Sending them again is harmless.
    pub fn next_push(
        &self,
        device: &DeviceId,
        limit: usize,
    ) -> Result<Option<PushRequest>, ReplicaError> {
        let commands = self.read(|connection| list_queued(connection, limit.min(MAX_COMMANDS)))?;
        Ok(commands.first().map(|first| PushRequest {
            device: device.clone(),
            schema: SCHEMA,
            first_cseq: first.cseq,
            commands: commands.clone(),
        }))
    }

    /// What waits to be sent and what was refused, the oldest first, at most `limit` and
    /// [`MAX_LIST`].
    pub fn unsent(&self, limit: usize) -> Result<Vec<UnsentCommand>, ReplicaError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(include_str!("sql/list_unsent.sql"))?;
            let mut rows = statement.query([limit.min(MAX_LIST)])?;
            let mut commands = Vec::new();
            while let Some(row) = rows.next()? {
                commands.push(read_unsent(row)?);
            }
            Ok(commands)
        })
    }
}

fn find(connection: &Connection, command: &NewCommand<'_>) -> Result<Option<u64>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/find_command.sql"))?;
    let found = statement.query_row([command.id.as_str()], |row| {
        let same = row.get::<_, String>(1)? == command.kind
            && row.get::<_, u32>(2)? == command.version
            && row.get::<_, String>(3)? == command.args.get();
        Ok((row.get(0)?, same))
    });
    match found.optional()? {
        Some((_, false)) => Err(ReplicaError::CommandMismatch {
            id: command.id.clone(),
        }),
        found => Ok(found.map(|(cseq, _)| cseq)),
    }
}

fn list_queued(connection: &Connection, limit: usize) -> Result<Vec<Command>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_queued.sql"))?;
    let mut rows = statement.query([limit])?;
    let mut commands: Vec<Command> = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let command = read_command(row)?;
        let follows = commands
            .last()
            .is_none_or(|last| last.cseq + 1 == command.cseq);
        bytes += command.args.get().len();
        if !follows || (bytes > MAX_PUSH_BYTES && !commands.is_empty()) {
            break;
        }
        commands.push(command);
    }
    Ok(commands)
}

fn read_command(row: &Row<'_>) -> Result<Command, ReplicaError> {
    let id: String = row.get(1)?;
    Ok(Command {
        cseq: row.get(0)?,
        id: CommandId::parse(id).map_err(damaged)?,
        kind: row.get(2)?,
        version: row.get(3)?,
        args: RawValue::from_string(row.get(4)?).map_err(damaged)?,
        issued_at_device: instant(row.get(5)?),
    })
}

fn read_unsent(row: &Row<'_>) -> Result<UnsentCommand, ReplicaError> {
    let id: String = row.get(0)?;
    let args: String = row.get(5)?;
    Ok(UnsentCommand {
        id: CommandId::parse(id).map_err(damaged)?,
        kind: row.get(1)?,
        issued_at: instant(row.get(2)?),
        state: delivery(row.get(3)?, row.get(4)?),
        args: serde_json::from_str(&args).map_err(damaged)?,
        code: None,
        about: None,
        theirs: None,
        set_aside: false,
    })
}

/// How far a command has come, from its columns.
pub(super) fn delivery(state: u8, reason: Option<String>) -> Delivery {
    match state {
        QUEUED => Delivery::Kept,
        CONFIRMED => Delivery::Sent,
        _ => Delivery::Refused(reason.unwrap_or_default()),
    }
}

pub(super) fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

pub(super) fn damaged(error: impl std::fmt::Display) -> ReplicaError {
    ReplicaError::Damaged(error.to_string())
}

/// Takes commands away whose outcome is here: a change of the page names them, or the feeds have passed where their
/// changes stand. Gives how many.
pub(super) fn remove_confirmed(
    connection: &Connection,
    page: &Page,
    scopes: &HeldScopes,
) -> Result<usize, ReplicaError> {
    let mut removed = 0;
    for command in page
        .changes()
        .iter()
        .filter_map(|change| change.command.as_ref())
    {
        removed += connection
            .prepare_cached(include_str!("sql/delete_command_by_id.sql"))?
            .execute([command.as_str()])?;
    }
    let last_cseq = page.checkpoint().last_cseq;
    for (cseq, seqs) in list_confirmed(connection)? {
        let arrived = |(scope, seq): (&Scope, &u64)| {
            let held = scopes.get(scope).map(|(_, held)| held);
            held.is_none_or(|held| !held.granted || held.cursor.seq >= *seq)
        };
        if seqs.iter().all(arrived) && (!seqs.is_empty() || cseq <= last_cseq) {
            removed += connection
                .prepare_cached(include_str!("sql/delete_command.sql"))?
                .execute([cseq])?;
        }
    }
    Ok(removed)
}

/// The number of a confirmed command, and where its changes stand in the feeds.
type Confirmed = (u64, BTreeMap<Scope, u64>);

fn list_confirmed(connection: &Connection) -> Result<Vec<Confirmed>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_confirmed.sql"))?;
    let mut rows = statement.query([])?;
    let mut confirmed = Vec::new();
    while let Some(row) = rows.next()? {
        let seqs: Option<String> = row.get(1)?;
        let seqs = seqs.and_then(|text| serde_json::from_str(&text).ok());
        confirmed.push((row.get(0)?, seqs.unwrap_or_default()));
    }
    Ok(confirmed)
}
