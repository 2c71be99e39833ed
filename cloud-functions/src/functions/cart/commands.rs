//! `POST /v1/carts/{cart}/commands`: what was done on a device, each decided once.

use super::kept::{self, cart_id, device};
use super::refusal::CartError;
use super::terms;
use crate::http::{Caller, Json};
use crate::services::Services;
use axum::extract::{Path, State};
use domain::access::Principal;
use domain::api::cart::{BatchAnswer, CartView, CommandBatch, CommandResult, MAX_CART_COMMANDS};
use domain::cart::{
    Action, Cart, CartCommand, Entry, LinePrice, Outcome, PriceSnapshot, PriceSource, Status,
};
use domain::ids::CartId;
use domain::problem::Problem;

/// How often what came late follows its cart into another.
const MAX_FORWARDS: usize = 5;

/// Refuses what another device did, and prices that nobody agreed on.
fn check(caller: &Principal, commands: &[CartCommand]) -> Result<(), CartError> {
    if commands.len() > MAX_CART_COMMANDS {
        let detail = format!("at most {MAX_CART_COMMANDS} commands at once");
        return Err(CartError::invalid("/commands", &detail));
    }
    let (device, channel) = device(caller)?;
    for (n, command) in commands.iter().enumerate() {
        if command.by.device != *device || command.by.channel != channel {
            let pointer = format!("/commands/{n}/by");
            return Err(CartError::invalid(pointer, "is another device's"));
        }
        if let Some(PriceSource::Agreed { by }) = price_source(command)
            && command.by.associate.as_ref() != Some(by)
        {
            let pointer = format!("/commands/{n}/action/price");
            return Err(CartError::invalid(
                pointer,
                "only an associate agrees on a price",
            ));
        }
    }
    Ok(())
}

fn price_source(command: &CartCommand) -> Option<&PriceSource> {
    match &command.action {
        Action::AddLine(line) => line.price.as_ref().map(|price| &price.source),
        _ => None,
    }
}

async fn write(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    commands: &[CartCommand],
) -> Result<(Cart, Vec<CommandResult>), CartError> {
    let apply = |cart: &mut Cart| {
        let decide = |command: &CartCommand| CommandResult {
            id: command.id.clone(),
            outcome: cart.apply(&Entry::Command(command.clone())).outcome,
        };
        Ok(commands.iter().map(decide).collect::<Vec<_>>())
    };
    let (mut cart, mut results) = kept::change(services, caller, cart, apply).await?;
    for result in &mut results {
        if let Some((there, outcome)) = follow(services, caller, &result.outcome).await? {
            (cart, result.outcome) = (there, outcome);
        }
    }
    Ok((cart, results))
}

/// Takes what came late on a cart that went into another to where that is now.
async fn follow(
    services: &Services,
    caller: &Principal,
    outcome: &Outcome,
) -> Result<Option<(Cart, Outcome)>, CartError> {
    let mut found = None;
    let mut outcome = outcome.clone();
    for _ in 0..MAX_FORWARDS {
        let Outcome::Forwarded { into, command } = outcome else {
            break;
        };
        let entry = Entry::Command(*command);
        let apply = |cart: &mut Cart| Ok(cart.apply(&entry).outcome);
        let (there, next) = kept::change(services, caller, &into, apply).await?;
        found = Some((there, next.clone()));
        outcome = next;
    }
    Ok(found)
}

/// Lines that no device knew a price of get the one of now: nobody was shown another.
async fn price_new_lines(
    services: &Services,
    caller: &Principal,
    cart: Cart,
) -> Result<Cart, CartError> {
    let open = matches!(cart.status, Status::Open);
    if !open || cart.counted().all(|line| line.price.is_some()) {
        return Ok(cart);
    }
    let current = terms::prices(services, &cart).await?;
    let id = cart.opening.id.clone();
    let price = |cart: &mut Cart| {
        let new = |line: &domain::cart::Line| -> Option<LinePrice> {
            let price: PriceSnapshot = current.get(&line.sku)?.clone();
            let line_id = line.id.clone();
            line.price.is_none().then_some(LinePrice { line_id, price })
        };
        let prices: Vec<LinePrice> = cart.lines.iter().filter_map(new).collect();
        if !prices.is_empty() {
            cart.apply(&Entry::Prices(prices));
        }
        Ok(())
    };
    Ok(kept::change(services, caller, &id, price).await?.0)
}

/// Does what people did on a device
///
/// Each command is decided once: a repeat has the outcome of then. What is refused stays refused, with the reason.
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/commands",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    request_body = CommandBatch,
    responses(
        (status = 200, description = "What became of each, and the cart", body = BatchAnswer),
        (status = 400, description = "Too many, or another device's", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such cart", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn write_commands(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<CommandBatch>,
) -> Result<Json<BatchAnswer>, CartError> {
    check(&caller, &request.commands)?;
    let cart = cart_id(cart)?;
    let (cart, results) = write(&services, &caller, &cart, &request.commands).await?;
    let cart = price_new_lines(&services, &caller, cart).await?;
    let view: CartView = terms::view(&services, cart).await?;
    Ok(Json(BatchAnswer { results, view }))
}
