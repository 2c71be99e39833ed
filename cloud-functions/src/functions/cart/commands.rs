//! `POST /v1/carts/{cart}/commands`: what was done on a device, each decided once.

use super::kept::{self, cart_id, device};
use super::refusal::CartError;
use super::terms;
use crate::carts::{MAX_FORWARDS, index};
use crate::http::{Caller, Json};
use crate::services::Services;
use crate::table::Row;
use axum::extract::{Path, State};
use domain::access::Principal;
use domain::api::cart::{BatchAnswer, CartView, CommandBatch, CommandResult, MAX_CART_COMMANDS};
use domain::cart::{
    Action, Cart, CartCommand, Channel, Entry, LinePrice, Outcome, PriceSnapshot, PriceSource,
    Refusal, Status,
};
use domain::ids::CartId;
use domain::problem::Problem;

/// Refuses what another device did, and prices that nobody agreed on.
pub(super) fn check(caller: &Principal, commands: &[CartCommand]) -> Result<(), CartError> {
    if commands.len() > MAX_CART_COMMANDS {
        let detail = format!("at most {MAX_CART_COMMANDS} commands at once");
        return Err(CartError::invalid("/commands", &detail));
    }
    let (device, channel) = device(caller)?;
    for (n, command) in commands.iter().enumerate() {
        if command.by.device != *device || !kept::speaks_as(channel, command.by.channel) {
            let pointer = format!("/commands/{n}/by");
            return Err(CartError::invalid(pointer, "is another device's"));
        }
        if channel != Channel::Tablet && command.by.associate.is_some() {
            let pointer = format!("/commands/{n}/by/associate");
            return Err(CartError::invalid(pointer, "works at no such device"));
        }
        if !is_agreed_by_its_author(command) {
            let pointer = format!("/commands/{n}/action/price");
            return Err(CartError::invalid(
                pointer,
                "only an associate agrees on a price",
            ));
        }
    }
    Ok(())
}

/// Whether an agreed price, where there is one, was agreed by who says so.
pub(super) fn is_agreed_by_its_author(command: &CartCommand) -> bool {
    let price = match &command.action {
        Action::AddLine(line) => line.price.as_ref(),
        _ => None,
    };
    match price.map(|price| &price.source) {
        Some(PriceSource::Agreed { by }) => command.by.associate.as_ref() == Some(by),
        _ => true,
    }
}

/// What becomes of each command, and of the cart that they end on, with prices where nobody knew any.
pub(super) async fn decide(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    commands: &[CartCommand],
) -> Result<(Cart, Vec<CommandResult>), CartError> {
    let decided = kept::race(|| write_once(services, caller, cart, commands)).await;
    let (cart, results) = decided?;
    let cart = price_new_lines(services, caller, cart).await?;
    Ok((cart, results))
}

/// Decides on all of them, and follows what came late to the cart that its cart went into. All carts that move do so in
/// one write: were a merge undone in between, what was forwarded would be done where nothing of it is any more.
async fn write_once(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    commands: &[CartCommand],
) -> Result<Option<(Cart, Vec<CommandResult>)>, CartError> {
    let mut seen = Seen::new(services, caller);
    let mut shown = seen.place(cart).await?;
    let mut results = Vec::with_capacity(commands.len());
    for command in commands {
        let (place, outcome) = seen.apply(cart, command).await?;
        let id = command.id.clone();
        results.push(CommandResult { id, outcome });
        shown = place;
    }
    if !seen.write().await? {
        return Ok(None);
    }
    let cart = seen.carts.into_iter().nth(shown).map(|(_, after)| after);
    let cart = cart.ok_or(CartError::NotFound("cart"))?;
    Ok(Some((cart, results)))
}

/// The carts that one batch looks at: as each was read, and as it becomes.
struct Seen<'a> {
    services: &'a Services,
    caller: &'a Principal,
    carts: Vec<(Row<Cart>, Cart)>,
}

impl<'a> Seen<'a> {
    const fn new(services: &'a Services, caller: &'a Principal) -> Self {
        Self {
            services,
            caller,
            carts: Vec::new(),
        }
    }

    /// Which of the carts this is; it is read the first time.
    async fn place(&mut self, cart: &CartId) -> Result<usize, CartError> {
        let is_it = |(row, _): &(Row<Cart>, Cart)| row.value.opening.id == *cart;
        if let Some(place) = self.carts.iter().position(is_it) {
            return Ok(place);
        }
        let row = kept::read(self.services, self.caller, cart).await?;
        let after = row.value.clone();
        self.carts.push((row, after));
        Ok(self.carts.len().saturating_sub(1))
    }

    /// What becomes of a command, and on which of the carts.
    async fn apply(
        &mut self,
        cart: &CartId,
        command: &CartCommand,
    ) -> Result<(usize, Outcome), CartError> {
        let (mut id, mut entry) = (cart.clone(), Entry::Command(command.clone()));
        for _ in 0..=MAX_FORWARDS {
            let place = self.place(&id).await?;
            let Some((_, after)) = self.carts.get_mut(place) else {
                break;
            };
            match after.apply(&entry).outcome {
                Outcome::Forwarded { into, command } => {
                    (id, entry) = (into, Entry::Command(*command));
                }
                outcome => return Ok((place, outcome)),
            }
        }
        Err(Refusal::GoneInto { into: id }.into())
    }

    /// Writes those that changed, all or none; `false` where somebody was quicker.
    async fn write(&self) -> Result<bool, CartError> {
        let (mut moves, mut writes) = (Vec::new(), Vec::new());
        let changed = self.carts.iter().filter(|(row, after)| row.value != *after);
        for (before, after) in changed {
            moves.push(kept::moved(before, after)?);
            writes.extend(index::writes(
                Some(before),
                after,
                self.services.clock.now(),
            )?);
        }
        Ok(moves.is_empty() || kept::commit(self.services, &moves, &writes).await?)
    }
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
    let (cart, results) = decide(&services, &caller, &cart, &request.commands).await?;
    let view: CartView = terms::view(&services, cart).await?;
    Ok(Json(BatchAnswer { results, view }))
}
