//! What was decided on a command, kept for good: `D#<device>` / `C#<cseq>`.

use crate::devices::command_key;
use crate::ports::ledger::{Key, Stored};
use crate::services::Services;
use crate::table::{self, TableError};
use domain::api::sync::{Command, CommandResult, CommandStatus};
use domain::ids::{CommandId, DeviceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The decision on a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Which command.
    pub(super) id: CommandId,
    /// [`command_hash`].
    pub(super) hash: String,
    /// What was decided.
    pub(super) result: CommandResult,
}

impl Outcome {
    /// The answer to a repeat: what was done is a duplicate; what was refused is refused again, or a device that missed
    /// the first answer would take it for done.
    pub(super) fn repeated(self) -> CommandResult {
        let status = match self.result.status {
            CommandStatus::Applied | CommandStatus::Duplicate => CommandStatus::Duplicate,
            refused @ (CommandStatus::Rejected | CommandStatus::Superseded) => refused,
        };
        CommandResult {
            status,
            ..self.result
        }
    }
}

/// The decisions on commands of a device, each where there is one.
pub(super) async fn list(
    services: &Services,
    device: &DeviceId,
    commands: &[Command],
) -> Result<Vec<Option<Outcome>>, TableError> {
    let key = |command: &Command| command_key(device, command.cseq);
    let keys: Vec<Key> = commands.iter().map(key).collect();
    let stored = services.ledger.read_all(&keys).await?;
    let outcome = |stored: &Stored| table::row(stored).map(|row| row.value);
    let outcomes = stored.iter().map(|found| found.as_ref().map(outcome));
    outcomes.map(Option::transpose).collect()
}

/// SHA-256 over what a command asks for, hex. Its arguments count byte for byte, as the device keeps them; the device's
/// clock does not count. Each part is preceded by its length, so that none can pass for another.
pub(super) fn command_hash(command: &Command) -> String {
    let version = command.version.to_string();
    let parts = [
        command.id.as_str(),
        &command.kind,
        &version,
        command.args.get(),
    ];
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_string());
        hasher.update(":");
        hasher.update(part);
    }
    hasher
        .finalize()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
