//! Signs out.

use super::access::Caller;
use crate::device::Shared;
use domain::api::device::{Done, Refusal, SignOut};

pub(super) fn sign_out(
    shared: &Shared,
    _caller: &Caller,
    _request: &SignOut,
) -> Result<Done, Refusal> {
    if shared.session.clear() {
        shared.signals.status();
    }
    Ok(Done {})
}
