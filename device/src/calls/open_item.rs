//! Opens an item: its variants, and what goes with it.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::{not_found, of_replica};
use crate::shelves::SHELF_ITEMS;
use chrono::{DateTime, Utc};
use domain::api::content::{ItemView, Shelf, ShelfKind};
use domain::api::device::{Aged, ItemPage, OpenItem, Refusal};
use domain::ids::Sku;
use recommend::Filters;

pub(super) fn open_item(
    shared: &Shared,
    _caller: &Caller,
    request: &OpenItem,
) -> Result<Aged<ItemPage>, Refusal> {
    let now = shared.now();
    let view = shared.replica.item_view(&request.sku, now);
    let view = view.map_err(of_replica)?.ok_or_else(|| not_found("item"))?;
    shared.here(ItemPage {
        variants: variants(shared, &view, now)?,
        shelves: shelves(shared, &request.sku, now)?,
        view,
    })
}

/// The variants of its style, itself included.
fn variants(
    shared: &Shared,
    view: &ItemView,
    now: DateTime<Utc>,
) -> Result<Vec<ItemView>, Refusal> {
    let Some(style) = &view.item.style else {
        return Ok(vec![view.clone()]);
    };
    let mut variants = shared.replica.variants(style, now).map_err(of_replica)?;
    if !variants
        .iter()
        .any(|variant| variant.item.sku == view.item.sku)
    {
        // A style with more variants than a reply has rows.
        variants.pop();
        variants.push(view.clone());
    }
    Ok(variants)
}

fn shelves(shared: &Shared, sku: &Sku, now: DateTime<Utc>) -> Result<Vec<Shelf>, Refusal> {
    let Some(loaded) = shared.model.read() else {
        return Ok(Vec::new());
    };
    let available = |sku: &Sku| shared.in_stock(sku);
    let filters = Filters {
        available: &available,
        ..Filters::default()
    };
    let model = &loaded.model;
    let together = model.bought_together(std::slice::from_ref(sku), &filters, SHELF_ITEMS);
    let similar = model.similar(sku, &filters, SHELF_ITEMS);
    let mut shelves = Vec::new();
    shelves.extend(shared.shelf(ShelfKind::BoughtTogether, together, now)?);
    shelves.extend(shared.shelf(ShelfKind::Similar, similar, now)?);
    Ok(shelves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::identity::DeviceKind;

    #[tokio::test]
    async fn an_item_has_its_variants_and_shelves() {
        let kiosk = Bench::stocked(DeviceKind::Kiosk);
        let sku = Sku::parse("boots").unwrap();
        let page = kiosk.ask(OpenItem { sku }).await.unwrap().value;
        assert_eq!(page.view.item.title, "The boots");
        assert_eq!(page.variants.len(), 3);
        let kinds: Vec<_> = page
            .shelves
            .iter()
            .map(|shelf| shelf.kind.clone())
            .collect();
        assert_eq!(kinds, [ShelfKind::BoughtTogether, ShelfKind::Similar]);
        assert_eq!(page.shelves[0].items[0].view.item.sku.as_str(), "socks");
        let alone = Sku::parse("tent").unwrap();
        let page = kiosk.ask(OpenItem { sku: alone }).await.unwrap().value;
        assert_eq!(page.variants, [page.view]);
    }
}
