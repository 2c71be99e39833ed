//! What a receipt says.

use crate::model::titles;
use chrono::FixedOffset;
use domain::api::device::OrderPage;
use domain::cart::{Capture, LineTotal};

/// The number that is printed: that of the receipt, else of the order.
#[must_use]
pub fn number(page: &OrderPage) -> String {
    let receipt = page.order.receipt.as_ref().map(ToString::to_string);
    receipt.unwrap_or_else(|| page.order.id.to_string())
}

/// The till that it was sold at, as it is printed: three digits.
#[must_use]
pub fn till(page: &OrderPage) -> Option<String> {
    let receipt = page.order.receipt.as_ref()?;
    Some(format!("{:03}", receipt.workstation.number()))
}

/// When it was sold, as the clock on the wall said `offset` from UTC: `2026-11-23 11:00`.
///
/// The caller says how far that is: the zones of the whole world would be most of this program.
#[must_use]
pub fn sold_at(page: &OrderPage, offset: FixedOffset) -> String {
    let at = page.order.placed_at.with_timezone(&offset);
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// What is printed of an item: its title with colour and size, or its number.
#[must_use]
pub fn item(page: &OrderPage, line: &LineTotal) -> String {
    let view = titles::find(&page.items, &line.sku);
    let variant = view.map(titles::variant).unwrap_or_default();
    let title = titles::title(&page.items, &line.sku);
    if variant.is_empty() {
        title
    } else {
        format!("{title}, {variant}")
    }
}

/// How it was paid, as far as the provider said: `visa … 4711`.
#[must_use]
pub fn card(capture: &Capture) -> Option<String> {
    let brand = capture.brand.as_deref().unwrap_or_default();
    let digits = capture.last_four.as_deref();
    let digits = digits
        .map(|digits| format!("… {digits}"))
        .unwrap_or_default();
    let said = format!("{brand} {digits}");
    let said = said.trim();
    (!said.is_empty()).then(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cart::back::tests::order;

    #[test]
    fn a_receipt_says_where_when_and_how() {
        let page = order();
        assert_eq!(number(&page), "1-003-20261123-000042");
        assert_eq!(till(&page).as_deref(), Some("003"));
        let winter = FixedOffset::east_opt(3_600).unwrap();
        assert_eq!(sold_at(&page, winter), "2026-11-23 11:00");
        let boots = page.order.totals.lines.first().unwrap();
        assert_eq!(item(&page, boots), "Boots, navy, 39");
        let capture = page.order.capture.clone().unwrap();
        assert_eq!(card(&capture).as_deref(), Some("visa … 4711"));
    }

    #[test]
    fn an_order_without_a_till_has_its_own_number() {
        let mut page = order();
        page.order.receipt = None;
        assert_eq!(number(&page), "o-1");
        assert_eq!(till(&page), None);
    }
}
