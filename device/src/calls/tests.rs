//! Who may make which call, and what comes of nonsense.

use crate::testing::Bench;
use domain::api::device::RefusalCode;
use domain::api::identity::DeviceKind;
use serde_json::{Value, json};

/// Every call with arguments that make sense.
fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("read_status", json!({})),
        ("sign_in", json!({"associate": "ana", "pin": "1357"})),
        ("sign_out", json!({})),
        ("search_customers", json!({"query": "zo", "limit": 5})),
        ("open_customer", json!({"customer": "c-1"})),
        ("add_note", json!({"customer": "c-1", "text": "Likes wool"})),
        ("search_items", json!({"query": "boots", "limit": 5})),
        ("open_item", json!({"sku": "boots"})),
        ("list_departments", json!({})),
        ("read_scan", json!({"text": "04006381333931"})),
        ("read_home", json!({})),
        (
            "identify_guest",
            json!({"identify": {"phone": "040 123456"}}),
        ),
        ("forget_guest", json!({})),
        ("read_board", json!({})),
        ("list_unsent", json!({})),
        (
            "change_note",
            json!({"id": "n-9", "customer": "c-1", "base": 1, "text": "x", "pinned": false}),
        ),
        (
            "remove_note",
            json!({"id": "n-9", "customer": "c-1", "base": 1}),
        ),
        ("mend_command", json!({"id": "q-9"})),
        ("set_aside", json!({"id": "q-9"})),
        (
            "set_pick",
            json!({"customer": "c-9", "sku": "boots", "verdict": "pinned"}),
        ),
        ("export_unsent", json!({})),
    ]
}

/// The calls that somebody has to be signed in for.
const FOR_ASSOCIATES: [&str; 11] = [
    "search_customers",
    "open_customer",
    "add_note",
    "change_note",
    "remove_note",
    "read_board",
    "list_unsent",
    "mend_command",
    "set_aside",
    "set_pick",
    "export_unsent",
];

/// The calls that are answered with each code.
async fn outcome(bench: &Bench) -> Vec<(&'static str, Option<RefusalCode>)> {
    let mut outcomes = Vec::new();
    for (name, args) in calls() {
        // Signing in or out would change who asks.
        if !name.starts_with("sign") {
            let reply = bench.device.call(name, args).await;
            outcomes.push((name, reply.err().map(|refusal| refusal.code)));
        }
    }
    outcomes
}

#[tokio::test]
async fn a_kiosk_never_answers_about_people() {
    let kiosk = Bench::stocked(DeviceKind::Kiosk);
    for (name, code) in outcome(&kiosk).await {
        let expected = match name {
            name if FOR_ASSOCIATES.contains(&name) => Some(RefusalCode::Forbidden),
            "identify_guest" => Some(RefusalCode::Offline),
            _ => None,
        };
        assert_eq!(code, expected, "{name}");
    }
    let refusal = kiosk.sign_in("ana", "1357").await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Forbidden);
}

#[tokio::test]
async fn nobody_signed_in_sees_nobody() {
    let tablet = Bench::stocked(DeviceKind::Tablet);
    for (name, code) in outcome(&tablet).await {
        let expected = match name {
            name if FOR_ASSOCIATES.contains(&name) => Some(RefusalCode::NotSignedIn),
            "identify_guest" | "forget_guest" => Some(RefusalCode::Forbidden),
            _ => None,
        };
        assert_eq!(code, expected, "{name}");
    }
}

#[tokio::test]
async fn an_associate_sees_customers_and_no_board() {
    let tablet = Bench::with_ana().await;
    for (name, code) in outcome(&tablet).await {
        let expected = match name {
            "read_board" | "identify_guest" | "forget_guest" => Some(RefusalCode::Forbidden),
            "change_note" | "remove_note" | "mend_command" | "set_aside" | "set_pick" => {
                Some(RefusalCode::NotFound)
            }
            _ => None,
        };
        assert_eq!(code, expected, "{name}");
    }
}

#[tokio::test]
async fn nonsense_is_refused_with_the_reason() {
    let tablet = Bench::with_ana().await;
    let refused = async |name: &str, args: Value| {
        let refusal = tablet.device.call(name, args).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Invalid, "{name}");
        refusal.message
    };
    assert!(refused("rob_bank", json!({})).await.contains("rob_bank"));
    assert!(refused("open_item", json!({})).await.contains("sku"));
    let long = json!({"query": "x".repeat(999), "limit": 5});
    assert!(refused("search_customers", long).await.contains("query"));
    let many = json!({"query": "x", "limit": 101});
    assert!(refused("search_items", many).await.contains("limit"));
    let empty = json!({"customer": "c-1", "text": " "});
    assert!(refused("add_note", empty).await.contains("text"));
}
