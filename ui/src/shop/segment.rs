//! What the shop tells: Segment calls, e-commerce events v2. Pure: who, when and ids are parameters.
//!
//! That she ordered is not told here: the cloud makes the order and tells its history itself, and told twice it would
//! count twice.

use crate::shop::priced::Priced;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::api::content::ItemView;
use domain::ids::DepartmentId;
use domain::money::Money;
use serde_json::{Value, json};

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Click {
    /// A page is shown.
    Page {
        /// Its name.
        name: &'static str,
        /// Its path.
        path: String,
    },
    /// She says who she is.
    Identify,
    /// A search.
    Searched(String),
    /// A list of a department.
    ListViewed(DepartmentId),
    /// A tile was touched.
    Clicked(Box<ItemView>),
    /// An item's page is shown.
    Viewed(Box<ItemView>),
    /// One piece more.
    Added(Box<ItemView>),
    /// One piece less.
    Removed(Box<ItemView>),
    /// The cart is shown.
    CartViewed(Vec<Priced>),
    /// She begins to order.
    CheckoutStarted(Vec<Priced>),
}

/// Who tells it, and when.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    /// Unique: a second arrival is dropped.
    pub(crate) message_id: String,
    /// This browser.
    pub(crate) anonymous: String,
    /// Who she said she is.
    pub(crate) user: Option<String>,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    /// Which store's shop this is.
    pub(crate) store: String,
}

impl Click {
    /// Where the call is sent.
    pub(crate) const fn path(&self) -> &'static str {
        match self {
            Self::Page { .. } => "/v1/p",
            Self::Identify => "/v1/i",
            _ => "/v1/t",
        }
    }

    /// The call. `sentAt` is set when it is sent: a clock that is wrong is wrong in both.
    pub(crate) fn call(&self, envelope: &Envelope) -> Value {
        let mut call = json!({
            "messageId": envelope.message_id,
            "anonymousId": envelope.anonymous,
            "timestamp": envelope.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "context": {
                "library": {"name": "aisle-shop", "version": env!("CARGO_PKG_VERSION")},
                "store": {"id": envelope.store},
            },
        });
        if let Some(user) = &envelope.user {
            set(&mut call, "userId", json!(user));
        }
        match self {
            Self::Page { name, path } => {
                set(&mut call, "type", json!("page"));
                set(&mut call, "name", json!(name));
                set(&mut call, "properties", json!({"path": path}));
            }
            Self::Identify => {
                set(&mut call, "type", json!("identify"));
                set(&mut call, "traits", traits(envelope.user.as_deref()));
            }
            _ => {
                let (event, properties) = self.track();
                set(&mut call, "type", json!("track"));
                set(&mut call, "event", json!(event));
                set(&mut call, "properties", properties);
            }
        }
        call
    }

    fn track(&self) -> (&'static str, Value) {
        match self {
            Self::Page { .. } | Self::Identify => ("", Value::Null),
            Self::Searched(query) => ("Products Searched", json!({"query": query})),
            Self::ListViewed(department) => (
                "Product List Viewed",
                json!({"list_id": department.as_str(), "category": department.as_str()}),
            ),
            Self::Clicked(view) => ("Product Clicked", product(view, 1)),
            Self::Viewed(view) => ("Product Viewed", product(view, 1)),
            Self::Added(view) => ("Product Added", product(view, 1)),
            Self::Removed(view) => ("Product Removed", product(view, 1)),
            Self::CartViewed(lines) => ("Cart Viewed", json!({"products": products(lines)})),
            Self::CheckoutStarted(lines) => {
                ("Checkout Started", json!({"products": products(lines)}))
            }
        }
    }
}

/// Sets when a call is sent.
pub(crate) fn sent_at(call: &mut Value, now: DateTime<Utc>) {
    let now = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    set(call, "sentAt", json!(now));
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn traits(user: Option<&str>) -> Value {
    match user.and_then(domain::contact::fold_email) {
        Some(email) => json!({"email": email}),
        None => json!({}),
    }
}

fn products(lines: &[Priced]) -> Vec<Value> {
    lines
        .iter()
        .map(|line| product(&line.view, line.pieces))
        .collect()
}

fn product(view: &ItemView, pieces: u32) -> Value {
    let item = &view.item;
    let mut product = json!({
        "product_id": item.sku.as_str(),
        "sku": item.sku.as_str(),
        "name": item.title,
        "brand": item.brand,
        "category": item.department.as_str(),
        "variant": crate::model::titles::variant(view),
        "quantity": pieces,
    });
    if let Some(price) = &view.price {
        set(&mut product, "price", decimal(price.amount));
        set(
            &mut product,
            "currency",
            json!(price.amount.currency.code()),
        );
    }
    product
}

/// Prices are decimals on this wire; read from text, so that none is rounded on the way.
fn decimal(money: Money) -> Value {
    serde_json::from_str(&money.to_decimal()).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::segment::{CallKind, Reception, decode};

    fn envelope() -> Envelope {
        Envelope {
            message_id: "m-1".into(),
            anonymous: "a-1".into(),
            user: Some("ana@example.com".into()),
            at: "2026-05-17T10:00:00Z".parse().unwrap(),
            store: "1".into(),
        }
    }

    fn view() -> Box<ItemView> {
        serde_json::from_value(serde_json::json!({
            "item": {"sku": "b-39", "title": "Boots", "department": "outdoor", "colour": "navy", "size": "39"},
            "price": {"sku": "b-39", "amount": {"minor": 12_990, "currency": "EUR"}, "valid_from": "2026-01-01T00:00:00Z"},
            "on_hand": 3}))
        .unwrap()
    }

    #[test]
    fn ingest_understands_every_call() {
        let at: DateTime<Utc> = "2026-05-17T10:00:01Z".parse().unwrap();
        let reception = Reception {
            received_at: at,
            sent_at: None,
            currency: "EUR".parse().unwrap(),
        };
        let line = || Priced {
            view: *view(),
            pieces: 2,
        };
        let clicks = [
            Click::Page {
                name: "Home",
                path: "/shop/".into(),
            },
            Click::Identify,
            Click::Searched("boots".into()),
            Click::ListViewed(DepartmentId::parse("outdoor").unwrap()),
            Click::Clicked(view()),
            Click::Viewed(view()),
            Click::Added(view()),
            Click::Removed(view()),
            Click::CartViewed(vec![line()]),
            Click::CheckoutStarted(vec![line()]),
        ];
        for click in clicks {
            let kind = match click.path() {
                "/v1/p" => CallKind::Page,
                "/v1/i" => CallKind::Identify,
                _ => CallKind::Track,
            };
            let mut call = click.call(&envelope());
            sent_at(&mut call, at);
            let event = decode(Some(kind), &call, reception).unwrap();
            assert!(
                !matches!(event.action, domain::event::Action::Other { .. }),
                "{click:?}"
            );
            assert_eq!(
                event.store.map(|store| store.to_string()).as_deref(),
                Some("1")
            );
            assert_eq!(event.at, at - chrono::TimeDelta::seconds(1), "{click:?}");
        }
    }

    #[test]
    fn a_price_is_a_decimal_to_the_cent() {
        let call = Click::Added(view()).call(&envelope());
        let properties = call.get("properties").unwrap();
        assert_eq!(properties.get("price").unwrap().to_string(), "129.9");
        assert_eq!(properties.get("currency").unwrap(), "EUR");
        assert_eq!(call.get("event").unwrap(), "Product Added");
    }

    #[test]
    fn an_address_is_told_as_a_trait() {
        let call = Click::Identify.call(&envelope());
        assert_eq!(call.pointer("/traits/email").unwrap(), "ana@example.com");
        assert_eq!(call.get("userId").unwrap(), "ana@example.com");
    }
}
