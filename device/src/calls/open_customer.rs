//! Opens a customer's card: everything on it from this device, so that it opens with the network down.

use super::access::Caller;
use crate::cloud::CloudError;
use crate::device::Shared;
use crate::refusal::{not_found, of_cloud, of_replica};
use crate::shelves::SHELF_ITEMS;
use chrono::{DateTime, Utc};
use domain::api::content::{ItemView, ShelfItem};
use domain::api::device::{Aged, CustomerCard, OpenCustomer, Refusal};
use domain::api::sync::kind;
use domain::customer::{Customer, Purpose};
use domain::greeting::{Greeting, say_this};
use domain::ids::{CustomerId, Sku};
use domain::order::Order;
use domain::profile::Profile;
use domain::purchases::Purchases;
use recommend::Person;
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
    let customer = replica.customer(&request.customer).map_err(of_replica)?;
    let customer = customer.ok_or_else(|| not_found("customer"))?;
    let profile = profile(shared, &customer)?;
    let orders = replica
        .orders(&customer.id, MAX_ORDERS)
        .map_err(of_replica)?;
    let notes = replica.notes(&customer.id, MAX_NOTES).map_err(of_replica)?;
    let say = say_this(&customer, &profile, &|sku| shared.in_stock(sku), now);
    let (model, recommendations) = recommend(shared, &customer, &profile, now)?;
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

/// What she does on the web; nothing of it where she refused.
fn profile(shared: &Shared, customer: &Customer) -> Result<Profile, Refusal> {
    if customer.refuses(Purpose::Personalisation) {
        return Ok(Profile::default());
    }
    let profile = shared.replica.profile(&customer.id).map_err(of_replica)?;
    Ok(profile.unwrap_or_default())
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
    customer: &Customer,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<(Option<String>, Vec<ShelfItem>), Refusal> {
    let Some(loaded) = shared.model.read() else {
        return Ok((None, Vec::new()));
    };
    let not_enrolled = || of_cloud(&CloudError::NotEnrolled, "A recommendation");
    let person = Person {
        customer: Some(customer),
        profile,
        purchases: &purchases(shared, &customer.id)?,
        store: shared.store().ok_or_else(not_enrolled)?,
    };
    let available = |sku: &Sku| shared.in_stock(sku);
    let recommendations = loaded
        .model
        .for_person(&person, None, &available, now, SHELF_ITEMS);
    let version = loaded.model.version().to_string();
    Ok((Some(version), shared.dress(recommendations, now)?))
}

fn purchases(shared: &Shared, customer: &CustomerId) -> Result<Purchases, Refusal> {
    let entity = shared.replica.entity(kind::PURCHASES, customer.as_str());
    let Some(body) = entity.map_err(of_replica)? else {
        return Ok(Purchases::default());
    };
    // What a newer cloud wrote in another shape is as good as none.
    Ok(serde_json::from_str(body.get()).unwrap_or_default())
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
