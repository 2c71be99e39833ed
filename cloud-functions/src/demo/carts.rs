//! Carts that are open on other channels, and some that were bought: made by the cart function itself, as her browser or
//! a kiosk would ask it. Few, so that a first start stays quick.

use super::assets::Assets;
use super::behaviour::Shopping;
use super::chance::Chance;
use super::people::Person;
use crate::carts::goods::stocks;
use crate::engines::payments::{DECLINED, TIMES_OUT};
use crate::functions::cart::inside::{self, CartError};
use crate::services::Services;
use domain::access::{Principal, Role};
use domain::cart::{Action, Author, CartCommand, Channel, NewLine, Opening};
use domain::ids::{CartId, CommandId, DeviceId, LineId, Sku};
use domain::store::Store;

/// Carts of each store that wait.
const OPEN: usize = 8;
/// Of these, those of guests at a kiosk.
const OF_GUESTS: usize = 2;
/// Carts of each store that are bought.
const BOUGHT: usize = 5;
/// Items that somebody who buys looks at: not all of them are there.
const LOOKS: usize = 8;

/// Somebody with a cart.
struct Visitor {
    caller: Principal,
    channel: Channel,
    cart: CartId,
}

/// Lays the carts of every store out. Again is the same.
pub(super) async fn lay_out(
    services: &Services,
    assets: &Assets,
    people: &[Person],
    seed: u64,
) -> Result<(), CartError> {
    let shopping = Shopping::new(assets);
    let mut chance = Chance::new(seed);
    for store in &assets.stores {
        let here = |person: &&Person| person.customer.home_store == store.id;
        let people = people.iter().filter(here).take(OPEN + BOUGHT);
        for (number, person) in people.enumerate() {
            let Some(visitor) = visitor(store, person, number) else {
                continue;
            };
            let buys = number >= OPEN;
            let wanted = 1 + chance.below(3);
            let looks = if buys { LOOKS } else { wanted };
            let mut basket = shopping.basket(&person.tastes, looks, &mut chance);
            if buys {
                let stocks = stocks(&*services.ledger, &store.id, basket.iter()).await?;
                basket.retain(|sku| stocks.get(sku).is_some_and(|row| row.value.on_hand > 0));
                basket.truncate(wanted);
            }
            fill(services, store, &visitor, &basket).await?;
            if buys {
                let plain = |minor: i64| ![DECLINED, TIMES_OUT].contains(&(minor % 100));
                inside::buy(services, &visitor.caller, &visitor.cart, plain).await?;
            }
        }
    }
    Ok(())
}

/// The first are guests, then phones and desks take turns.
fn visitor(store: &Store, person: &Person, number: usize) -> Option<Visitor> {
    let guest = number < OF_GUESTS;
    let (role, channel) = match (guest, number % 2) {
        (true, _) => (Role::Kiosk, Channel::Kiosk),
        (false, 0) => (Role::Shopper, Channel::Phone),
        (false, _) => (Role::Shopper, Channel::Online),
    };
    let caller = Principal {
        role,
        permissions: role.permissions().to_vec(),
        store: Some(store.id.clone()),
        device: DeviceId::parse(format!("demo-{}-{number}", store.id)).ok(),
        associate: None,
        customer: (!guest).then(|| person.customer.id.clone()),
    };
    let cart = CartId::parse(format!("demo-cart-{}-{number}", store.id)).ok()?;
    Some(Visitor {
        caller,
        channel,
        cart,
    })
}

async fn fill(
    services: &Services,
    store: &Store,
    visitor: &Visitor,
    basket: &[Sku],
) -> Result<(), CartError> {
    let opening = Opening {
        id: visitor.cart.clone(),
        store: store.id.clone(),
        currency: store.currency,
        customer: visitor.caller.customer.clone(),
    };
    let Some(device) = &visitor.caller.device else {
        return Ok(());
    };
    let now = services.clock.now();
    let add = |(n, sku): (usize, &Sku)| {
        let parts = [visitor.cart.as_str(), &n.to_string()];
        CartCommand {
            id: CommandId::derived("demo-command", &parts),
            by: Author {
                channel: visitor.channel,
                device: device.clone(),
                associate: None,
            },
            issued_at_device: now,
            action: Action::AddLine(NewLine {
                line_id: LineId::derived("demo-line", &parts),
                sku: sku.clone(),
                quantity: 1,
                price: None,
                note: String::new(),
            }),
        }
    };
    let commands: Vec<CartCommand> = basket.iter().enumerate().map(add).collect();
    inside::fill(services, &visitor.caller, &opening, &commands).await?;
    Ok(())
}
