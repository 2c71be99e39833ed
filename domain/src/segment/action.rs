//! What a call says was done.

use super::CallKind;
use super::fields::{Fault, Fields};
use super::product::{currency, department, money, product, products};
use crate::event::{Action, MAX_QUERY_CHARS, Who};
use crate::money::Currency;

/// The longest name of an event, page or promotion, in characters.
const MAX_NAME_CHARS: usize = 200;

pub(super) fn read(
    kind: CallKind,
    who: &Who,
    call: Fields<'_>,
    properties: Fields<'_>,
    source: Currency,
) -> Result<Action, Fault> {
    Ok(match kind {
        CallKind::Track => track(call, properties, source)?,
        CallKind::Page | CallKind::Screen => Action::PageViewed {
            name: page_name(call, properties)?,
        },
        CallKind::Identify | CallKind::Alias if who.customer.is_some() => Action::Identified,
        CallKind::Identify | CallKind::Alias => other("identify"),
        CallKind::Group => other("group"),
    })
}

/// E-commerce events v2 by their names, in any case.
fn track(call: Fields<'_>, properties: Fields<'_>, source: Currency) -> Result<Action, Fault> {
    let name = call.required_text("event")?;
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(call.fault(
            "event",
            format!("is longer than {MAX_NAME_CHARS} characters"),
        ));
    }
    let in_currency = || currency(properties, source);
    let one = || product(properties, in_currency()?);
    Ok(match name.to_ascii_lowercase().as_str() {
        "products searched" => Action::ProductsSearched {
            query: query(properties)?,
        },
        "product list viewed" | "product list filtered" => Action::ProductListViewed {
            department: department(properties)?,
        },
        "product clicked" => Action::ProductClicked(one()?),
        "product viewed" => Action::ProductViewed(one()?),
        "product added" => Action::ProductAdded(one()?),
        "product removed" => Action::ProductRemoved(one()?),
        "product added to wishlist" => Action::ProductWished(one()?),
        "cart viewed" => Action::CartViewed,
        "checkout started" => Action::CheckoutStarted,
        "order completed" => order_completed(properties, in_currency()?)?,
        "order refunded" => Action::OrderRefunded {
            order: properties.required_id("order_id")?,
            products: products(properties, in_currency()?)?,
        },
        "promotion viewed" => promotion(properties, false)?,
        "promotion clicked" => promotion(properties, true)?,
        "coupon applied" => coupon(properties)?,
        _ => other(&name),
    })
}

fn other(name: &str) -> Action {
    Action::Other {
        name: name.to_owned(),
    }
}

/// What was searched for; of a very long query the beginning.
fn query(properties: Fields<'_>) -> Result<String, Fault> {
    Ok(properties
        .required_text("query")?
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_QUERY_CHARS)
        .collect())
}

/// `total` is what was paid; `revenue` leaves shipping and tax out, and is better than nothing.
fn order_completed(properties: Fields<'_>, currency: Currency) -> Result<Action, Fault> {
    let total = match money(properties, "total", currency)? {
        Some(total) => Some(total),
        None => money(properties, "revenue", currency)?,
    };
    Ok(Action::OrderCompleted {
        order: properties.required_id("order_id")?,
        total,
        products: products(properties, currency)?,
    })
}

fn promotion(properties: Fields<'_>, acted: bool) -> Result<Action, Fault> {
    named(properties, &["promotion_id", "name", "creative"], acted)
}

fn coupon(properties: Fields<'_>) -> Result<Action, Fault> {
    named(properties, &["coupon_id", "coupon_name", "coupon"], true)
}

fn named(properties: Fields<'_>, names: &[&str], acted: bool) -> Result<Action, Fault> {
    let first = names.first().copied().unwrap_or_default();
    let promotion = properties
        .first_text(names)?
        .ok_or_else(|| properties.fault(first, "is missing"))?;
    Ok(Action::PromotionSeen {
        promotion: promotion.chars().take(MAX_NAME_CHARS).collect(),
        acted,
    })
}

/// The call's `name`, else what of its properties tells the page.
fn page_name(call: Fields<'_>, properties: Fields<'_>) -> Result<String, Fault> {
    let name = match call.text("name")? {
        Some(name) => Some(name),
        None => properties.first_text(&["name", "title", "path", "url"])?,
    };
    let name = name.unwrap_or_else(|| "page".into());
    Ok(name.chars().take(MAX_NAME_CHARS).collect())
}
