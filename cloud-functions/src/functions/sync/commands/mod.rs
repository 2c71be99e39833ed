//! What commands do: each kind reads what it needs and decides; nothing is written here.

mod cart_begin;
mod cart_change;
mod cart_sell;
mod note_add;
mod note_change;
mod note_remove;
mod notes;
mod pick_set;
mod versions;

use self::versions::Args;
use crate::devices::DeviceState;
use crate::feed::Move;
use crate::ports::ledger::{Ledger, Write};
use crate::table::TableError;
use chrono::{DateTime, Utc};
use domain::api::identity::DeviceKind;
use domain::api::sync::{Command, CommandStatus, command, kind};
use domain::ids::{CommandId, StoreId};

/// Kinds of entities whose later decisions build on earlier ones of the same write: nothing is decided by their version.
/// Of all others an earlier change is waited for.
pub(super) const BUILT_UPON: &[&str] = &[kind::CART, kind::STOCK, kind::ALLOTMENT];

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
    /// The device itself.
    pub(super) device: &'a DeviceState,
    /// Which command it is.
    pub(super) command: &'a CommandId,
    /// By the cloud's clock.
    pub(super) now: DateTime<Utc>,
}

/// A kiosk, where strangers stand, changes carts and nothing else.
fn may_push(kind: DeviceKind, command: &Command) -> bool {
    match kind {
        DeviceKind::Tablet => true,
        DeviceKind::Kiosk => {
            [command::CART_BEGIN, command::CART_CHANGE].contains(&command.kind.as_str())
        }
    }
}

/// Decides on a command of a device.
pub(super) async fn decide(
    ledger: &dyn Ledger,
    device: &DeviceState,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<Decision, TableError> {
    if !may_push(device.kind, command) {
        return Ok(Decision::rejected(
            "kind-forbidden",
            "A kiosk changes carts and nothing else",
        ));
    }
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
        store: &device.store,
        device,
        command: &command.id,
        now,
    };
    match command.kind.as_str() {
        command::NOTE_ADD => note_add::decide(&desk, &args).await,
        command::CART_BEGIN => cart_begin::decide(&desk, &args).await,
        command::CART_SELL => cart_sell::decide(&desk, &args).await,
        command::CART_CHANGE => cart_change::decide(&desk, &args).await,
        command::NOTE_CHANGE => note_change::decide(&desk, &args).await,
        command::PICK_SET => pick_set::decide(&desk, &args).await,
        _ => note_remove::decide(&desk, &args).await,
    }
}
