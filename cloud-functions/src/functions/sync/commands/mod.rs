//! What commands do: each kind reads what it needs and decides; nothing is written here.

mod note_add;
mod note_change;
mod note_remove;
mod notes;
mod versions;

use self::versions::Args;
use crate::feed::Move;
use crate::ports::ledger::{Ledger, Write};
use crate::table::TableError;
use chrono::{DateTime, Utc};
use domain::api::sync::{Command, CommandStatus, command};
use domain::ids::{CommandId, StoreId};

/// A decision on a command, ready to be written.
#[derive(Debug)]
pub(super) struct Decision {
    /// Applied, superseded or rejected.
    pub(super) status: CommandStatus,
    /// Why it is rejected.
    pub(super) code: Option<&'static str>,
    /// For people, where it is rejected.
    pub(super) message: Option<String>,
    /// What it changes.
    pub(super) moves: Vec<Move>,
    /// What must still be true when it is written, and what is written with it.
    pub(super) beside: Vec<Write>,
}

impl Decision {
    fn applied(moves: Vec<Move>, beside: Vec<Write>) -> Self {
        Self {
            status: CommandStatus::Applied,
            code: None,
            message: None,
            moves,
            beside,
        }
    }

    /// It was done, and a later decision overtook it: nothing is left to do.
    fn superseded() -> Self {
        Self {
            status: CommandStatus::Superseded,
            ..Self::applied(Vec::new(), Vec::new())
        }
    }

    fn rejected(code: &'static str, message: impl std::fmt::Display) -> Self {
        // A message may quote what it refuses, which may be long.
        let message = message.to_string().chars().take(300).collect();
        Self {
            status: CommandStatus::Rejected,
            code: Some(code),
            message: Some(message),
            ..Self::applied(Vec::new(), Vec::new())
        }
    }
}

/// What a command is decided on with.
pub(super) struct Desk<'a> {
    /// Reads what is true now.
    pub(super) ledger: &'a dyn Ledger,
    /// The store of the device that sent it.
    pub(super) store: &'a StoreId,
    /// Which command it is.
    pub(super) command: &'a CommandId,
}

/// Decides on a command of a device of `store`.
pub(super) async fn decide(
    ledger: &dyn Ledger,
    store: &StoreId,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<Decision, TableError> {
    let args = match versions::current(command, now) {
        Args::Current(args) => args,
        Args::TooOld => {
            return Ok(Decision::rejected(
                "version-too-old",
                "This version of the app is no longer taken: bring it up to date",
            ));
        }
        Args::Unknown => {
            return Ok(Decision::rejected(
                "kind-unknown",
                "This kind of command, or its version, is not known here",
            ));
        }
    };
    let desk = Desk {
        ledger,
        store,
        command: &command.id,
    };
    match command.kind.as_str() {
        command::NOTE_ADD => note_add::decide(&desk, &args).await,
        command::NOTE_CHANGE => note_change::decide(&desk, &args).await,
        _ => note_remove::decide(&desk, &args).await,
    }
}
