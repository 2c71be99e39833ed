//! What is not in the cloud yet or was refused by it, for people: as a list, and as a file to give to somebody.

use super::Replica;
use super::outbox::{SET_ASIDE, damaged, delivery, instant};
use super::store::{MAX_LIST, lookup, versioned};
use crate::error::ReplicaError;
use domain::api::device::{Theirs, UnsentCommand};
use domain::api::sync::{command, kind};
use domain::customer::Customer;
use domain::ids::CommandId;
use domain::note::Note;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An export ends before it passes this many bytes, and says so; it always has one command.
pub const MAX_EXPORT_BYTES: usize = 64 << 20;

impl Replica {
    /// What waits to be sent and what was refused, in the order in which it was done, at most `limit` and
    /// [`MAX_LIST`].
    pub fn unsent(&self, limit: usize) -> Result<Vec<UnsentCommand>, ReplicaError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut statement = transaction.prepare_cached(include_str!("sql/list_unsent.sql"))?;
            let mut rows = statement.query([limit.min(MAX_LIST)])?;
            let mut commands = Vec::new();
            while let Some(row) = rows.next()? {
                commands.push(read_unsent(&transaction, row)?);
            }
            Ok(commands)
        })
    }

    /// Everything that [`Replica::unsent`] lists, as one JSON object; at most [`MAX_EXPORT_BYTES`], and `more` where
    /// that was not all.
    pub fn export_unsent(&self) -> Result<String, ReplicaError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(include_str!("sql/export_unsent.sql"))?;
            let mut rows = statement.query([])?;
            let mut export = Export::default();
            let mut bytes = 0;
            while let Some(row) = rows.next()? {
                let exported = read_exported(row)?;
                bytes += exported.args.get().len() + 512;
                if bytes > MAX_EXPORT_BYTES && !export.commands.is_empty() {
                    export.more = true;
                    break;
                }
                export.commands.push(exported);
            }
            serde_json::to_string_pretty(&export).map_err(damaged)
        })
    }
}

/// What a command says of whom and what it is about.
#[derive(Default, Deserialize)]
struct About {
    customer: Option<String>,
    id: Option<String>,
    cart: Option<String>,
    order: Option<AboutOrder>,
}

#[derive(Deserialize)]
struct AboutOrder {
    customer: Option<String>,
}

impl About {
    /// Whose card it is about: hers who is named, or whose cart it is.
    fn customer(&self, connection: &Connection) -> Result<Option<String>, ReplicaError> {
        let ordered = self.order.as_ref().and_then(|order| order.customer.clone());
        if let Some(customer) = self.customer.clone().or(ordered) {
            return Ok(Some(customer));
        }
        let Some(cart) = &self.cart else {
            return Ok(None);
        };
        let cart: Option<AboutOrder> = lookup(connection, kind::CART, cart)?;
        Ok(cart.and_then(|cart| cart.customer))
    }
}

fn read_unsent(connection: &Connection, row: &Row<'_>) -> Result<UnsentCommand, ReplicaError> {
    let id: String = row.get(0)?;
    let kind_name: String = row.get(1)?;
    let (state, args): (u8, String) = (row.get(3)?, row.get(5)?);
    let about: About = serde_json::from_str(&args).unwrap_or_default();
    let customer: Option<Customer> = match about.customer(connection)? {
        Some(customer) => lookup(connection, kind::CUSTOMER, &customer)?,
        None => None,
    };
    Ok(UnsentCommand {
        id: CommandId::parse(id).map_err(damaged)?,
        issued_at: instant(row.get(2)?),
        state: delivery(state, row.get(4)?),
        args: serde_json::from_str(&args).map_err(damaged)?,
        code: row.get(6)?,
        about: customer.map(|customer| customer.name.full()),
        theirs: theirs(connection, &kind_name, &about)?,
        set_aside: state == SET_ASIDE,
        kind: kind_name,
    })
}

/// The note that a command changes, as it is now.
fn theirs(
    connection: &Connection,
    kind_name: &str,
    about: &About,
) -> Result<Option<Theirs>, ReplicaError> {
    let (command::NOTE_CHANGE | command::NOTE_REMOVE, Some(id)) = (kind_name, &about.id) else {
        return Ok(None);
    };
    let note: Option<(Note, u64)> = versioned(connection, kind::NOTE, id)?;
    Ok(note.map(|(note, version)| Theirs {
        version,
        text: note.text,
        pinned: note.pinned,
    }))
}

#[derive(Default, Serialize)]
struct Export {
    commands: Vec<Exported>,
    /// Whether there were more than fit.
    more: bool,
}

#[derive(Serialize)]
struct Exported {
    id: String,
    kind: String,
    version: u32,
    issued_at: chrono::DateTime<chrono::Utc>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    args: Box<RawValue>,
}

fn read_exported(row: &Row<'_>) -> Result<Exported, ReplicaError> {
    let state = match row.get(4)? {
        super::outbox::QUEUED => "queued",
        SET_ASIDE => "set_aside",
        _ => "refused",
    };
    Ok(Exported {
        id: row.get(0)?,
        kind: row.get(1)?,
        version: row.get(2)?,
        issued_at: instant(row.get(3)?),
        state,
        code: row.get(5)?,
        message: row.get(6)?,
        args: RawValue::from_string(row.get(7)?).map_err(damaged)?,
    })
}
