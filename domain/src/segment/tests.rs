#![allow(
    clippy::needless_pass_by_value,
    reason = "a json! literal reads best where it is made"
)]

use super::*;
use crate::event::Action;
use crate::ids::{AnonymousId, CustomerId, MessageId, Sku};
use crate::money::Money;
use proptest::prelude::*;
use serde_json::{Value, json};

fn reception() -> Reception {
    Reception {
        received_at: "2026-05-01T12:00:00Z".parse().unwrap(),
        sent_at: None,
        currency: Currency::EUR,
    }
}

/// A `track` call with its envelope.
fn track(event: &str, properties: Value) -> Value {
    json!({"type": "track", "messageId": "m-1", "anonymousId": "a-1", "event": event, "properties": properties})
}

fn action(event: &str, properties: Value) -> Action {
    decode(None, &track(event, properties), reception())
        .unwrap()
        .action
}

fn refusal(call: &Value) -> (String, String) {
    let rejection = decode(None, call, reception()).unwrap_err();
    (rejection.field, rejection.reason)
}

fn refused_field(event: &str, properties: Value) -> String {
    refusal(&track(event, properties)).0
}

fn price(value: Value) -> Option<Money> {
    match action("Product Viewed", json!({"sku": "s", "price": value})) {
        Action::ProductViewed(product) => product.price,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_becomes_an_event() {
    let call = json!({
        "messageId": "m-1", "type": "track", "userId": 97_980, "anonymousId": "a-1", "event": "product VIEWED",
        "context": {"store": {"id": "17"}},
        "properties": {"product_id": "507f1f", "sku": "45790-32", "category": "Ski & Snow > Boots", "price": "18.99",
            "quantity": "2", "currency": "usd"},
    });
    let event = decode(None, &call, reception()).unwrap();
    assert_eq!(event.message_id, MessageId::parse("m-1").unwrap());
    assert_eq!(
        event.who.customer,
        Some(CustomerId::parse("97980").unwrap())
    );
    assert_eq!(
        event.who.anonymous,
        Some(AnonymousId::parse("a-1").unwrap())
    );
    assert_eq!(event.store.unwrap().as_str(), "17");
    let Action::ProductViewed(product) = event.action else {
        panic!("{:?}", event.action)
    };
    assert_eq!(product.sku, Sku::parse("45790-32").unwrap());
    assert_eq!(product.department.unwrap().as_str(), "ski-snow");
    assert_eq!(product.quantity, 2);
    assert_eq!(product.price, Some(Money::new(1_899, Currency::USD)));
}

#[test]
fn events_are_known_by_their_v2_names_only() {
    for (name, kind) in [
        ("Products Searched", "products.searched.v1"),
        ("Product List Filtered", "product_list.viewed.v1"),
        ("product clicked", "product.clicked.v1"),
        ("PRODUCT ADDED", "product.added.v1"),
        ("Product Removed", "product.removed.v1"),
        ("Product Added to Wishlist", "product.wished.v1"),
        ("Cart Viewed", "cart.viewed.v1"),
        ("Checkout Started", "checkout.started.v1"),
        ("Order Refunded", "order.refunded.v1"),
        ("Promotion Clicked", "promotion.seen.v1"),
        ("Viewed Product", "event.other.v1"),
    ] {
        let properties =
            json!({"sku": "s", "query": "boots", "order_id": "o-1", "promotion_id": "p-1"});
        assert_eq!(action(name, properties).event_type(), kind, "{name}");
    }
}

#[test]
fn a_price_is_read_by_its_digits() {
    let cents = |minor| Some(Money::new(minor, Currency::EUR));
    assert_eq!(price(json!(12.9)), cents(1_290));
    assert_eq!(price(json!(12)), cents(1_200));
    assert_eq!(price(json!("12.90")), cents(1_290));
    assert_eq!(price(json!(0.1 + 0.2)), cents(30), "a browser's sum");
    assert_eq!(price(json!(9.99 * 3.0)), cents(2_997), "29.970000000000002");
    assert_eq!(
        price(json!(0.57 * 100.0)),
        cents(5_700),
        "56.99999999999999"
    );
    assert_eq!(price(json!(null)), None);
    assert_eq!(price(json!("")), None);
    for bad in [
        json!(12.905),
        json!("12,90"),
        json!(-1),
        json!(1e30),
        json!(1e-9),
        json!(u64::MAX),
        json!([1]),
        json!(true),
        json!("NaN"),
    ] {
        let field = refused_field("Product Viewed", json!({"sku": "s", "price": bad}));
        assert_eq!(field, "/properties/price", "{bad}");
    }
}

#[test]
fn a_refusal_names_the_field() {
    assert_eq!(refusal(&json!([])).0, "");
    assert_eq!(refusal(&json!({"messageId": "m"})).0, "/type");
    assert_eq!(refusal(&json!({"type": "trick"})).0, "/type");
    assert_eq!(refusal(&json!({"type": "page"})).0, "/anonymousId");
    assert_eq!(
        refusal(&json!({"type": "page", "userId": "a#b"})).0,
        "/userId"
    );
    assert_eq!(
        refusal(&json!({"type": "alias", "userId": "u"})).0,
        "/previousId"
    );
    assert_eq!(
        refusal(&json!({"type": "track", "userId": "u"})).0,
        "/event"
    );
    assert_eq!(
        refused_field("Product Viewed", json!({})),
        "/properties/product_id"
    );
    assert_eq!(refused_field("Product Viewed", json!("x")), "/properties");
    assert_eq!(
        refused_field("Product Added", json!({"sku": "s", "quantity": 0})),
        "/properties/quantity"
    );
    assert_eq!(
        refused_field("Product Added", json!({"sku": "s", "quantity": 1.5})),
        "/properties/quantity"
    );
    assert_eq!(
        refused_field("Product Added", json!({"sku": "s", "currency": "EUX"})),
        "/properties/currency"
    );
    assert_eq!(
        refused_field("Products Searched", json!({"query": " "})),
        "/properties/query"
    );
    let third = json!({"order_id": "o", "products": [{"sku": "a"}, {"sku": "b"}, {"sku": "c", "price": "x"}]});
    assert_eq!(
        refused_field("Order Completed", third),
        "/properties/products/2/price"
    );
    let many: Vec<_> = (0..201).map(|n| json!({"sku": n})).collect();
    let too_many = json!({"order_id": "o", "products": many});
    assert_eq!(
        refused_field("Order Completed", too_many),
        "/properties/products"
    );
}

#[test]
fn a_refused_call_keeps_its_id() {
    let call = json!({"type": "track", "messageId": "m-9", "userId": "u"});
    let rejection = decode(None, &call, reception()).unwrap_err();
    assert_eq!(rejection.message_id.as_deref(), Some("m-9"));
}

#[test]
fn an_order_says_what_was_paid() {
    let order = |properties| match action("Order Completed", properties) {
        Action::OrderCompleted {
            total, products, ..
        } => (total.map(|t| t.minor), products.len()),
        other => panic!("{other:?}"),
    };
    let both =
        json!({"order_id": 50_314, "total": 27.50, "revenue": 25, "products": [{"product_id": 1}]});
    assert_eq!(order(both), (Some(2_750), 1));
    assert_eq!(
        order(json!({"order_id": "o", "revenue": "25.00"})),
        (Some(2_500), 0)
    );
    assert_eq!(order(json!({"order_id": "o"})), (None, 0));
}

#[test]
fn a_known_identify_and_an_alias_identify() {
    let identify = json!({"userId": "u-1", "anonymousId": "a-1", "messageId": "m"});
    let event = decode(Some(CallKind::Identify), &identify, reception()).unwrap();
    assert_eq!(event.action, Action::Identified);
    let alias = json!({"userId": "u-1", "previousId": "a-1", "messageId": "m"});
    let event = decode(Some(CallKind::Alias), &alias, reception()).unwrap();
    assert_eq!(event.action, Action::Identified);
    assert_eq!(event.who.anonymous.unwrap().as_str(), "a-1");
    let traits_only = json!({"userId": "", "anonymousId": "a-1", "messageId": "m"});
    let event = decode(Some(CallKind::Identify), &traits_only, reception()).unwrap();
    assert!(matches!(event.action, Action::Other { .. }));
}

#[test]
fn the_senders_clock_is_corrected() {
    let at = |timestamp: Value, sent_at: Value| {
        let mut call = track("Cart Viewed", json!({}));
        call["timestamp"] = timestamp;
        call["sentAt"] = sent_at;
        decode(None, &call, reception()).unwrap().at.to_rfc3339()
    };
    let slow = at(
        json!("2019-01-01T00:00:00Z"),
        json!("2019-01-01T00:00:30.000Z"),
    );
    assert_eq!(
        slow, "2026-05-01T11:59:30+00:00",
        "half a minute before it was sent"
    );
    let fast = at(
        json!("2031-01-01T00:00:00+02:00"),
        json!("2030-12-31T22:01:00Z"),
    );
    assert_eq!(fast, "2026-05-01T11:59:00+00:00");
    let no_sent_at = at(json!("2026-05-01 10:00:00+0200"), Value::Null);
    assert_eq!(no_sent_at, "2026-05-01T08:00:00+00:00");
    let received = "2026-05-01T12:00:00+00:00";
    assert_eq!(at(json!("2027-01-01"), Value::Null), received, "the future");
    assert_eq!(
        at(json!("1999-01-01T00:00:00"), Value::Null),
        received,
        "absurd"
    );
    assert_eq!(
        at(json!("2026-05-01T12:00:09Z"), json!("2026-05-01T12:00:00Z")),
        received,
        "happened after it was sent"
    );
    assert_eq!(
        at(json!(1_777_630_000_000_i64), Value::Null),
        "2026-05-01T10:06:40+00:00"
    );
}

#[test]
fn the_batchs_sent_at_counts_where_a_call_has_none() {
    let mut call = track("Cart Viewed", json!({}));
    call["timestamp"] = json!("2026-05-01T09:00:00Z");
    let batch = reception().with_sent_at(Some(&json!("2026-05-01T09:00:10Z")));
    let event = decode(None, &call, batch).unwrap();
    assert_eq!(event.at.to_rfc3339(), "2026-05-01T11:59:50+00:00");
}

#[test]
fn an_unreadable_timestamp_is_refused() {
    let mut call = track("Cart Viewed", json!({}));
    call["timestamp"] = json!("yesterday");
    assert_eq!(refusal(&call).0, "/timestamp");
}

#[test]
fn a_call_without_an_id_gets_one_from_its_content() {
    let id = |call: &Value, reception| {
        let event = decode(Some(CallKind::Track), call, reception).unwrap();
        event.message_id
    };
    let mut call =
        json!({"anonymousId": "a-1", "event": "Cart Viewed", "timestamp": "2026-05-01T11:00:00Z"});
    let first = id(&call, reception());
    let later = Reception {
        received_at: "2026-05-02T12:00:00Z".parse().unwrap(),
        ..reception()
    };
    call["sentAt"] = json!("2026-05-01T11:00:05Z");
    assert_eq!(id(&call, later), first, "sent again");
    call["anonymousId"] = json!("a-2");
    assert_ne!(id(&call, later), first, "somebody else");
    call["timestamp"] = Value::Null;
    assert_ne!(
        id(&call, reception()),
        id(&call, later),
        "another day's click"
    );
}

#[test]
fn a_long_query_is_cut_and_a_category_is_a_slug() {
    let long = "é".repeat(500);
    assert_eq!(
        action("Products Searched", json!({"query": long})),
        Action::ProductsSearched {
            query: "é".repeat(200)
        }
    );
    assert_eq!(department_of("Möbel > Stühle").unwrap().as_str(), "mobel");
    assert_eq!(department_of(" > x"), None);
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z_]{0,12}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const ENVELOPE: [&str; 12] = [
    "type",
    "event",
    "messageId",
    "anonymousId",
    "userId",
    "previousId",
    "timestamp",
    "sentAt",
    "context",
    "name",
    "originalTimestamp",
    "groupId",
];
const PROPERTIES: [&str; 12] = [
    "sku",
    "product_id",
    "price",
    "quantity",
    "currency",
    "products",
    "order_id",
    "total",
    "category",
    "query",
    "store",
    "promotion_id",
];

/// What an eager tester would send: known fields, good and bad values.
fn almost_a_call() -> impl Strategy<Value = Value> {
    let value = || {
        prop_oneof![
            any_json(),
            "[0-9]{1,12}(\\.[0-9]{0,20})?".prop_map(Value::from),
            Just(json!("2026-05-01T00:00:00Z")),
            Just(json!([{"sku": "a", "price": 1.5}])),
            Just(json!("EUR")),
        ]
    };
    let fields = |names: &'static [&'static str]| {
        prop::collection::btree_map(prop::sample::select(names), value(), 0..12)
    };
    let types = prop::sample::select(vec![
        "track", "page", "screen", "identify", "group", "alias",
    ]);
    let events = prop::sample::select(vec![
        "Product Viewed",
        "Product Added",
        "Order Completed",
        "Products Searched",
        "Coupon Applied",
    ]);
    (
        fields(&ENVELOPE),
        fields(&PROPERTIES),
        types,
        events,
        any::<bool>(),
    )
        .prop_map(|(envelope, properties, kind, event, known)| {
            let mut call: serde_json::Map<_, _> = envelope
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect();
            if known {
                call.insert("type".into(), json!(kind));
                call.insert("event".into(), json!(event));
                call.insert("anonymousId".into(), json!("a-1"));
            }
            call.insert("properties".into(), json!(properties));
            Value::Object(call)
        })
}

proptest! {
    #[test]
    fn nothing_panics_and_the_same_call_is_the_same_event(call in prop_oneof![any_json(), almost_a_call()]) {
        for kind in [None, Some(CallKind::Track), Some(CallKind::Alias)] {
            let once = decode(kind, &call, reception());
            prop_assert_eq!(&once, &decode(kind, &call, reception()));
            match once {
                Ok(event) => {
                    prop_assert!(event.at <= event.received_at);
                    let text = serde_json::to_string(&event).unwrap();
                    prop_assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
                }
                Err(rejection) => prop_assert!(!rejection.reason.is_empty()),
            }
        }
    }

    #[test]
    fn a_decimal_price_is_kept_to_the_cent(minor in 0_i64..100_000_000) {
        let text = Money::new(minor, Currency::EUR).to_decimal();
        let number: serde_json::Number = text.parse().unwrap();
        prop_assert_eq!(price(json!(text)).unwrap().minor, minor);
        prop_assert_eq!(price(json!(number)).unwrap().minor, minor);
    }
}
