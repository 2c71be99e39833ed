//! Paying: from the cart to the order, one step after the other, each safe to repeat.

use crate::model::cart::prices::Agreement;
use crate::model::cart::stage::{Said, next_attempt, of_checkout, of_pay};
use crate::shop::basket::Basket;
use crate::shop::line::{Trouble, post};
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::shop::state::Shop;
use crate::shop::{courier, ordered};
use domain::api::cart::{
    CartView, CheckoutAnswer, CheckoutRequest, ConfirmPrices, LeaseRequest, PayAnswer, PayRequest,
};
use domain::cart::{CartOrder, PaymentMethod};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What she is told beside what the cart itself says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Till {
    /// Something is being asked.
    pub(crate) busy: bool,
    /// What has to be settled first.
    pub(crate) said: Option<Said>,
    /// Why the last question has no answer.
    pub(crate) trouble: Option<Problem>,
}

/// Why it does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Nobody answers: everything is as it was.
    Offline,
    /// Somebody else has the cart in hand.
    Elsewhere,
    /// Anything else.
    Other,
}

impl Problem {
    fn of(trouble: &Trouble) -> Self {
        match trouble.slug() {
            "" | "unavailable" => Self::Offline,
            "cart-held" => Self::Elsewhere,
            _ => Self::Other,
        }
    }
}

/// Does one step, where none is under way.
fn step<F>(shop: Shop, work: F)
where
    F: Future<Output = Result<Option<Said>, Trouble>> + 'static,
{
    if shop.till.with_untracked(|till| till.busy) {
        return;
    }
    shop.till.set(Till {
        busy: true,
        ..Till::default()
    });
    spawn_local(async move {
        let (said, trouble) = match work.await {
            Ok(said) => (said, None),
            Err(trouble) => (None, Some(Problem::of(&trouble))),
        };
        shop.till.set(Till {
            busy: false,
            said,
            trouble,
        });
    });
}

/// She wants to pay: freezes the cart and keeps its goods back.
pub(crate) fn check_out(shop: Shop) {
    step(shop, async move {
        if !courier::settle(shop).await {
            return Err(Trouble::Offline);
        }
        let Some(cart) = shop.basket.with_untracked(|basket| basket.id().cloned()) else {
            return Ok(None);
        };
        shop.tell(&Click::CheckoutStarted(shop.priced()));
        let path = format!("/v1/carts/{cart}/lease");
        let held: CartView = post(shop, &path, &LeaseRequest::Claim).await?;
        shop.with_basket(|basket| basket.saw(held));
        let shown = untrack(|| shop.sum());
        let confirmed = shop
            .basket
            .with_untracked(|basket| basket.confirmed().cloned());
        let (Some(view), Some(sum)) = (confirmed, shown) else {
            return Ok(None);
        };
        let request = CheckoutRequest {
            fence: view.cart.lease.fence,
            version: view.cart.version,
            total: sum.totals.total,
        };
        let path = format!("/v1/carts/{cart}/checkout");
        let answer: CheckoutAnswer = post(shop, &path, &request).await?;
        let said = of_checkout(&answer, sum.totals.total);
        match answer {
            CheckoutAnswer::Begun { view }
            | CheckoutAnswer::TotalMoved { view }
            | CheckoutAnswer::Refused { view, .. } => {
                shop.with_basket(|basket| basket.saw(*view));
            }
            CheckoutAnswer::PricesChanged { .. } | CheckoutAnswer::OutOfStock { .. } => {}
        }
        Ok(said)
    });
}

/// She agrees to the prices of now.
pub(crate) fn agree(shop: Shop, agreement: Agreement) {
    step(shop, async move {
        let cart = shop.basket.with_untracked(|basket| basket.id().cloned());
        let (Some(cart), Some(prices)) = (cart, agreement.prices()) else {
            return Ok(None);
        };
        let path = format!("/v1/carts/{cart}/checkout/confirm");
        let version = agreement.version;
        let view: CartView = post(shop, &path, &ConfirmPrices { version, prices }).await?;
        shop.with_basket(|basket| basket.saw(view));
        Ok(None)
    });
}

/// She pays, for the first time or again.
pub(crate) fn pay(shop: Shop) {
    step(shop, async move {
        let view = shop
            .basket
            .with_untracked(|basket| basket.confirmed().cloned());
        let Some(view) = view else {
            return Ok(None);
        };
        let request = PayRequest {
            method: PaymentMethod::PayLink,
            attempt: next_attempt(&view.cart),
            workstation: None,
            associate: None,
        };
        let path = format!("/v1/carts/{}/checkout/pay", view.cart.opening.id);
        hear(shop, post(shop, &path, &request).await?)
    });
}

/// What became of the payment.
pub(crate) fn look_again(shop: Shop) {
    step(shop, async move {
        let Some(cart) = shop.basket.with_untracked(|basket| basket.id().cloned()) else {
            return Ok(None);
        };
        let path = format!("/v1/carts/{cart}/checkout/ask");
        hear(shop, post(shop, &path, &()).await?)
    });
}

/// Back to the cart.
pub(crate) fn give_up(shop: Shop) {
    step(shop, async move {
        let Some(cart) = shop.basket.with_untracked(|basket| basket.id().cloned()) else {
            return Ok(None);
        };
        let path = format!("/v1/carts/{cart}/checkout/give-up");
        let view: CartView = post(shop, &path, &()).await?;
        shop.with_basket(|basket| basket.saw(view));
        Ok(None)
    });
}

fn hear(shop: Shop, answer: PayAnswer) -> Result<Option<Said>, Trouble> {
    let said = of_pay(&answer);
    match answer {
        PayAnswer::Ordered { order, .. } => bought(shop, &order),
        PayAnswer::Asked { view, .. }
        | PayAnswer::NotPaid { view }
        | PayAnswer::Refused { view, .. } => {
            shop.with_basket(|basket| basket.saw(*view));
        }
    }
    Ok(said)
}

/// It is bought: kept as the last order, and shown. The cloud tells history of it.
fn bought(shop: Shop, order: &CartOrder) {
    ordered::keep(order);
    shop.with_basket(Basket::close);
    shop.place.go(ShopRoute::Ordered(order.id.clone()));
}
