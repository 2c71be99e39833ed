//! What is not in the cloud yet or was refused by it, as a file to give to somebody.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{ExportUnsent, Exported, Refusal};

pub(super) fn export_unsent(
    shared: &Shared,
    _caller: &Caller,
    _request: &ExportUnsent,
) -> Result<Exported, Refusal> {
    let json = shared.replica.export_unsent().map_err(of_replica)?;
    let at = shared.now().format("%Y%m%d-%H%M%S");
    Ok(Exported {
        file_name: format!("aisle-unsent-{at}.json"),
        json,
    })
}
