//! What waits to be sent, and what was refused.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{ListUnsent, MAX_ROWS, Refusal, UnsentCommand};

pub(super) fn list_unsent(
    shared: &Shared,
    _caller: &Caller,
    _request: &ListUnsent,
) -> Result<Vec<UnsentCommand>, Refusal> {
    shared.replica.unsent(MAX_ROWS).map_err(of_replica)
}
