//! Asking for somebody of the team, as a screen does.

use crate::api::device::{DeviceCall, Done};
use crate::help::HelpCall;
use crate::ids::{CartId, DeviceId};
use serde::{Deserialize, Serialize};

device_calls! {
    AskHelp => "ask_help" -> Done,
    ListHelp => "list_help" -> Vec<HelpCall>,
    EndHelp => "end_help" -> Done,
}

/// The shopper at this kiosk asks for somebody of the team. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AskHelp {
    /// Her cart, where she has one.
    #[serde(default)]
    pub cart: Option<CartId>,
}

/// Lists the kiosks of this store that ask for somebody, who waits longest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListHelp {}

/// Somebody goes there, or the shopper has left. Asks the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EndHelp {
    /// Which kiosk's; `None` at the kiosk itself.
    #[serde(default)]
    pub device: Option<DeviceId>,
}
