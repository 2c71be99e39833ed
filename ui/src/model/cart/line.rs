//! A line of a cart, with all that a screen says of it.

use crate::model::cart::off;
use crate::model::titles;
use domain::api::content::ItemView;
use domain::api::device::CartPage;
use domain::cart::{Channel, Discount, Line};
use domain::ids::{LineId, Sku};
use domain::money::Money;

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct CartLine {
    /// The line itself: what is done to it is made of it.
    pub line: Line,
    /// The item, where it is known here.
    pub view: Option<ItemView>,
    /// Its title, or its number.
    pub title: String,
    /// Colour and size.
    pub variant: String,
    /// What one piece costs.
    pub unit: Option<Money>,
    /// What all pieces cost before anything is off; only where something is.
    pub before: Option<Money>,
    /// What they cost.
    pub amount: Option<Money>,
    /// What is off this line, each with its reason; what is off the whole cart stands below the lines.
    pub off: Vec<Discount>,
    /// Pieces that this device may sell with the network down.
    pub allotted: u64,
}

impl CartLine {
    /// Its key.
    #[must_use]
    pub const fn id(&self) -> &LineId {
        &self.line.id
    }

    /// Where it was put in.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.line.by.channel
    }
}

/// The lines of a cart, in its order.
#[must_use]
pub fn lines(page: &CartPage) -> Vec<CartLine> {
    let lines = page.cart.lines.iter();
    lines.map(|line| one(page, line)).collect()
}

/// The title of an item that the cart names.
#[must_use]
pub fn title(page: &CartPage, sku: &Sku) -> String {
    titles::title(&page.items, sku)
}

/// The title of the item on a line; also of one that was sold, empty for one that is gone.
#[must_use]
pub fn title_of_line(page: &CartPage, line: &LineId) -> String {
    let sold = || {
        let sold = page.cart.sold.iter().find(|sold| sold.id == *line);
        sold.map(|sold| &sold.sku)
    };
    let sku = page.cart.line(line).map(|line| &line.sku).or_else(sold);
    sku.map(|sku| title(page, sku)).unwrap_or_default()
}

fn one(page: &CartPage, line: &Line) -> CartLine {
    let view = titles::find(&page.items, &line.sku).cloned();
    let totals = page.totals.as_ref();
    let total = totals.and_then(|totals| totals.lines.iter().find(|t| t.line_id == line.id));
    let own = |totals| off::of_line(totals, &line.id).cloned().collect();
    let off: Vec<Discount> = totals.map(own).unwrap_or_default();
    CartLine {
        title: title(page, &line.sku),
        variant: view.as_ref().map(titles::variant).unwrap_or_default(),
        unit: total
            .map(|total| total.unit)
            .or_else(|| line.price.as_ref().map(|price| price.unit)),
        before: total.filter(|_| !off.is_empty()).map(|total| total.goods),
        amount: totals
            .zip(total)
            .map(|(totals, total)| off::left(totals, total)),
        off,
        allotted: page.allotted.get(&line.sku).copied().unwrap_or_default(),
        line: line.clone(),
        view,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A cart of two lines, one of them reduced.
    pub(crate) fn page() -> CartPage {
        let author = json!({"channel": "phone", "device": "d-1"});
        let money = |minor: i64| json!({"minor": minor, "currency": "EUR"});
        let price = |minor: i64| json!({"unit": money(minor), "version": 1, "source": {"type": "list", "list": "default"}});
        let line = |id: &str, sku: &str, balance: i64, minor: i64| {
            json!({"id": id, "sku": sku, "added": format!("c-{id}"), "by": author, "balance": balance,
                "version": 1, "price": price(minor)})
        };
        let total = |id: &str, sku: &str, quantity: u32, unit: i64, goods: i64, off: i64| {
            json!({"line_id": id, "sku": sku, "quantity": quantity, "unit": money(unit), "goods": money(goods),
                "discount": money(off), "rate": 190_000, "tax": money(0), "total": money(goods - off)})
        };
        serde_json::from_value(json!({
            "cart": {"id": "k-1", "store": "1", "currency": "EUR", "generation": 1, "status": {"state": "open"},
                "version": 3, "lease": {"fence": 0},
                "lines": [line("l-1", "boots-39", 2, 8_000), line("l-2", "mug", 1, 900)]},
            "totals": {"mode": "inclusive",
                "lines": [total("l-1", "boots-39", 2, 8_000, 16_000, 1_600), total("l-2", "mug", 1, 900, 900, 0)],
                "discounts": [{"promotion": "p", "title": "Boots week", "line_id": "l-1", "amount": money(1_600),
                    "reason": {"type": "percent_off", "rate": 100_000}}],
                "taxes": [{"rate": 190_000, "net": money(12_857), "tax": money(2_443)}],
                "goods": money(16_900), "discount": money(1_600), "tax": money(2_443), "total": money(15_300)},
            "items": [{"item": {"sku": "boots-39", "title": "Boots", "department": "shoes", "colour": "navy",
                "size": "39"}, "price": null, "on_hand": 3}],
            "lease": {"held": "free"}, "unsent": 0, "allotted": {"mug": 1}}))
        .unwrap()
    }

    #[test]
    fn a_line_says_what_it_is_and_what_is_off_and_why() {
        let page = page();
        let lines = lines(&page);
        let boots = lines.first().unwrap();
        assert_eq!(
            (boots.title.as_str(), boots.variant.as_str()),
            ("Boots", "navy, 39")
        );
        assert_eq!(boots.before.unwrap().minor, 16_000);
        assert_eq!(boots.amount.unwrap().minor, 14_400);
        assert_eq!(boots.off.first().unwrap().title, "Boots week");
        let mug = lines.last().unwrap();
        assert_eq!(mug.title, "mug", "an item that is not here has its number");
        assert_eq!((mug.before, mug.allotted), (None, 1));
    }

    #[test]
    fn without_a_sum_a_line_still_has_its_price() {
        let mut page = page();
        page.totals = None;
        let lines = lines(&page);
        let boots = lines.first().unwrap();
        assert_eq!(boots.unit.unwrap().minor, 8_000);
        assert_eq!(boots.amount, None);
        assert_eq!(title_of_line(&page, boots.id()), "Boots");
    }
}
