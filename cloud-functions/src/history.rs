//! Sessions and baskets as the recommender learns from them: lists in the ledger, newest first, without who it was.
//!
//! `R#sessions` and `R#baskets` / `<20 digits that fall with time>#<id>`.

use crate::feed::PublishError;
use crate::ports::ledger::{Condition, Key, Ledger, MAX_PAGE, Write};
use chrono::{DateTime, Utc};
use domain::ids::{OrderId, Sku, StoreId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The newest sessions that are learnt from.
pub const MAX_SESSIONS: usize = 200_000;
/// The newest baskets that are learnt from.
pub const MAX_BASKETS: usize = 100_000;

/// The items of one visit to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// What was looked at, oldest first.
    pub skus: Vec<Sku>,
}

/// The items of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basket {
    /// When it was placed.
    pub at: DateTime<Utc>,
    /// Where.
    pub store: StoreId,
    /// What was in it.
    pub skus: Vec<Sku>,
}

/// The write that keeps a session under an id of its own.
pub fn session_write(id: &str, session: &Session) -> Result<Write, serde_json::Error> {
    let key = Key::new("R#sessions", newest_first(session.started_at, id));
    Ok(Write::put(
        key,
        serde_json::to_string(session)?,
        Condition::Any,
    ))
}

/// The write that keeps a basket under its order.
pub fn basket_write(order: &OrderId, basket: &Basket) -> Result<Write, serde_json::Error> {
    let key = Key::new("R#baskets", newest_first(basket.at, order.as_str()));
    Ok(Write::put(
        key,
        serde_json::to_string(basket)?,
        Condition::Any,
    ))
}

/// The newest [`MAX_SESSIONS`] with their ids, newest first.
pub async fn sessions(ledger: &dyn Ledger) -> Result<Vec<(String, Session)>, PublishError> {
    newest(ledger, "R#sessions", MAX_SESSIONS).await
}

/// The newest [`MAX_BASKETS`] with their orders, newest first.
pub async fn baskets(ledger: &dyn Ledger) -> Result<Vec<(String, Basket)>, PublishError> {
    newest(ledger, "R#baskets", MAX_BASKETS).await
}

fn newest_first(at: DateTime<Utc>, id: &str) -> String {
    let falling = i64::MAX - at.timestamp_millis().max(0);
    format!("{falling:020}#{id}")
}

async fn newest<T: DeserializeOwned>(
    ledger: &dyn Ledger,
    partition: &str,
    limit: usize,
) -> Result<Vec<(String, T)>, PublishError> {
    let mut found = Vec::new();
    let mut from = String::from("0");
    while found.len() < limit {
        let page = ledger.range(partition, &from..":", MAX_PAGE).await?;
        let Some(last) = page.last() else { break };
        // The smallest key after the last one.
        from = format!("{}\0", last.key.sort);
        let ended = page.len() < MAX_PAGE;
        found.extend(page.iter().filter_map(|stored| {
            let (_, id) = stored.key.sort.split_once('#')?;
            Some((id.to_owned(), serde_json::from_str(&stored.body).ok()?))
        }));
        if ended {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}
