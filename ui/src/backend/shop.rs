//! The cloud as the demo shop reaches it: the catalogue, shelves, and Segment calls to ingest.

use super::http::{Answer, Ask, send};
use domain::api::content::{CataloguePage, ShopRequest, ShopShelves};
use domain::cart::Terms;
use domain::ids::{Sku, StoreId};
use serde::de::DeserializeOwned;

/// The demo shop's write key: public by nature, as every browser shows it.
const WRITE_KEY: &str = "demo-shop";
/// Items in one page of the catalogue.
const PAGE: usize = 100;

/// What became of a Segment call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It is there.
    Yes,
    /// It will never be accepted as it is.
    Refused,
    /// Nobody answered, or not now.
    Later,
}

/// One page of the catalogue; `None` where the cloud does not answer as it should.
pub async fn read_catalogue(store: &StoreId, after: Option<&Sku>) -> Option<CataloguePage> {
    let after = after.map_or_else(String::new, |sku| {
        format!("&after={}", crate::percent::encode(sku.as_str()))
    });
    let store = crate::percent::encode(store.as_str());
    get(&format!("/v1/catalogue?store={store}{after}&limit={PAGE}")).await
}

/// The tax and the promotions of now; `None` where the cloud does not answer as it should.
pub async fn read_terms(store: &StoreId) -> Option<Terms> {
    let store = crate::percent::encode(store.as_str());
    get(&format!("/v1/catalogue/terms?store={store}")).await
}

async fn get<T: DeserializeOwned>(path: &str) -> Option<T> {
    let ask = Ask {
        method: "GET",
        path,
        headers: &[("accept", "application/json")],
        body: None,
        keepalive: false,
    };
    read(send(ask).await)
}

/// Shelves for this browser; `None` where the cloud does not answer as it should.
pub async fn read_shelves(request: &ShopRequest) -> Option<ShopShelves> {
    let body = serde_json::to_string(request).ok()?;
    let headers = [
        ("authorization", credentials()),
        ("content-type", "application/json".to_owned()),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    read(
        send(Ask {
            method: "POST",
            path: "/v1/content/shop",
            headers: &headers,
            body: Some(&body),
            keepalive: false,
        })
        .await,
    )
}

/// Sends one Segment call. As browsers' libraries do, it is plain text, so that no browser asks first.
pub async fn deliver(path: &str, call: &str) -> Delivered {
    let credentials = credentials();
    let answer = send(Ask {
        method: "POST",
        path,
        headers: &[
            ("authorization", &credentials),
            ("content-type", "text/plain"),
        ],
        body: Some(call),
        keepalive: true,
    })
    .await;
    match answer.map(|answer| answer.status) {
        Some(200..=299) => Delivered::Yes,
        Some(400..=428 | 430..=499) => Delivered::Refused,
        _ => Delivered::Later,
    }
}

fn credentials() -> String {
    let pair = format!("{WRITE_KEY}:");
    let encoded = web_sys::window().and_then(|window| window.btoa(&pair).ok());
    format!("Basic {}", encoded.unwrap_or_default())
}

fn read<T: DeserializeOwned>(answer: Option<Answer>) -> Option<T> {
    let answer = answer.filter(|answer| answer.status < 400)?;
    serde_json::from_str(&answer.text).ok()
}
