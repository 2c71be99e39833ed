//! Payments that a provider was asked for and has not answered: none is forgotten, whatever dies in between.
//!
//! `X#payments` / `<payment>` is written with the turn that asks for the money, and deleted when the cart has heard what
//! became of it and everything is given back that must be.

use super::kept::{self, must};
use super::pay;
use super::refusal::CartError;
use crate::ports::ledger::{Condition, Key, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use crate::telemetry::figures::PAYMENTS_RETRIED;
use chrono::{DateTime, Utc};
use domain::cart::{
    Cart, CheckoutTurn, Entry, PAYMENT_DOUBT_SECONDS, PaymentOutcome, Phase, Refusal, Status,
    payment_key,
};
use domain::ids::{CartId, PaymentKey};
use serde::{Deserialize, Serialize};

/// Payments that one call asks after.
const ASK_AT_ONCE: usize = 20;

/// A payment without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Doubt {
    payment: PaymentKey,
    cart: CartId,
    asked_at: DateTime<Utc>,
}

fn doubt_key(payment: &PaymentKey) -> Key {
    Key::new("X#payments", payment.as_str())
}

/// The write that remembers a payment which is asked for now.
pub(super) fn remember(
    services: &Services,
    payment: &PaymentKey,
    cart: &CartId,
) -> Result<Write, CartError> {
    let doubt = Doubt {
        payment: payment.clone(),
        cart: cart.clone(),
        asked_at: services.clock.now(),
    };
    Ok(table::put(doubt_key(payment), &doubt, Condition::Any)?)
}

/// The write that forgets it.
pub(super) fn forget(payment: &PaymentKey) -> Write {
    Write::Delete {
        key: doubt_key(payment),
        condition: Condition::Any,
    }
}

/// The cart that a payment without an answer is for.
pub(super) async fn cart_of(
    services: &Services,
    payment: &PaymentKey,
) -> Result<Option<CartId>, CartError> {
    let row: Option<Row<Doubt>> = table::lookup(&*services.ledger, &doubt_key(payment)).await?;
    Ok(row.map(|row| row.value.cart))
}

/// Asks after payments that have no answer for longer than a call takes.
pub(super) async fn sweep(services: &Services) -> Result<(), CartError> {
    let page = services
        .ledger
        .range("X#payments", "".."\u{7f}", ASK_AT_ONCE);
    for stored in page.await.map_err(TableError::from)? {
        let doubt = table::row::<Doubt>(&stored)?.value;
        let waited = services.clock.now() - doubt.asked_at;
        if waited.num_seconds() >= PAYMENT_DOUBT_SECONDS
            && let Err(error) = ask_after(services, &doubt).await
        {
            // It stays for the next time, and holds nothing else up.
            PAYMENTS_RETRIED.add(1, &[("kind", "doubt")]);
            tracing::warn!(%error, "a payment is still in doubt");
        }
    }
    Ok(())
}

async fn ask_after(services: &Services, doubt: &Doubt) -> Result<(), CartError> {
    let outcome = services.payments.ask(&doubt.payment).await;
    let cart = pay::settle(services, &doubt.cart, &doubt.payment, &outcome).await?;
    if outcome != PaymentOutcome::Unknown || is_awaited(&cart, &doubt.payment) {
        return Ok(());
    }
    // Nobody waits for it any more, and nobody may take it for paid later.
    let payment = doubt.payment.clone();
    let cancel = Entry::Checkout(CheckoutTurn::Cancel { payment });
    match kept::race(|| turn(services, &doubt.cart, &cancel)).await {
        // It was heard of in the meantime.
        Err(CartError::Refused(Refusal::WrongPhase)) => return Ok(()),
        done => done?,
    }
    services.payments.reverse(&doubt.payment).await?;
    kept::commit(services, &[], &[forget(&doubt.payment)]).await?;
    Ok(())
}

async fn turn(services: &Services, cart: &CartId, entry: &Entry) -> Result<Option<()>, CartError> {
    let before = kept::lookup(services, cart).await?;
    let mut after = before.value.clone();
    must(&mut after, entry)?;
    let is_done = after == before.value;
    let written = is_done || kept::write(services, Some(&before), &after, &[]).await?;
    Ok(written.then_some(()))
}

fn is_awaited(cart: &Cart, payment: &PaymentKey) -> bool {
    let Status::Checkout(checkout) = &cart.status else {
        return false;
    };
    matches!(checkout.phase, Phase::Paying { .. } | Phase::Unknown { .. })
        && payment_key(&cart.order_id(), checkout.attempt) == *payment
}
