use super::*;
use chrono::TimeDelta;
use domain::api::cart::ClaimAnswer;
use domain::cart::Shown;

fn claim(by: &Device, proof: &Value, nonce: &str) -> Value {
    json!({"proof": proof, "claimant": {"device": by.id(), "channel": by.channel(), "nonce": nonce}})
}

const CLAIM: &str = "/v1/carts/handoffs/claim";

#[tokio::test]
async fn i17_a_cart_walks_from_a_tablet_to_a_kiosk_and_the_code_is_spent() {
    let counter = counter().await;
    let view = counter.filled("k").await;
    let shown: Shown = counter
        .ok(&counter.one, "/v1/carts/k/handoff", json!({}))
        .await;
    let typed = json!({"by": "code", "code": shown.code.to_lowercase()});
    let body = claim(&counter.kiosk, &typed, "n");
    let claimed: ClaimAnswer = counter.ok(&counter.kiosk, CLAIM, body.clone()).await;
    assert_eq!(claimed.claim.fence, view.cart.lease.fence + 1);
    let again: ClaimAnswer = counter.ok(&counter.kiosk, CLAIM, body).await;
    assert_eq!(again.claim, claimed.claim, "a repeat is the same claim");
    let scanned = json!({"by": "secret", "secret": shown.secret});
    for (by, nonce) in [(&counter.two, "n"), (&counter.kiosk, "m")] {
        let other = counter.problem(by, CLAIM, claim(by, &scanned, nonce)).await;
        assert_eq!(other, (410, "code-over".to_owned()));
    }
    let refused = counter.checkout(&counter.one, &view).await;
    assert!(
        matches!(refused, CheckoutAnswer::Refused { .. }),
        "I16: {refused:?}"
    );
    counter.begun(&counter.kiosk, &claimed.view).await;
}

#[tokio::test]
async fn a_code_ends_after_two_minutes() {
    let counter = counter().await;
    counter.filled("k").await;
    let shown: Shown = counter
        .ok(&counter.one, "/v1/carts/k/handoff", json!({}))
        .await;
    counter.shop.bench.clock.advance(TimeDelta::seconds(120));
    let scanned = json!({"by": "secret", "secret": shown.secret});
    let late = counter
        .problem(&counter.two, CLAIM, claim(&counter.two, &scanned, "n"))
        .await;
    assert_eq!(late, (410, "code-over".to_owned()));
    let held = counter
        .problem(&counter.two, "/v1/carts/k/handoff", json!({}))
        .await;
    assert_eq!(
        held,
        (409, "cart-held".to_owned()),
        "only who holds it hands it over"
    );
}

#[tokio::test]
async fn who_guesses_waits_after_five_tries() {
    let counter = counter().await;
    counter.filled("k").await;
    let shown: Shown = counter
        .ok(&counter.one, "/v1/carts/k/handoff", json!({}))
        .await;
    for n in 0..5 {
        let wrong = json!({"by": "code", "code": format!("0000000{n}")});
        let refused = counter
            .problem(&counter.two, CLAIM, claim(&counter.two, &wrong, "n"))
            .await;
        assert_eq!(refused, (404, "code-unknown".to_owned()));
    }
    let right = json!({"by": "code", "code": shown.code});
    let refused = counter
        .problem(&counter.two, CLAIM, claim(&counter.two, &right, "n"))
        .await;
    assert_eq!(refused, (429, "too-many-tries".to_owned()));
    let body = claim(&counter.kiosk, &right, "n");
    let _: ClaimAnswer = counter.ok(&counter.kiosk, CLAIM, body).await;
}
