//! What the commands about notes share.

use super::{Decision, Desk};
use crate::feed::{Move, entity_key};
use crate::ports::ledger::{Condition, Key, Write};
use crate::table::{self, Row, TableError};
use domain::api::sync::{Scope, kind};
use domain::customer::Customer;
use domain::ids::{AssociateId, CustomerId, NoteId};
use domain::note::Note;
use domain::store::Associate;

/// Where it lies that a note was taken away: its id is never used again, whatever an old device pushes.
pub(super) fn gone_key(note: &NoteId) -> Key {
    Key::new(entity_key(kind::NOTE, note.as_str()).partition, "GONE")
}

/// The note as it is; its version is the row's revision.
pub(super) async fn lookup(
    desk: &Desk<'_>,
    note: &NoteId,
) -> Result<Option<Row<Note>>, TableError> {
    table::lookup(desk.ledger, &entity_key(kind::NOTE, note.as_str())).await
}

/// Whether this store may write about the customer as this associate. What has to stay true until it is written, or the
/// rejection.
pub(super) async fn may_write(
    desk: &Desk<'_>,
    customer: &CustomerId,
    author: &AssociateId,
) -> Result<Result<Write, Decision>, TableError> {
    let key = entity_key(kind::CUSTOMER, customer.as_str());
    let row: Option<Row<Customer>> = table::lookup(desk.ledger, &key).await?;
    let Some(row) = row.filter(|row| row.value.home_store == *desk.store) else {
        return Ok(Err(Decision::rejected(
            "customer-unknown",
            "This customer is not one of this store's",
        )));
    };
    if !works_here(desk, author).await? {
        return Ok(Err(Decision::rejected(
            "author-unknown",
            "Whoever wrote this does not work in this store",
        )));
    }
    // Who is erased in between gets no note.
    Ok(Ok(Write::Check {
        condition: row.unchanged(),
        key,
    }))
}

async fn works_here(desk: &Desk<'_>, author: &AssociateId) -> Result<bool, TableError> {
    let key = entity_key(kind::ASSOCIATE, author.as_str());
    let row: Option<Row<Associate>> = table::lookup(desk.ledger, &key).await?;
    Ok(row.is_some_and(|row| row.value.store == *desk.store))
}

/// The note is now this, or gone, if it is still as it was read.
pub(super) fn moved(
    desk: &Desk<'_>,
    id: &NoteId,
    note: Option<&Note>,
    condition: Condition,
) -> Result<Move, TableError> {
    let body = note.map(serde_json::value::to_raw_value).transpose();
    let body = body.map_err(|error| TableError::Corrupt {
        key: "a new note".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(Move {
        scope: Scope::customers(desk.store),
        kind: kind::NOTE,
        id: id.to_string(),
        body,
        command: Some(desk.command.clone()),
        condition,
    })
}
