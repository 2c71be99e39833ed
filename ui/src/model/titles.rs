//! Looks up the items that a card names.

use domain::api::content::ItemView;
use domain::ids::Sku;

/// The item of a SKU, where the card has it.
#[must_use]
pub fn find<'a>(items: &'a [ItemView], sku: &Sku) -> Option<&'a ItemView> {
    items.iter().find(|view| &view.item.sku == sku)
}

/// Its title; the SKU itself where the card does not have it.
#[must_use]
pub fn title(items: &[ItemView], sku: &Sku) -> String {
    find(items, sku).map_or_else(|| sku.to_string(), |view| view.item.title.clone())
}

/// What tells variants of one style apart: `Navy, 39`. Empty where nothing does.
#[must_use]
pub fn variant(view: &ItemView) -> String {
    let parts = [view.item.colour.as_str(), view.item.size.as_str()];
    let named: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_that_is_not_there_is_named_by_its_number() {
        let boots: ItemView = serde_json::from_value(serde_json::json!({
            "item": {"sku": "b-39", "title": "Boots", "department": "outdoor", "colour": "navy", "size": "39"},
            "price": null, "on_hand": null}))
        .unwrap();
        let items = [boots];
        assert_eq!(title(&items, &Sku::parse("b-39").unwrap()), "Boots");
        assert_eq!(title(&items, &Sku::parse("b-40").unwrap()), "b-40");
        assert_eq!(items.first().map(variant).as_deref(), Some("navy, 39"));
    }
}
