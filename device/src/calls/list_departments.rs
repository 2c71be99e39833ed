//! Lists departments.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{Aged, DepartmentTile, ListDepartments, Refusal};

pub(super) fn list_departments(
    shared: &Shared,
    _caller: &Caller,
    _request: &ListDepartments,
) -> Result<Aged<Vec<DepartmentTile>>, Refusal> {
    shared.here(shared.replica.departments().map_err(of_replica)?)
}
