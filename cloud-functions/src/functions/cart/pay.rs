//! A checkout is paid: the provider is asked, and what it says, at once or later, moves the cart.

use super::doubts;
use super::help;
use super::kept::{self, cart_id, device, must};
use super::order;
use super::refusal::CartError;
use super::stock::{self, SaleNote};
use super::terms;
use crate::http::{Caller, Json};
use crate::ports::ledger::Write;
use crate::services::Services;
use crate::table;
use axum::extract::{Path, State};
use domain::access::Principal;
use domain::api::cart::{PayAnswer, PayRequest};
use domain::cart::{
    Cart, Channel, CheckoutTurn, Duty, Entry, PaymentAnswer, PaymentMethod, PaymentOutcome,
    PaymentRequest, Phase, Refusal, Status, payment_key,
};
use domain::ids::{CartId, PaymentKey};
use domain::problem::Problem;

/// Where a cart stands before the provider is asked.
enum Asked {
    /// Ask this.
    Provider(PaymentRequest),
    /// Nothing is due, or it was paid before.
    Settled,
}

/// Notes how the cart is paid and begins the attempt; a repeat of an attempt that is under way asks the same again.
async fn ask(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    request: &PayRequest,
) -> Result<Option<Asked>, CartError> {
    let (_, channel) = device(caller)?;
    let by_link = request.method == PaymentMethod::PayLink
        && request.workstation.is_none()
        && request.associate.is_none();
    if channel == Channel::Phone && !by_link {
        return Err(CartError::invalid("/method", "a phone pays by link"));
    }
    let before = kept::read(services, caller, cart).await?;
    let order = before.value.order_id();
    let checkout = match &before.value.status {
        Status::Ordered { .. } => return Ok(Some(Asked::Settled)),
        Status::Checkout(checkout) => checkout.clone(),
        _ => return Err(Refusal::WrongPhase.into()),
    };
    let payment = PaymentRequest {
        payment: payment_key(&order, request.attempt),
        order: order.clone(),
        attempt: request.attempt,
        amount: checkout.total,
        method: request.method,
    };
    let mut after = before.value.clone();
    let mut writes = Vec::new();
    match checkout.phase {
        Phase::Paid { .. } => return Ok(Some(Asked::Settled)),
        Phase::Paying { .. } | Phase::Unknown { .. } if checkout.attempt == request.attempt => {
            return Ok(Some(Asked::Provider(payment)));
        }
        _ if checkout.total.minor == 0 => {}
        _ if before.value.attempts.saturating_add(1) != request.attempt => {
            return Err(CartError::invalid("/attempt", "is not the next attempt"));
        }
        _ => {
            let at = services.clock.now();
            must(&mut after, &Entry::Checkout(CheckoutTurn::Pay { at }))?;
            writes.push(doubts::remember(services, &payment.payment, cart)?);
        }
    }
    let workstation = match (request.workstation, &caller.device) {
        // A kiosk's feeds do not tell it its number; a phone has none.
        (None, Some(device)) if channel == Channel::Kiosk => help::till(services, device).await?,
        (told, _) => told,
    };
    let hold = stock::lookup(services, &order).await?;
    let mut hold = hold.ok_or(Refusal::ReservationOver)?;
    let unchanged = hold.unchanged();
    hold.value.sale = Some(SaleNote {
        method: request.method,
        channel: kept::channel_at(caller, &before.value)?,
        workstation,
        associate: request.associate.clone(),
    });
    writes.push(table::put(stock::hold_key(&order), &hold.value, unchanged)?);
    // The cart's own revision guards the attempt, also where nothing is due and it stays as it was.
    let moves = [kept::moved(&before, &after)?];
    if !kept::commit(services, &moves, &writes).await? {
        return Ok(None);
    }
    let due = checkout.total.minor != 0;
    Ok(Some(if due {
        Asked::Provider(payment)
    } else {
        Asked::Settled
    }))
}

/// Applies what the provider said; makes the order where the money is there. `None`: somebody was quicker.
async fn hear(
    services: &Services,
    cart: &CartId,
    payment: &PaymentKey,
    outcome: &PaymentOutcome,
) -> Result<Option<(Cart, Vec<Duty>)>, CartError> {
    let before = kept::lookup(services, cart).await?;
    let mut after = before.value.clone();
    let answer = PaymentAnswer {
        payment: payment.clone(),
        outcome: outcome.clone(),
        at: services.clock.now(),
    };
    let step = must(&mut after, &Entry::Checkout(CheckoutTurn::Answer(answer)))?;
    // What is to be given back stays in doubt until that is done.
    let is_settled = *outcome != PaymentOutcome::Unknown && step.duties.is_empty();
    let settled: Vec<Write> = is_settled
        .then(|| doubts::forget(payment))
        .into_iter()
        .collect();
    if is_paid(&after) {
        let made = order::make(services, &before, after, settled).await?;
        return Ok(made.map(|cart| (cart, step.duties)));
    }
    if after == before.value {
        kept::commit(services, &[], &settled).await?;
        return Ok(Some((after, step.duties)));
    }
    let written = kept::write(services, Some(&before), &after, &settled).await?;
    Ok(written.then_some((after, step.duties)))
}

fn is_paid(cart: &Cart) -> bool {
    match &cart.status {
        Status::Checkout(checkout) => matches!(checkout.phase, Phase::Paid { .. }),
        _ => false,
    }
}

/// What the provider said, and everything that follows from it.
pub(super) async fn settle(
    services: &Services,
    cart: &CartId,
    payment: &PaymentKey,
    outcome: &PaymentOutcome,
) -> Result<Cart, CartError> {
    let heard = kept::race(|| hear(services, cart, payment, outcome)).await?;
    for duty in &heard.1 {
        if let Duty::Reverse { payment } = duty {
            services.payments.reverse(payment).await?;
            kept::commit(services, &[], &[doubts::forget(payment)]).await?;
        }
    }
    Ok(heard.0)
}

/// The order of a cart for which nothing is due, or whose payment was heard before.
async fn finish(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
) -> Result<Option<Cart>, CartError> {
    let before = kept::read(services, caller, cart).await?;
    let free = match &before.value.status {
        Status::Checkout(checkout) => checkout.total.minor == 0,
        _ => return Ok(Some(before.value)),
    };
    if !free && !is_paid(&before.value) {
        return Ok(Some(before.value));
    }
    let after = before.value.clone();
    order::make(services, &before, after, Vec::new()).await
}

pub(super) async fn pay(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    request: &PayRequest,
) -> Result<Cart, CartError> {
    match kept::race(|| ask(services, caller, cart, request)).await? {
        Asked::Settled => kept::race(|| finish(services, caller, cart)).await,
        Asked::Provider(asked) => {
            let outcome = services.payments.charge(&asked).await;
            settle(services, cart, &asked.payment, &outcome).await
        }
    }
}

async fn ask_again(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
) -> Result<Cart, CartError> {
    let there = kept::read(services, caller, cart).await?.value;
    let Status::Checkout(checkout) = &there.status else {
        return Ok(there);
    };
    let asked = matches!(checkout.phase, Phase::Paying { .. } | Phase::Unknown { .. });
    if !asked {
        return Ok(there);
    }
    let payment = payment_key(&there.order_id(), checkout.attempt);
    let outcome = services.payments.ask(&payment).await;
    settle(services, cart, &payment, &outcome).await
}

async fn answer(services: &Services, cart: Cart) -> Result<PayAnswer, CartError> {
    let order = cart.orders.last().map(|past| past.order.clone());
    let closed = !matches!(cart.status, Status::Checkout(_));
    order::tell(services).await?;
    let view = Box::new(terms::view(services, cart).await?);
    Ok(match order {
        Some(order) if closed => {
            let order = order::lookup(services, &order).await?;
            let order = Box::new(order.order().clone());
            PayAnswer::Ordered { order, view }
        }
        _ => PayAnswer::NotPaid { view },
    })
}

/// Pays a checkout
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/checkout/pay",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    request_body = PayRequest,
    responses(
        (status = 200, description = "The order, or why there is none yet", body = PayAnswer),
        (status = 409, description = "`cart-refused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn pay_cart(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<PayRequest>,
) -> Result<Json<PayAnswer>, CartError> {
    let cart = cart_id(cart)?;
    let paid = pay(&services, &caller, &cart, &request).await;
    let paid = match paid {
        Err(CartError::Refused(refusal)) => {
            let there = kept::read(&services, &caller, &cart).await?.value;
            let view = Box::new(terms::view(&services, there).await?);
            return Ok(Json(PayAnswer::Refused { refusal, view }));
        }
        other => other?,
    };
    Ok(Json(answer(&services, paid).await?))
}

/// Asks the provider what became of a payment
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/checkout/ask",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    responses((status = 200, description = "The order, or why there is none yet", body = PayAnswer))
)]
pub(super) async fn ask_payment(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
) -> Result<Json<PayAnswer>, CartError> {
    let cart = ask_again(&services, &caller, &cart_id(cart)?).await?;
    Ok(Json(answer(&services, cart).await?))
}
