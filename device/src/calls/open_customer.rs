//! Opens a customer's card: everything on it from this device, so that it opens with the network down.

use super::access::Caller;
use crate::cloud::CloudError;
use crate::device::Shared;
use crate::person::Known;
use crate::refusal::{not_found, of_cloud, of_replica};
use crate::shelves::SHELF_ITEMS;
use chrono::{DateTime, Utc};
use domain::api::content::{ItemView, ShelfItem};
use domain::api::device::{Aged, CustomerCard, OpenCustomer, Refusal};
use domain::customer::Customer;
use domain::greeting::{Greeting, say_this};
use domain::ids::Sku;
use domain::order::Order;
use domain::profile::Profile;
use std::collections::BTreeSet;

/// Orders on a card.
const MAX_ORDERS: usize = 10;
/// Notes on a card.
const MAX_NOTES: usize = 50;
/// Items that a card names; an order can have thousands of lines.
const MAX_ITEMS: usize = 200;

pub(super) fn open_customer(
    shared: &Shared,
    _caller: &Caller,
    request: &OpenCustomer,
) -> Result<Aged<CustomerCard>, Refusal> {
    let replica = &shared.replica;
    let now = shared.now();
    let known = shared.known(&request.customer)?;
    let (model, recommendations) = match &known {
        Some(known) => recommend(shared, known, now)?,
        None => return Err(not_found("customer")),
    };
    let (customer, profile) = known
        .and_then(|known| Some((known.customer?, known.profile)))
        .ok_or_else(|| not_found("customer"))?;
    let orders = replica
        .orders(&customer.id, MAX_ORDERS)
        .map_err(of_replica)?;
    let notes = replica.notes(&customer.id, MAX_NOTES).map_err(of_replica)?;
    let say = say_this(&customer, &profile, &|sku| shared.in_stock(sku), now);
    shared.here(CustomerCard {
        say_title: match said(&say) {
            Some(sku) => shared.title(sku)?,
            None => None,
        },
        say,
        active: profile.is_active_at(now),
        items: items(shared, &customer, &profile, &orders, now)?,
        recommendations,
        model,
        orders,
        notes,
        profile,
        customer,
    })
}

/// The item that the greeting names.
fn said(say: &Greeting) -> Option<&Sku> {
    match say {
        Greeting::WishInStock { sku }
        | Greeting::CartWaiting { sku, .. }
        | Greeting::LookedAt { sku, .. } => Some(sku),
        Greeting::Birthday
        | Greeting::FirstVisit
        | Greeting::LongTime { .. }
        | Greeting::WelcomeBack => None,
    }
}

/// For her, from the model on this device: the same answer that the cloud gives for the same of her.
fn recommend(
    shared: &Shared,
    known: &Known,
    now: DateTime<Utc>,
) -> Result<(Option<String>, Vec<ShelfItem>), Refusal> {
    let Some(loaded) = shared.model.read() else {
        return Ok((None, Vec::new()));
    };
    let not_enrolled = || of_cloud(&CloudError::NotEnrolled, "A recommendation");
    let person = known.in_store(shared.store().ok_or_else(not_enrolled)?);
    let available = |sku: &Sku| shared.in_stock(sku);
    let recommendations = loaded
        .model
        .for_person(&person, None, &available, now, SHELF_ITEMS);
    let version = loaded.model.version().to_string();
    Ok((Some(version), shared.dress(recommendations, now)?))
}

/// The items that the card names, each once.
fn items(
    shared: &Shared,
    customer: &Customer,
    profile: &Profile,
    orders: &[Order],
    now: DateTime<Utc>,
) -> Result<Vec<ItemView>, Refusal> {
    let viewed = profile.views.iter().map(|view| &view.sku);
    let in_cart = profile.cart.iter().map(|line| &line.sku);
    let lines = orders.iter().flat_map(|order| &order.lines);
    let named = viewed
        .chain(in_cart)
        .chain(&customer.wish_list)
        .chain(lines.map(|line| &line.sku));
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for sku in named.filter(|sku| seen.insert(*sku)).take(MAX_ITEMS) {
        items.extend(shared.replica.item_view(sku, now).map_err(of_replica)?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::device::RefusalCode;
    use domain::ids::CustomerId;

    async fn open(tablet: &Bench, id: &str) -> Result<Aged<CustomerCard>, Refusal> {
        let customer = CustomerId::parse(id).unwrap();
        tablet.ask(OpenCustomer { customer }).await
    }

    #[tokio::test]
    async fn a_card_is_whole_with_the_network_down() {
        let tablet = Bench::with_ana().await;
        let card = open(&tablet, "c-1").await.unwrap();
        assert_eq!(card.as_of, Some(crate::testing::NOW.parse().unwrap()));
        let card = card.value;
        let wax = Sku::parse("wax").unwrap();
        assert_eq!(card.say, Greeting::WishInStock { sku: wax });
        assert_eq!(card.say_title.as_deref(), Some("The wax"));
        assert!(card.active);
        let named: Vec<_> = card
            .items
            .iter()
            .map(|view| view.item.sku.as_str())
            .collect();
        assert_eq!(named, ["boots", "wax", "tent"], "viewed, wished, bought");
        assert_eq!(card.items[0].on_hand, Some(4));
        assert_eq!(
            card.items[0].price.as_ref().map(|price| price.amount.minor),
            Some(1250)
        );
        assert_eq!(card.orders.len(), 1);
    }

    #[tokio::test]
    async fn recommendations_have_reasons_and_leave_out_what_she_owns() {
        let tablet = Bench::with_ana().await;
        let card = open(&tablet, "c-1").await.unwrap().value;
        assert!(card.model.is_some());
        let skus: Vec<_> = card
            .recommendations
            .iter()
            .map(|shown| shown.view.item.sku.as_str())
            .collect();
        assert!(skus.contains(&"socks"), "{skus:?}");
        assert!(
            !skus.contains(&"tent"),
            "she has it, and it is out of stock"
        );
        let socks = card
            .recommendations
            .iter()
            .find(|shown| shown.view.item.sku.as_str() == "socks")
            .unwrap();
        assert_eq!(socks.because_title.as_deref(), Some("The boots"));
    }

    #[tokio::test]
    async fn nothing_of_her_browsing_where_she_refused() {
        let tablet = Bench::with_ana().await;
        let card = open(&tablet, "c-2").await.unwrap().value;
        assert_eq!(card.profile, Profile::default());
        assert_eq!(card.say, Greeting::WelcomeBack);
        assert!(!card.active && card.items.is_empty());
    }

    #[tokio::test]
    async fn somebody_unknown_is_not_found() {
        let tablet = Bench::with_ana().await;
        assert_eq!(
            open(&tablet, "c-9").await.unwrap_err().code,
            RefusalCode::NotFound
        );
    }
}
