//! The catalogue in the shopper's browser: what the pages list and find. Pure.

use domain::api::content::ItemView;
use domain::ids::{DepartmentId, Sku};
use std::collections::HashSet;

/// The most items that the shop holds; a larger catalogue shows its first part.
pub(crate) const ITEMS_MAX: usize = 3_000;
/// The most items that one list shows.
const LIST_MAX: usize = 120;

/// Every item, each with the text that a search reads.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Catalogue {
    items: Vec<ItemView>,
    texts: Vec<String>,
}

impl Catalogue {
    /// Adds a page. Gives whether there is room for more.
    pub(crate) fn add(&mut self, items: Vec<ItemView>) -> bool {
        for view in items
            .into_iter()
            .take(ITEMS_MAX.saturating_sub(self.items.len()))
        {
            self.texts.push(view.item.search_text());
            self.items.push(view);
        }
        self.items.len() < ITEMS_MAX
    }

    /// An item.
    pub(crate) fn find(&self, sku: &Sku) -> Option<&ItemView> {
        self.items.iter().find(|view| &view.item.sku == sku)
    }

    /// The variants of an item's style, itself included.
    pub(crate) fn variants(&self, view: &ItemView) -> Vec<ItemView> {
        let of_style =
            |other: &&ItemView| view.item.style.is_some() && other.item.style == view.item.style;
        self.items.iter().filter(of_style).cloned().collect()
    }

    /// The departments, in the order of their first item.
    pub(crate) fn departments(&self) -> Vec<DepartmentId> {
        let mut seen = HashSet::new();
        let mut departments = Vec::new();
        for view in &self.items {
            if seen.insert(&view.item.department) {
                departments.push(view.item.department.clone());
            }
        }
        departments
    }

    /// One item of each style of a department, one in stock before others.
    pub(crate) fn in_department(&self, department: &DepartmentId) -> Vec<ItemView> {
        styles(
            self.items
                .iter()
                .filter(|view| &view.item.department == department),
        )
    }

    /// One item of each style that has all the words.
    pub(crate) fn search(&self, query: &str) -> Vec<ItemView> {
        let query = domain::text::fold(query);
        let words: Vec<&str> = query.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let has_all = |text: &str| words.iter().all(|word| text.contains(word));
        let found = self
            .items
            .iter()
            .zip(&self.texts)
            .filter(|(_, text)| has_all(text));
        styles(found.map(|(view, _)| view))
    }
}

fn styles<'a>(items: impl Iterator<Item = &'a ItemView>) -> Vec<ItemView> {
    let mut items: Vec<&ItemView> = items.collect();
    // Stable: items keep their order within what is here and what is not.
    items.sort_by_key(|view| view.on_hand == Some(0));
    let mut seen = HashSet::new();
    items
        .into_iter()
        .filter(|view| {
            view.item
                .style
                .as_ref()
                .is_none_or(|style| seen.insert(style))
        })
        .take(LIST_MAX)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(sku: &str, style: &str, title: &str, on_hand: i64) -> ItemView {
        serde_json::from_value(serde_json::json!({
            "item": {"sku": sku, "style": style, "title": title, "department": "outdoor", "colour": "Navy"},
            "price": null, "on_hand": on_hand}))
        .unwrap()
    }

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::default();
        assert!(catalogue.add(vec![
            view("a-1", "a", "Skerry jacket", 0),
            view("a-2", "a", "Skerry jacket", 3),
            view("b-1", "b", "Überhose", 1),
        ]));
        catalogue
    }

    #[test]
    fn a_list_shows_a_style_once_and_what_is_here_first() {
        let outdoor = DepartmentId::parse("outdoor").unwrap();
        let listed = catalogue().in_department(&outdoor);
        let skus: Vec<&str> = listed.iter().map(|view| view.item.sku.as_str()).collect();
        assert_eq!(skus, ["a-2", "b-1"]);
        assert_eq!(catalogue().departments(), [outdoor]);
    }

    #[test]
    fn a_search_needs_every_word_and_no_accents() {
        assert_eq!(catalogue().search("uber navy").len(), 1);
        assert_eq!(catalogue().search("skerry pink").len(), 0);
        assert_eq!(catalogue().search("  ").len(), 0);
    }

    #[test]
    fn the_catalogue_is_bounded() {
        let mut catalogue = Catalogue::default();
        let many = (0..ITEMS_MAX + 5).map(|n| view(&format!("s-{n}"), "s", "Sock", 1));
        assert!(!catalogue.add(many.collect()));
        assert_eq!(catalogue.items.len(), ITEMS_MAX);
        let first = catalogue.items.first().cloned().unwrap();
        assert_eq!(catalogue.variants(&first).len(), ITEMS_MAX);
    }
}
