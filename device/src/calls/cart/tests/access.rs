//! Who may make which call about carts, and what comes of nonsense.

use crate::testing::Bench;
use domain::api::device::RefusalCode;
use domain::api::identity::DeviceKind;
use serde_json::{Value, json};

/// Every call about carts, with arguments that make sense, and whether a kiosk's guest makes it.
fn calls() -> Vec<(&'static str, Value, bool)> {
    let total = json!({"minor": 1, "currency": "EUR"});
    let of = |more: Value| {
        let mut args = json!({"cart": "k-9"});
        args.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        args
    };
    vec![
        ("list_carts", json!({}), true),
        ("begin_cart", json!({}), true),
        ("read_cart", of(json!({})), true),
        (
            "change_cart",
            of(json!({"change": {"change": "add", "sku": "boots", "quantity": 1}})),
            true,
        ),
        ("assign_cart", of(json!({"customer": "c-1"})), false),
        ("merge_carts", of(json!({"source": "k-8"})), false),
        ("undo_merge", of(json!({"merge": "m-1"})), false),
        ("offer_cart", of(json!({})), true),
        ("claim_cart", json!({"proof": "ABCD-1234"}), true),
        (
            "begin_checkout",
            of(json!({"version": 1, "total": total})),
            true,
        ),
        (
            "confirm_prices",
            of(json!({"version": 1, "prices": []})),
            true,
        ),
        (
            "pay_cart",
            of(json!({"method": "terminal", "attempt": 1})),
            true,
        ),
        ("ask_payment", of(json!({})), true),
        ("give_up_checkout", of(json!({})), true),
        (
            "sell_here",
            of(json!({"version": 1, "total": total, "method": "cash"})),
            false,
        ),
        ("open_order", json!({"order": "o-9"}), true),
        ("return_goods", json!({"order": "o-9", "pieces": {}}), false),
    ]
}

async fn code(bench: &Bench, name: &str, args: Value) -> Option<RefusalCode> {
    let reply = bench.device.call(name, args).await;
    reply.err().map(|refusal| refusal.code)
}

#[tokio::test]
async fn nobody_signed_in_shops_at_a_tablet() {
    let tablet = Bench::stocked(DeviceKind::Tablet);
    for (name, args, _) in calls() {
        let code = code(&tablet, name, args).await;
        assert_eq!(code, Some(RefusalCode::NotSignedIn), "{name}");
    }
}

#[tokio::test]
async fn a_kiosk_neither_sells_by_itself_nor_knows_whose_a_cart_is() {
    let kiosk = Bench::stocked(DeviceKind::Kiosk);
    for (name, args, is_hers) in calls() {
        let code = code(&kiosk, name, args).await;
        assert_eq!(
            code == Some(RefusalCode::Forbidden),
            !is_hers,
            "{name}: {code:?}"
        );
    }
}

#[tokio::test]
async fn whoever_is_signed_in_is_told_what_is_missing() {
    let tablet = Bench::with_ana().await;
    for (name, args, _) in calls() {
        let expected = match name {
            "list_carts" | "begin_cart" => None,
            "read_cart" | "change_cart" | "sell_here" | "open_order" | "return_goods"
            // Without the network it is a capsule, and there is no such cart to put into one.
            | "offer_cart" | "merge_carts" => Some(RefusalCode::NotFound),
            _ => Some(RefusalCode::Offline),
        };
        assert_eq!(code(&tablet, name, args).await, expected, "{name}");
    }
}

#[tokio::test]
async fn nonsense_is_refused_with_the_field() {
    let tablet = Bench::with_ana().await;
    let refused = async |name: &str, args: Value| {
        let refusal = tablet.device.call(name, args).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Invalid, "{name}");
        refusal.message
    };
    assert!(refused("read_cart", json!({})).await.contains("cart"));
    let long = json!({"proof": "x".repeat(5_000)});
    assert!(refused("claim_cart", long).await.contains("proof"));
    let negative = json!({"cart": "k", "version": -1, "total": {"minor": 1, "currency": "EUR"}});
    assert!(
        refused("begin_checkout", negative)
            .await
            .contains("version")
    );
    let rob = json!({"order": "o-1", "pieces": {"l-1": -3}});
    assert!(refused("return_goods", rob).await.contains("pieces"));
}
