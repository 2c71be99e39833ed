//! The queue of what the associate did: durable before the first send, in her order, without a gap.
//!
//! A command that was refused stays here and leaves the queue's numbers: it is never in the way of another.

use super::Replica;
use super::projection::millis;
use crate::error::ReplicaError;
use chrono::{DateTime, Utc};
use domain::api::device::Delivery;
use domain::api::sync::{Command, MAX_COMMANDS, PushRequest, SCHEMA};
use domain::ids::{CommandId, DeviceId};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use serde_json::value::RawValue;

/// The most bytes of a command's arguments.
pub const MAX_ARGS_BYTES: usize = 256 << 10;
/// A push ends before its arguments pass this many bytes; it always has one command.
pub const MAX_PUSH_BYTES: usize = 1 << 20;

/// The most commands that are kept, refused ones included.
pub const MAX_QUEUE: usize = 50_000;

pub(super) const QUEUED: u8 = 0;
pub(super) const CONFIRMED: u8 = 1;
pub(super) const SET_ASIDE: u8 = 3;

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
        check_size(command)?;
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(cseq) = find(&transaction, command)? {
            return Ok(cseq);
        }
        let cseq = add(&transaction, command)?;
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
}

/// A command is bounded before it is looked at.
pub(super) fn check_size(command: &NewCommand<'_>) -> Result<(), ReplicaError> {
    let bytes = command.args.get().len();
    if bytes <= MAX_ARGS_BYTES {
        return Ok(());
    }
    Err(ReplicaError::TooLarge {
        what: "a command",
        bytes,
        limit: MAX_ARGS_BYTES,
    })
}

/// Puts a command at the end of the queue. Gives its number.
pub(super) fn add(connection: &Connection, command: &NewCommand<'_>) -> Result<u64, ReplicaError> {
    let kept: usize = connection
        .prepare_cached(include_str!("sql/count_queue.sql"))?
        .query_row([], |row| row.get(0))?;
    if kept >= MAX_QUEUE {
        return Err(ReplicaError::QueueFull { limit: MAX_QUEUE });
    }
    let cseq = connection.query_row(include_str!("sql/take_cseq.sql"), [], |row| row.get(0))?;
    connection
        .prepare_cached(include_str!("sql/add_command.sql"))?
        .execute((
            cseq,
            command.id.as_str(),
            command.kind,
            command.version,
            command.args.get(),
            millis(command.issued_at),
        ))?;
    Ok(cseq)
}

/// The number of a command that is kept already.
pub(super) fn find(
    connection: &Connection,
    command: &NewCommand<'_>,
) -> Result<Option<u64>, ReplicaError> {
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
