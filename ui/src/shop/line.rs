//! The line to the cloud: as whom this browser speaks, and what came of each call.

use crate::backend::shopper::{Heard, call};
use crate::backend::{clock, memory};
use crate::shop::session::Session;
use crate::shop::single::{UnderWay, once};
use crate::shop::state::Shop;
use domain::api::shopper::{BecomeGuest, RefreshShopper, ShopperToken};
use domain::problem::Problem;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;

/// Under which name the session is kept.
const SESSION: &str = "aisle-shopper";

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trouble {
    /// Nobody answered: it can be tried again as it is.
    Offline,
    /// It was refused.
    Refused(Problem),
}

impl Trouble {
    /// The last part of the problem's kind; empty where nobody answered.
    pub(crate) fn slug(&self) -> &str {
        match self {
            Self::Offline => "",
            Self::Refused(problem) => problem.kind.rsplit('/').next().unwrap_or_default(),
        }
    }

    /// The HTTP status; 0 where nobody answered.
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::Offline => 0,
            Self::Refused(problem) => problem.status,
        }
    }
}

thread_local! {
    static RENEWING: UnderWay = const { RefCell::new(None) };
}

/// The session of this browser, also where another of its tabs has just renewed it.
pub(crate) fn session() -> Option<Session> {
    memory::recall(SESSION).and_then(|text| Session::read(&text))
}

/// Takes a token.
pub(crate) fn take(token: ShopperToken) {
    memory::keep(SESSION, &Session::of(token, clock::now()).write());
}

/// Forgets who this browser was.
pub(crate) fn forget() {
    memory::forget(SESSION);
}

/// Sees to it that this browser has a name. The first guest's token is asked for here, and not before.
pub(crate) async fn ready(shop: Shop) -> Result<(), Trouble> {
    current(shop, false).await.map(drop)
}

/// Asks the cloud for something.
pub(crate) async fn get<T: DeserializeOwned>(shop: Shop, path: &str) -> Result<T, Trouble> {
    ask(shop, "GET", path, None).await
}

/// Tells the cloud something. What is told may be told again.
pub(crate) async fn post<T: DeserializeOwned>(
    shop: Shop,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Trouble> {
    let body = serde_json::to_string(body).map_err(|_| Trouble::Offline)?;
    ask(shop, "POST", path, Some(&body)).await
}

async fn ask<T: DeserializeOwned>(
    shop: Shop,
    method: &str,
    path: &str,
    body: Option<&str>,
) -> Result<T, Trouble> {
    for renewed in [false, true] {
        let session = current(shop, renewed).await?;
        let token = session.access(clock::now());
        let heard = call(method, path, token, body).await;
        match heard {
            // The token ended on the way, or the cloud does not know it any more.
            Heard::Refused(problem) if problem.status == 401 && !renewed => {}
            heard => return hear(shop, heard),
        }
    }
    Err(Trouble::Offline)
}

fn hear<T>(shop: Shop, heard: Heard<T>) -> Result<T, Trouble> {
    let reached = !matches!(heard, Heard::Nobody);
    if shop.reached.get_untracked() != reached {
        shop.reached.set(reached);
    }
    match heard {
        Heard::Answer(answer) => Ok(answer),
        Heard::Refused(problem) => Err(Trouble::Refused(problem)),
        Heard::Nobody => Err(Trouble::Offline),
    }
}

/// A session whose token is good; `anew` where the one that is kept was just refused.
async fn current(shop: Shop, anew: bool) -> Result<Session, Trouble> {
    let now = clock::now();
    if let Some(session) = session().filter(|session| !anew && session.access(now).is_some()) {
        return Ok(session);
    }
    once(&RENEWING, async move { renew(shop).await.is_ok() }).await;
    let fresh = |session: &Session| session.access(clock::now()).is_some();
    session().filter(fresh).ok_or(Trouble::Offline)
}

/// A new token: from the last one, or as a guest.
async fn renew(shop: Shop) -> Result<(), Trouble> {
    if let Some(kept) = session() {
        let request = RefreshShopper {
            refresh_token: kept.refresh().to_owned(),
        };
        match plain(shop, "/v1/shopper/refresh", &request).await {
            Ok(token) => {
                take(token);
                return Ok(());
            }
            Err(Trouble::Refused(problem)) if matches!(problem.status, 400..=403) => {
                // Another tab may have been quicker: then its session is there.
                if session().is_some_and(|now| now.refresh() != kept.refresh()) {
                    return Ok(());
                }
                shop.lose_session();
            }
            Err(trouble) => return Err(trouble),
        }
    }
    let token = plain(shop, "/v1/shopper/guest", &BecomeGuest { store: None }).await?;
    take(token);
    shop.renamed();
    Ok(())
}

/// A call without a token.
async fn plain(shop: Shop, path: &str, body: &impl Serialize) -> Result<ShopperToken, Trouble> {
    let body = serde_json::to_string(body).map_err(|_| Trouble::Offline)?;
    hear(shop, call("POST", path, None, Some(&body)).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_a_name() {
        let over = Trouble::Refused(Problem::new(410, "code-over", "Over"));
        assert_eq!((over.slug(), over.status()), ("code-over", 410));
        assert_eq!(
            (Trouble::Offline.slug(), Trouble::Offline.status()),
            ("", 0)
        );
    }
}
