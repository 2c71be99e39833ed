//! `note.add`, version 1: adds a note on a customer of the device's store.

use super::Decision;
use crate::feed::{Move, entity_key};
use crate::ports::ledger::{Condition, Key, Ledger, Write};
use crate::table::{self, Row, TableError};
use domain::api::sync::{Command, Scope, kind};
use domain::customer::Customer;
use domain::ids::StoreId;
use domain::note::{Note, check_note};
use domain::store::Associate;

pub(super) async fn decide(
    ledger: &dyn Ledger,
    store: &StoreId,
    command: &Command,
) -> Result<Decision, TableError> {
    let note: Note = match serde_json::from_str(command.args.get()) {
        Ok(note) => note,
        Err(error) => return Ok(Decision::rejected("note-invalid", error)),
    };
    if let Err(error) = check_note(&note.text) {
        return Ok(Decision::rejected("note-invalid", error));
    }
    let Some(customer) = customer_check(ledger, store, &note).await? else {
        return Ok(Decision::rejected(
            "customer-unknown",
            "This customer is not one of this store's",
        ));
    };
    if !author_works_here(ledger, store, &note).await? {
        return Ok(Decision::rejected(
            "author-unknown",
            "Whoever wrote this does not work in this store",
        ));
    }
    match table::lookup::<Note>(ledger, &entity_key(kind::NOTE, note.id.as_str())).await? {
        None => Ok(Decision::applied(
            vec![added(store, &note, command)?],
            vec![customer],
        )),
        // The same note under another command: a device that was set up again pushes what it kept.
        Some(kept) if kept.value == note => Ok(Decision::applied(Vec::new(), Vec::new())),
        Some(_) => Ok(Decision::rejected(
            "note-exists",
            "There is another note with this id",
        )),
    }
}

/// That the customer is still as she was read: who is erased in between gets no note.
async fn customer_check(
    ledger: &dyn Ledger,
    store: &StoreId,
    note: &Note,
) -> Result<Option<Write>, TableError> {
    let key = entity_key(kind::CUSTOMER, note.customer.as_str());
    let row: Option<Row<Customer>> = table::lookup(ledger, &key).await?;
    let row = row.filter(|row| row.value.home_store == *store);
    Ok(row.map(|row| Write::Check {
        condition: row.unchanged(),
        key,
    }))
}

async fn author_works_here(
    ledger: &dyn Ledger,
    store: &StoreId,
    note: &Note,
) -> Result<bool, TableError> {
    let key: Key = entity_key(kind::ASSOCIATE, note.author.as_str());
    let row: Option<Row<Associate>> = table::lookup(ledger, &key).await?;
    Ok(row.is_some_and(|row| row.value.store == *store))
}

fn added(store: &StoreId, note: &Note, command: &Command) -> Result<Move, TableError> {
    let corrupt = |error: serde_json::Error| TableError::Corrupt {
        key: "a new note".to_owned(),
        reason: error.to_string(),
    };
    Ok(Move {
        scope: Scope::customers(store),
        kind: kind::NOTE,
        id: note.id.to_string(),
        body: Some(serde_json::value::to_raw_value(note).map_err(corrupt)?),
        command: Some(command.id.clone()),
        condition: Condition::Absent,
    })
}
