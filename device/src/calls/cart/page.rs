//! A cart as it is shown: with its items, its sum, and who may check it out.

use super::super::access::Caller;
use super::super::keep::new_id;
use crate::carts::feed_shows;
use crate::cloud::CloudError;
use crate::device::Shared;
use crate::keepsakes::GIVEN_BACK;
use crate::refusal::{fault, not_found, of_cloud, of_replica, refuse};
use crate::shelves::SHELF_ITEMS;
use chrono::{DateTime, Utc};
use domain::api::content::{ItemView, Shelf, ShelfKind};
use domain::api::device::{CartPage, LeaseView, Refusal, RefusalCode};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::cart::{Author, Cart, Channel, NoticeKind, Totals};
use domain::ids::{CartId, CustomerId, LineId, Sku};
use recommend::Asked;
use serde::Serialize;
use serde_json::value::to_raw_value;
use std::collections::{BTreeMap, BTreeSet};
use sync::{NewCommand, ShownCart};

/// Items that a page names; lines of before are behind those of now.
const MAX_ITEMS: usize = 250;

impl Shared {
    /// The cart with what waits here on top; `None` where it is not here. A kiosk has the one of its guest alone.
    pub(crate) fn shown_cart(&self, id: &CartId) -> Result<Option<ShownCart>, Refusal> {
        if self.kind() == DeviceKind::Kiosk {
            let Some(mut shown) = self.carts.guest() else {
                return Ok(None);
            };
            shown.unsent = self.replica.unsent_of_cart(id).map_err(of_replica)?;
            return Ok((shown.cart.opening.id == *id).then_some(shown));
        }
        let newer = self.newer_than_feed(id)?;
        self.replica.cart(id, newer).map_err(of_replica)
    }

    /// The cloud answered with a cart.
    pub(crate) fn answered(&self, cart: &Cart) {
        match self.kind() {
            DeviceKind::Kiosk => self.carts.guest_answered(cart),
            DeviceKind::Tablet => self.carts.answered(cart, self.now()),
        }
    }

    /// What the cloud answered of a cart where the feed is behind.
    fn newer_than_feed(&self, id: &CartId) -> Result<Option<Cart>, Refusal> {
        let Some(answer) = self.carts.answer(id, self.now()) else {
            return Ok(None);
        };
        let feed = self.replica.confirmed_cart(id).map_err(of_replica)?;
        if feed.is_some_and(|feed| feed_shows(&feed, &answer)) {
            self.carts.drop_answer(id);
            return Ok(None);
        }
        Ok(Some(answer))
    }

    /// The cart, or a refusal that says that it is not here.
    pub(crate) fn find_cart(&self, id: &CartId) -> Result<ShownCart, Refusal> {
        self.shown_cart(id)?.ok_or_else(|| not_found("cart"))
    }

    /// Its enrolment; a refusal where it has none.
    pub(crate) fn joined(&self) -> Result<&Enrolment, Refusal> {
        let none = || of_cloud(&CloudError::NotEnrolled, "A cart");
        self.enrolment().ok_or_else(none)
    }

    /// Where it is, for the other channels.
    pub(crate) fn channel(&self) -> Channel {
        match self.kind() {
            DeviceKind::Tablet => Channel::Tablet,
            DeviceKind::Kiosk => Channel::Kiosk,
        }
    }
}

/// Who does something to a cart.
pub(super) fn author(shared: &Shared, caller: &Caller) -> Result<Author, Refusal> {
    Ok(Author {
        channel: shared.channel(),
        device: shared.joined()?.device.clone(),
        associate: caller.associate().cloned(),
    })
}

/// An id for a line or a cart that is made now.
pub(super) fn new_line_id(shared: &Shared) -> Result<LineId, Refusal> {
    LineId::parse(shared.ports.uuid(shared.now()).to_string()).map_err(fault)
}

/// Keeps a command about a cart, and tells whoever shows it.
pub(super) fn keep<T: Serialize>(
    shared: &Shared,
    kind: &str,
    args: &T,
    cart: &CartId,
) -> Result<(), Refusal> {
    let now = shared.now();
    let id = new_id(shared, now)?;
    let command = NewCommand {
        id: &id,
        kind,
        version: VERSION,
        args: &to_raw_value(args).map_err(fault)?,
        issued_at: now,
    };
    shared.replica.queue(&command).map_err(of_replica)?;
    kept(shared, cart);
    Ok(())
}

/// The version of the arguments of every command about carts.
pub(in super::super) const VERSION: u32 = 1;

/// A command about a cart waits in the queue since now.
pub(in super::super) fn kept(shared: &Shared, cart: &CartId) {
    shared.queued.add();
    shared.signals.cart(cart.clone());
    shared.signals.status();
}

/// The cart as it is shown. `told` is its sum where the cloud said it and nothing waits here.
pub(super) fn page(
    shared: &Shared,
    shown: ShownCart,
    told: Option<Totals>,
) -> Result<CartPage, Refusal> {
    let now = shared.now();
    let cart = shown.cart;
    let items = items(shared, &cart, now)?;
    let totals = match told.filter(|_| shown.unsent == 0) {
        Some(told) => Some(told),
        None => totals(shared, &cart, &items, now)?,
    };
    Ok(CartPage {
        totals,
        customer_name: customer_name(shared, cart.opening.customer.as_ref())?,
        lease: lease(shared, &cart, now),
        unsent: shown.unsent,
        allotted: allotted(shared, &cart)?,
        shelves: shelves(shared, &cart, now)?,
        items,
        cart,
    })
}

/// What a cart costs on the store's terms; `None` where a line has no price, or the sum is too large.
pub(super) fn totals(
    shared: &Shared,
    cart: &Cart,
    items: &[ItemView],
    now: DateTime<Utc>,
) -> Result<Option<Totals>, Refusal> {
    let terms = shared
        .replica
        .terms(&cart.opening.store)
        .map_err(of_replica)?;
    let departments: BTreeMap<&Sku, _> = items
        .iter()
        .map(|view| (&view.item.sku, &view.item.department))
        .collect();
    let department = |sku: &Sku| departments.get(sku).map(|department| (*department).clone());
    Ok(terms.totals(cart, department, now).unwrap_or_else(|fault| {
        tracing::warn!(%fault, "a cart has no sum");
        None
    }))
}

/// The items that a cart and its notices name, each once.
pub(super) fn items(
    shared: &Shared,
    cart: &Cart,
    now: DateTime<Utc>,
) -> Result<Vec<ItemView>, Refusal> {
    let lines = cart.lines.iter().map(|line| &line.sku);
    let sold = cart.sold.iter().map(|line| &line.sku);
    let told = cart
        .notices
        .iter()
        .rev()
        .filter_map(|notice| match &notice.kind {
            NoticeKind::RemovedWhileChanged { sku, .. } => Some(sku),
            _ => None,
        });
    named(shared, lines.chain(sold).chain(told), now)
}

/// Items by their SKUs, each once, as far as they are in the catalogue.
pub(super) fn named<'a>(
    shared: &Shared,
    skus: impl Iterator<Item = &'a Sku>,
    now: DateTime<Utc>,
) -> Result<Vec<ItemView>, Refusal> {
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for sku in skus.filter(|sku| seen.insert(*sku)).take(MAX_ITEMS) {
        items.extend(shared.replica.item_view(sku, now).map_err(of_replica)?);
    }
    Ok(items)
}

/// Her name, where she is known here: never at a kiosk.
pub(super) fn customer_name(
    shared: &Shared,
    customer: Option<&CustomerId>,
) -> Result<Option<String>, Refusal> {
    let Some(customer) = customer else {
        return Ok(None);
    };
    let known = shared.replica.customer(customer).map_err(of_replica)?;
    Ok(known.map(|customer| customer.name.full()))
}

/// Who may check it out.
pub(super) fn lease(shared: &Shared, cart: &Cart, now: DateTime<Utc>) -> LeaseView {
    let Some(hold) = cart.lease.holder(now) else {
        return LeaseView::Free;
    };
    let until = hold.expires_at;
    let here = shared.enrolment().map(|enrolment| &enrolment.device);
    if here == Some(&hold.device) {
        return LeaseView::Here { until };
    }
    LeaseView::Elsewhere {
        channel: hold.channel,
        until,
    }
}

/// Pieces of what is in it that this device may sell by itself.
fn allotted(shared: &Shared, cart: &Cart) -> Result<BTreeMap<Sku, u64>, Refusal> {
    let Some(enrolment) = shared
        .enrolment()
        .filter(|_| shared.kind() == DeviceKind::Tablet)
    else {
        return Ok(BTreeMap::new());
    };
    let mut allotted = shared
        .replica
        .allotted(&enrolment.device)
        .map_err(of_replica)?;
    let given = GIVEN_BACK.read(&shared.replica).map_err(of_replica)?;
    let given = given.unwrap_or_default();
    let named = |sku: &Sku| cart.lines.iter().any(|line| line.sku == *sku);
    allotted.retain(|sku, _| named(sku) && !given.contains(sku));
    Ok(allotted)
}

/// What goes with it: nothing that she owns, brought back or does not want.
fn shelves(shared: &Shared, cart: &Cart, now: DateTime<Utc>) -> Result<Vec<Shelf>, Refusal> {
    let skus: Vec<Sku> = cart.counted().map(|line| line.sku.clone()).collect();
    let Some(loaded) = shared.model.read().filter(|_| !skus.is_empty()) else {
        return Ok(Vec::new());
    };
    let whose = match &cart.opening.customer {
        Some(customer) => shared.known(customer)?,
        None => None,
    };
    let whose = whose.unwrap_or_default();
    let person = whose.in_store(&cart.opening.store);
    let request = person.request(Asked::BoughtTogether { skus }, None, now, SHELF_ITEMS);
    let available = |sku: &Sku| shared.in_stock(sku);
    let together = loaded.model.answer(&request, &available).into_shelf();
    let shelf = shared.shelf(ShelfKind::BoughtTogether, together, now)?;
    Ok(shelf.into_iter().collect())
}

/// The rules of carts refuse it.
pub(super) fn refused(why: impl std::fmt::Display) -> Refusal {
    let why = why.to_string();
    let mut letters = why.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    refuse(
        RefusalCode::Refused,
        first.chain(letters).collect::<String>(),
    )
}
