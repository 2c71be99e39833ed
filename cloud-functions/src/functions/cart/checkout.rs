//! A checkout begins, with prices confirmed and goods kept back, or is given up.

use super::kept::{self, cart_id, device, must};
use super::refusal::CartError;
use super::stock::{self, Kept};
use super::terms;
use crate::http::{Caller, Json};
use crate::services::Services;
use axum::extract::{Path, State};
use chrono::TimeDelta;
use domain::access::Principal;
use domain::api::cart::{CartView, CheckoutAnswer, CheckoutRequest, ConfirmPrices};
use domain::api::sync::Scope;
use domain::cart::{Cart, CheckoutTurn, Duty, Entry, LinePrice, Outcome, Refusal, Status, reprice};
use domain::ids::{CartId, Sku};
use domain::problem::Problem;

/// How long goods are kept back, in minutes.
const RESERVED_MINUTES: i64 = 15;

/// What came of one try.
pub(super) enum Began {
    Frozen(Cart),
    Answer(CheckoutAnswer),
    TotalMoved(Cart),
    Refused(Refusal, Cart),
}

pub(super) async fn begin(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    request: &CheckoutRequest,
) -> Result<Option<Began>, CartError> {
    let (device, _) = device(caller)?;
    // Before anything is read: whoever waits after she saw the shelf finds it moved, and waits again.
    let shelf = caller.store.as_ref();
    let scopes = shelf.map(|store| [Scope::carts(store), Scope::inventory(store)]);
    let turn = services.poke.turns().wait_for(scopes.iter().flatten());
    let turn = turn.await;
    let before = kept::read(services, caller, cart).await?;
    if is_repeat(&before.value, request) {
        return Ok(Some(Began::Frozen(before.value)));
    }
    let now = services.clock.now();
    let reserved_until = now + TimeDelta::minutes(RESERVED_MINUTES);
    let mut after = before.value.clone();
    // Who may, and whether the cart is the one that she saw, before anything is said about its prices.
    let step = after.apply(&Entry::Checkout(CheckoutTurn::Begin {
        device: device.clone(),
        fence: request.fence,
        version: request.version,
        total: request.total,
        at: now,
        reserved_until,
    }));
    // A line without a price is a changed price like others.
    if let Outcome::Refused { refusal } = step.outcome
        && !matches!(refusal, Refusal::Unpriced { .. })
    {
        return Ok(Some(Began::Refused(refusal, before.value)));
    }
    let prices = terms::prices(services, &before.value).await?;
    let changes = reprice(&before.value, |sku: &Sku| prices.get(sku).cloned(), now);
    if !changes.is_empty() {
        let version = before.value.version;
        let answer = CheckoutAnswer::PricesChanged { changes, version };
        return Ok(Some(Began::Answer(answer)));
    }
    let totals = terms::totals(services, &before.value).await?;
    let Some(totals) = totals.filter(|totals| totals.total == request.total) else {
        return Ok(Some(Began::TotalMoved(before.value)));
    };
    let (mut moves, writes) =
        match stock::keep_back(services, &before.value, totals, reserved_until).await? {
            Kept::Plan(moves, writes) => (moves, writes),
            Kept::Short(left) => {
                return Ok(Some(Began::Answer(CheckoutAnswer::OutOfStock { left })));
            }
        };
    moves.push(kept::moved(&before, &after)?);
    let written = kept::commit_in(&turn, services, &moves, &writes).await?;
    Ok(written.then_some(Began::Frozen(after)))
}

/// The same checkout, asked for again because its answer was lost.
fn is_repeat(cart: &Cart, request: &CheckoutRequest) -> bool {
    matches!(&cart.status, Status::Checkout(checkout)
        if checkout.fence == request.fence && checkout.frozen == request.version)
}

/// Opens a cart again and puts its goods back; a payment without an answer is given up first. `None`: somebody was
/// quicker.
pub(super) async fn give_up_once(
    services: &Services,
    cart: &CartId,
) -> Result<Option<Cart>, CartError> {
    let before = kept::lookup(services, cart).await?;
    if matches!(before.value.status, Status::Open) {
        return Ok(Some(before.value));
    }
    let at = services.clock.now();
    let order = before.value.order_id();
    let mut after = before.value.clone();
    let step = must(&mut after, &Entry::Checkout(CheckoutTurn::GiveUp { at }))?;
    let (mut moves, mut writes) = (vec![kept::moved(&before, &after)?], Vec::new());
    let releases = step
        .duties
        .iter()
        .any(|duty| matches!(duty, Duty::Release { .. }));
    if let (true, Some(hold)) = (releases, stock::lookup(services, &order).await?) {
        let store = &hold.value.store;
        moves.extend(stock::put_back(services, store, &hold.value.goods).await?);
        writes = stock::forget(&order, &hold);
    }
    let written = kept::commit(services, &moves, &writes).await?;
    Ok(written.then_some(after))
}

/// Begins a checkout
///
/// Answers what has to be settled first: prices that changed, a sum that moved, items that are short.
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/checkout",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    request_body = CheckoutRequest,
    responses(
        (status = 200, description = "What came of it", body = CheckoutAnswer),
        (status = 400, description = "Too many different items", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn begin_checkout(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<CheckoutRequest>,
) -> Result<Json<CheckoutAnswer>, CartError> {
    let cart = cart_id(cart)?;
    stock::sweep(&services).await?;
    let began = kept::race(|| begin(&services, &caller, &cart, &request)).await?;
    let view = async |cart| terms::view(&services, cart).await.map(Box::new);
    Ok(Json(match began {
        Began::Answer(answer) => answer,
        Began::Frozen(cart) => CheckoutAnswer::Begun {
            view: view(cart).await?,
        },
        Began::TotalMoved(cart) => CheckoutAnswer::TotalMoved {
            view: view(cart).await?,
        },
        Began::Refused(refusal, cart) => CheckoutAnswer::Refused {
            refusal,
            view: view(cart).await?,
        },
    }))
}

/// Agrees to changed prices
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/checkout/confirm",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    request_body = ConfirmPrices,
    responses(
        (status = 200, description = "The cart at these prices", body = CartView),
        (status = 409, description = "`cart-refused`: the cart moved on, or a price did", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm_prices(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<ConfirmPrices>,
) -> Result<Json<CartView>, CartError> {
    let cart = cart_id(cart)?;
    let seen = kept::read(&services, &caller, &cart).await?.value;
    let current = terms::prices(&services, &seen).await?;
    let holds = |new: &LinePrice| {
        let line = seen.line(&new.line_id);
        line.and_then(|line| current.get(&line.sku)) == Some(&new.price)
    };
    if !request.prices.iter().all(holds) {
        return Err(CartError::invalid("/prices", "a price has moved since"));
    }
    let entry = Entry::Prices(request.prices);
    let confirm = |cart: &mut Cart| {
        if cart.version != request.version {
            let version = cart.version;
            return Err(Refusal::VersionMoved { version }.into());
        }
        must(cart, &entry)
    };
    let (cart, _) = kept::change(&services, &caller, &cart, confirm).await?;
    Ok(Json(terms::view(&services, cart).await?))
}

/// Gives a checkout up
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/checkout/give-up",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    responses(
        (status = 200, description = "The cart: open, or with its unanswered payment given up", body = CartView),
        (status = 409, description = "`cart-refused`: it is paid, or may be", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn give_up(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
) -> Result<Json<CartView>, CartError> {
    let cart = cart_id(cart)?;
    kept::read(&services, &caller, &cart).await?;
    let given_up = kept::race(|| give_up_once(&services, &cart)).await?;
    Ok(Json(terms::view(&services, given_up).await?))
}
