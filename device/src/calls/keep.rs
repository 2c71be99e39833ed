//! Keeps a command: durable here before anybody hears of it, sent as soon as the cloud answers.

use crate::device::Shared;
use crate::refusal::{fault, invalid, not_found, of_replica};
use chrono::{DateTime, Utc};
use domain::api::device::Refusal;
use domain::api::sync::kind;
use domain::ids::{CommandId, CustomerId};
use domain::note::check_note;
use serde::Serialize;
use serde_json::value::to_raw_value;
use sync::NewCommand;

/// A kind of command and the version of its arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) kind: &'static str,
    pub(super) version: u32,
}

/// Keeps a command about a customer, and tells whoever shows her.
pub(super) fn keep<T: Serialize>(
    shared: &Shared,
    form: Form,
    args: &T,
    issued_at: DateTime<Utc>,
    about: &CustomerId,
) -> Result<(), Refusal> {
    let command = NewCommand {
        id: &new_id(shared, issued_at)?,
        kind: form.kind,
        version: form.version,
        args: &to_raw_value(args).map_err(fault)?,
        issued_at,
    };
    shared.replica.queue(&command).map_err(of_replica)?;
    kept(shared, about);
    Ok(())
}

/// An id for a command that is made now.
pub(super) fn new_id(shared: &Shared, at: DateTime<Utc>) -> Result<CommandId, Refusal> {
    let id = CommandId::parse(shared.ports.uuid(at).to_string()).map_err(fault)?;
    shared.taps.remember(&id);
    Ok(id)
}

/// A command about a customer waits in the queue since now.
pub(super) fn kept(shared: &Shared, about: &CustomerId) {
    shared.queued.add();
    shared.signals.customer(about.clone());
    shared.signals.status();
}

/// Checks the text of a note as the cloud will.
pub(super) fn check_text(text: &str) -> Result<(), Refusal> {
    check_note(text).map_err(|error| invalid("text", format!("is refused: {error}")))
}

/// Checks that a customer is on this device.
pub(super) fn check_customer(shared: &Shared, customer: &CustomerId) -> Result<(), Refusal> {
    let entity = shared.replica.entity(kind::CUSTOMER, customer.as_str());
    match entity.map_err(of_replica)? {
        Some(_) => Ok(()),
        None => Err(not_found("customer")),
    }
}
