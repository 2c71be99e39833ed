//! What commands do: each kind reads what it needs and decides; nothing is written here.

mod note_add;

use crate::feed::Move;
use crate::ports::ledger::{Ledger, Write};
use crate::table::TableError;
use domain::api::sync::{Command, CommandStatus, command};
use domain::ids::StoreId;

/// A decision on a command, ready to be written.
#[derive(Debug)]
pub(super) struct Decision {
    /// Applied or rejected.
    pub(super) status: CommandStatus,
    /// Why it is rejected.
    pub(super) code: Option<&'static str>,
    /// For people, where it is rejected.
    pub(super) message: Option<String>,
    /// What it changes.
    pub(super) moves: Vec<Move>,
    /// What must still be true when it is written.
    pub(super) checks: Vec<Write>,
}

impl Decision {
    fn applied(moves: Vec<Move>, checks: Vec<Write>) -> Self {
        Self {
            status: CommandStatus::Applied,
            code: None,
            message: None,
            moves,
            checks,
        }
    }

    fn rejected(code: &'static str, message: impl std::fmt::Display) -> Self {
        // A message may quote what it refuses, which may be long.
        let message = message.to_string().chars().take(300).collect();
        Self {
            status: CommandStatus::Rejected,
            code: Some(code),
            message: Some(message),
            moves: Vec::new(),
            checks: Vec::new(),
        }
    }
}

/// Decides on a command of a device of `store`.
pub(super) async fn decide(
    ledger: &dyn Ledger,
    store: &StoreId,
    command: &Command,
) -> Result<Decision, TableError> {
    match (command.kind.as_str(), command.version) {
        (command::NOTE_ADD, 1) => note_add::decide(ledger, store, command).await,
        _ => Ok(Decision::rejected(
            "kind-unknown",
            "This kind of command, or its version, is not known here",
        )),
    }
}
