//! Sets a refused command aside: it is kept, but waits for nobody any more.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{Done, Refusal, SetAside};

pub(super) fn set_aside(
    shared: &Shared,
    _caller: &Caller,
    request: &SetAside,
) -> Result<Done, Refusal> {
    shared.replica.set_aside(&request.id).map_err(of_replica)?;
    // Its note leaves the card.
    shared.signals.everything();
    shared.signals.status();
    Ok(Done {})
}
