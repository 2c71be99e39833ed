//! Wipes everything of the shopper from a kiosk.

use super::access::Caller;
use crate::device::Shared;
use domain::api::device::{Done, ForgetGuest, Refusal};

/// The device keeps nothing of a guest: her answer goes through to the screen, and the screen drops it. What the call
/// adds is that every open screen of this kiosk asks for everything anew, as somebody anonymous.
pub(super) fn forget_guest(
    shared: &Shared,
    _caller: &Caller,
    _request: &ForgetGuest,
) -> Result<Done, Refusal> {
    shared.signals.everything();
    Ok(Done {})
}
