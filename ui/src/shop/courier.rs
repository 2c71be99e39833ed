//! Tells the cloud what her basket says it does not know yet: one errand after the other, again where nobody answers.

use crate::shop::basket::{Basket, Errand};
use crate::shop::line::{self, Trouble, get, post, session};
use crate::shop::single::{UnderWay, once};
use crate::shop::state::Shop;
use domain::api::cart::{AssignCustomer, BatchAnswer, CartView, MergeRequest};
use domain::api::shopper::MyCarts;
use domain::cart::Status;
use domain::ids::{CartId, CommandId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// The most errands of one run: a basket that always has another one is broken.
const RUN_MAX: usize = 50;
/// How often a cart that the cloud does not know is built anew, until the page is loaded again.
const REBUILDS_MAX: u32 = 3;
/// The longest pause between two tries, in milliseconds.
const PAUSE_MS_MAX: u64 = 20_000;

thread_local! {
    static RUNNING: UnderWay = const { RefCell::new(None) };
    static FAILURES: Cell<u32> = const { Cell::new(0) };
    static REBUILDS: Cell<u32> = const { Cell::new(0) };
}

/// Begins to tell, and goes on until everything is told.
pub(crate) fn go(shop: Shop) {
    if shop.basket.with_untracked(Basket::errand).is_none() {
        return;
    }
    spawn_local(async move {
        if once(&RUNNING, run(shop)).await {
            FAILURES.set(0);
        } else if shop.basket.with_untracked(Basket::errand).is_some() {
            let failures = FAILURES.replace(FAILURES.get().saturating_add(1));
            set_timeout(move || go(shop), Duration::from_millis(pause_ms(failures)));
        }
    });
}

/// Tells everything now. Gives whether the cloud knows all of it.
pub(crate) async fn settle(shop: Shop) -> bool {
    for _ in 0..3 {
        if shop.basket.with_untracked(Basket::errand).is_none() {
            return true;
        }
        if !once(&RUNNING, run(shop)).await {
            return false;
        }
    }
    shop.basket.with_untracked(Basket::errand).is_none()
}

fn pause_ms(failures: u32) -> u64 {
    let grown = 500_u64.saturating_mul(1 << failures.min(10));
    grown.min(PAUSE_MS_MAX)
}

async fn run(shop: Shop) -> bool {
    for _ in 0..RUN_MAX {
        let Some(errand) = shop.basket.with_untracked(Basket::errand) else {
            return true;
        };
        if let Err(trouble) = carry(shop, &errand).await
            && !mend(shop, &errand, &trouble)
        {
            return false;
        }
    }
    false
}

async fn carry(shop: Shop, errand: &Errand) -> Result<(), Trouble> {
    match errand {
        Errand::Begin(_) => {
            // Who she is decides whose it is: ask first, so that it is said once and for all.
            name_her(shop).await?;
            let create = shop.basket.with_untracked(Basket::create);
            let view: CartView = post(shop, "/v1/carts", &create).await?;
            shop.with_basket(|basket| basket.began(view));
        }
        Errand::Commands(..) => {
            name_her(shop).await?;
            // Read again: the device's name is in it now.
            let newest = shop.basket.with_untracked(Basket::errand);
            if let Some(Errand::Commands(cart, batch)) = newest {
                let path = format!("/v1/carts/{cart}/commands");
                let answer: BatchAnswer = post(shop, &path, &batch).await?;
                shop.with_basket(|basket| basket.answered(answer));
            }
        }
        Errand::Follow(into) => {
            let view: CartView = get(shop, &format!("/v1/carts/{into}")).await?;
            shop.with_basket(|basket| basket.turn_to(view));
        }
        Errand::Join(own, merge) => join(shop, own.as_ref(), merge).await?,
    }
    Ok(())
}

/// Puts her browser's name, and hers, on what was done before they were known.
async fn name_her(shop: Shop) -> Result<(), Trouble> {
    line::ready(shop).await?;
    let session = session().ok_or(Trouble::Offline)?;
    shop.with_basket(|basket| basket.adopt(session.device(), session.customer(), session.store()));
    Ok(())
}

/// Her cart and the one that she has elsewhere become one; a guest's cart becomes hers.
async fn join(shop: Shop, own: Option<&CartId>, merge: &CommandId) -> Result<(), Trouble> {
    let mine: MyCarts = get(shop, "/v1/shopper/carts").await?;
    let elsewhere = mine.carts.into_iter().find(|view| {
        let (opening, status) = (&view.cart.opening, &view.cart.status);
        Some(&opening.id) != own && opening.customer.is_some() && *status == Status::Open
    });
    match (own, elsewhere) {
        (Some(own), Some(there)) => {
            let path = format!("/v1/carts/{}/merge", there.cart.opening.id);
            let request = MergeRequest {
                id: merge.clone(),
                source: own.clone(),
            };
            let view: CartView = post(shop, &path, &request).await?;
            shop.with_basket(|basket| basket.joined(view));
        }
        (None, Some(there)) => shop.with_basket(|basket| basket.joined(there)),
        (Some(own), None) => {
            assign(shop, own).await?;
            shop.with_basket(Basket::stays_alone);
        }
        (None, None) => shop.with_basket(Basket::stays_alone),
    }
    Ok(())
}

/// A guest's cart becomes hers.
pub(crate) async fn assign(shop: Shop, cart: &CartId) -> Result<(), Trouble> {
    let customer = session().and_then(|session| session.customer().cloned());
    let Some(customer) = customer else {
        return Ok(());
    };
    let path = format!("/v1/carts/{cart}/customer");
    let view: CartView = post(shop, &path, &AssignCustomer { customer }).await?;
    shop.with_basket(|basket| basket.saw(view));
    Ok(())
}

/// What to do about a refusal. Gives whether the next errand may be tried.
fn mend(shop: Shop, errand: &Errand, trouble: &Trouble) -> bool {
    let refused = matches!(trouble.status(), 400..=499) && !matches!(trouble.status(), 401 | 429);
    match errand {
        _ if !refused => false,
        // Nothing of hers is lost: both carts are there as they were.
        Errand::Join(..) => {
            shop.with_basket(Basket::stays_alone);
            true
        }
        Errand::Follow(_) => {
            shop.with_basket(Basket::close);
            true
        }
        Errand::Begin(_) | Errand::Commands(..) => {
            let rebuilds = REBUILDS.replace(REBUILDS.get().saturating_add(1));
            let may = rebuilds < REBUILDS_MAX;
            if may {
                shop.with_basket(|basket| basket.rebuild(|| shop.stamp()));
            }
            may
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!((pause_ms(0), pause_ms(1), pause_ms(2)), (500, 1_000, 2_000));
        assert_eq!(pause_ms(u32::MAX), PAUSE_MS_MAX);
    }
}
