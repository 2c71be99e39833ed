//! Finds items by words, number or bar code.

use super::access::Caller;
use super::asked::{check_limit, check_query};
use crate::device::Shared;
use crate::refusal::{invalid, of_replica};
use domain::api::device::{Aged, ItemHits, Refusal, SearchItems};

/// Nobody leafs further than this.
const MAX_OFFSET: usize = 100_000;

pub(super) fn search_items(
    shared: &Shared,
    _caller: &Caller,
    request: &SearchItems,
) -> Result<Aged<ItemHits>, Refusal> {
    check_query(&request.query)?;
    check_limit(request.limit)?;
    if request.offset > MAX_OFFSET {
        return Err(invalid("offset", format!("is more than {MAX_OFFSET}")));
    }
    let hits = shared.replica.search_items(
        &request.query,
        request.department.as_ref(),
        request.offset,
        request.limit,
        shared.now(),
    );
    shared.here(hits.map_err(of_replica)?)
}
