//! The demo store: three shops in Hamburg, four hundred items, two thousand customers who never lived, and what they
//! did. Drawn from one seed, so that recommendations, funnels and experiments have something true to find.

mod assets;
mod behaviour;
mod carts;
mod chance;
mod letters;
mod live;
mod people;
mod terms;

pub use letters::with_letters;
pub use live::run_live;

use crate::functions::identity::hash_pin;
use crate::import::{self, Collected, Summary, WriteError};
use crate::ports::events::{CloudEvent, LogError, MAX_APPEND};
use crate::ports::ledger::{Condition, Key, LedgerError, Write};
use crate::services::Services;
use assets::Assets;
use behaviour::Shopping;
use chance::Chance;
use domain::api::sync::{Scope, kind};
use domain::store::{Associate, Store};
use serde_json::json;

/// The write key of the demo shop.
pub const WRITE_KEY: &str = "demo-shop";
/// Everything is drawn from it.
const SEED: u64 = 20_261_123;
/// Moves on when the demo store changes: a folder with an older one is seeded again.
const VERSION: u32 = 3;

/// Why the demo store could not be laid out.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file of the demo store is broken.
    #[error("the demo store's {file}: {reason}")]
    Asset {
        /// Which.
        file: &'static str,
        /// Why.
        reason: String,
    },
    /// A PIN could not be hashed.
    #[error("a PIN could not be hashed: {0}")]
    Pin(String),
    /// A cart could not be made.
    #[error("a cart could not be made: {0}")]
    Cart(String),
    /// What was drawn could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The ledger did not take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The event log did not take it.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Lays the demo store out, unless it is there already. Tells whether it did.
pub async fn seed(services: &Services) -> Result<bool, DemoError> {
    let key = Key::new("X#demo", "V");
    let mark = json!({ "version": VERSION }).to_string();
    if services
        .ledger
        .read(&key)
        .await?
        .is_some_and(|stored| stored.body == mark)
    {
        return Ok(false);
    }
    let assets = Assets::read()?;
    open_stores(services, &assets).await?;
    let mut chance = Chance::new(SEED);
    let now = services.clock.now();
    let mut people = people::draw(&assets, &mut chance, now);
    let shopping = Shopping::new(&assets);
    shopping.draw_wishes(&mut people, &mut chance);
    let mut orders = shopping.draw_orders(&people, &mut chance, now);
    for store in &assets.stores {
        let here = |customer: &&people::Person| customer.customer.home_store == store.id;
        let customers = people
            .iter()
            .filter(here)
            .map(|person| (person.customer.id.clone(), person.customer.clone()));
        let collected = Collected {
            customers: customers.collect(),
            orders: orders.remove(&store.id).unwrap_or_default(),
            ..Collected::default()
        };
        import::write(services, store, collected, &mut Summary::of("demo")).await?;
    }
    carts::lay_out(services, &assets, &people, SEED)
        .await
        .map_err(|error| DemoError::Cart(error.to_string()))?;
    append(services, shopping.draw_visits(&people, &mut chance, now)).await?;
    services
        .ledger
        .write(vec![Write::put(key, mark, Condition::Any)])
        .await?;
    Ok(true)
}

/// Stores, their teams, items with stock in each, fences, and the shop's write key.
async fn open_stores(services: &Services, assets: &Assets) -> Result<(), DemoError> {
    let mut chance = Chance::new(SEED);
    for store in &assets.stores {
        import::write_store(services, store).await?;
        let terms = terms::draw(store.currency, services.clock.now());
        let scope = Scope::inventory(&store.id);
        let terms = import::moved(scope, kind::TERMS, store.id.as_str(), &terms);
        import::publish(services, vec![terms.map_err(WriteError::from)?]).await?;
        let mut products = assets.products.clone();
        for product in &mut products {
            product.on_hand = product
                .on_hand
                .map(|pieces| stock(pieces, store, &assets.stores, &mut chance));
        }
        import::write_products(services, store, &products).await?;
    }
    let team = assets
        .team
        .iter()
        .map(|member| associate(services, member))
        .collect::<Result<Vec<_>, _>>()?;
    import::publish(services, team).await?;
    if let Some(first) = assets.stores.first() {
        let fences = Collected {
            fences: assets.fences.clone(),
            ..Collected::default()
        };
        import::write(services, first, fences, &mut Summary::of("fences")).await?;
        let source = json!({ "source": WRITE_KEY, "currency": first.currency, "store": first.id })
            .to_string();
        services
            .ledger
            .write(vec![Write::put(
                Key::new(format!("W#{WRITE_KEY}"), "V"),
                source,
                Condition::Any,
            )])
            .await?;
    }
    Ok(())
}

/// The catalogue's count is the first store's; the others have a little more or less, and sometimes nothing.
fn stock(pieces: i64, store: &Store, stores: &[Store], chance: &mut Chance) -> i64 {
    let is_first = stores.first().is_some_and(|first| first.id == store.id);
    if is_first {
        return pieces;
    }
    if chance.percent(8) {
        0
    } else {
        (pieces + chance.between(-4, 6)).max(0)
    }
}

fn associate(services: &Services, member: &assets::Member) -> Result<crate::feed::Move, DemoError> {
    let secret = services.ids.secret();
    let (salt, _) = secret.split_at(16);
    let pin_hash =
        hash_pin(&member.pin, salt).map_err(|error| DemoError::Pin(error.to_string()))?;
    let associate = Associate {
        id: member.id.clone(),
        name: member.name.clone(),
        role: member.role,
        store: member.store.clone(),
        colour: member.colour.clone(),
        pin_hash,
    };
    let moved = import::moved(
        Scope::team(&member.store),
        kind::ASSOCIATE,
        member.id.as_str(),
        &associate,
    );
    Ok(moved.map_err(WriteError::from)?)
}

async fn append(services: &Services, events: Vec<CloudEvent>) -> Result<(), LogError> {
    let mut events = events.into_iter();
    loop {
        let chunk: Vec<_> = events.by_ref().take(MAX_APPEND).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        services.events.append(chunk).await?;
    }
}

#[cfg(test)]
mod tests;
