//! The shelves of a kiosk's home for somebody anonymous, with the network down as well as up.

use super::access::Caller;
use crate::device::Shared;
use crate::person::Known;
use crate::refusal::of_replica;
use crate::shelves::SHELF_ITEMS;
use domain::api::content::{Shelf, ShelfKind};
use domain::api::device::{Aged, ReadHome, Refusal};
use domain::ids::Sku;

/// Departments that get a shelf.
const DEPARTMENT_SHELVES: usize = 8;

pub(super) fn read_home(
    shared: &Shared,
    _caller: &Caller,
    _request: &ReadHome,
) -> Result<Aged<Vec<Shelf>>, Refusal> {
    shared.here(shelves(shared)?)
}

/// What many buy here, then the best of each department. Nothing before the first sync has brought a model.
fn shelves(shared: &Shared) -> Result<Vec<Shelf>, Refusal> {
    let (Some(loaded), Some(store)) = (shared.model.read(), shared.store()) else {
        return Ok(Vec::new());
    };
    let now = shared.now();
    let nobody = Known::default();
    let nobody = nobody.in_store(store);
    let available = |sku: &Sku| shared.in_stock(sku);
    let best = |department| {
        loaded
            .model
            .for_person(&nobody, department, &available, now, SHELF_ITEMS)
    };
    let mut shelves = Vec::new();
    shelves.extend(shared.shelf(ShelfKind::Popular, best(None), now)?);
    let tiles = shared.replica.departments().map_err(of_replica)?;
    for tile in tiles.into_iter().take(DEPARTMENT_SHELVES) {
        let department = tile.department;
        let items = best(Some(department.clone()));
        shelves.extend(shared.shelf(ShelfKind::Department { department }, items, now)?);
    }
    Ok(shelves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::identity::DeviceKind;

    #[tokio::test]
    async fn a_home_without_a_network_shows_what_is_in_stock() {
        let kiosk = Bench::stocked(DeviceKind::Kiosk);
        let shelves = kiosk.ask(ReadHome {}).await.unwrap().value;
        assert_eq!(shelves[0].kind, ShelfKind::Popular);
        let shown = shelves.iter().flat_map(|shelf| &shelf.items);
        assert!(shown.clone().all(|item| item.view.on_hand > Some(0)));
        assert!(shown.count() > 0);
    }

    #[tokio::test]
    async fn before_the_first_sync_there_are_no_shelves() {
        let kiosk = Bench::new(DeviceKind::Kiosk, "http://127.0.0.1:9");
        let shelves = kiosk.ask(ReadHome {}).await.unwrap();
        assert_eq!((shelves.value.len(), shelves.as_of), (0, None));
    }
}
