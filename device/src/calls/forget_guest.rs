//! Wipes everything of the shopper from a kiosk.

use super::access::Caller;
use crate::device::Shared;
use domain::api::device::{Done, ForgetGuest, Refusal};

/// Of a guest the device has her cart alone, in memory; what she did to it is queued and goes up. Her answer went through
/// to the screen, and the screen drops it: every open screen of this kiosk asks for everything anew, as somebody anonymous.
pub(super) fn forget_guest(
    shared: &Shared,
    _caller: &Caller,
    _request: &ForgetGuest,
) -> Result<Done, Refusal> {
    shared.carts.forget();
    shared.signals.everything();
    Ok(Done {})
}
