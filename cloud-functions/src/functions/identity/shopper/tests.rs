//! Browsers over a wire.

use crate::engines::letters;
use crate::functions::identity::routes;
use crate::ports::ledger::{Condition, Key, Write};
use crate::testing::shop::Shop;
use crate::testing::wire::{Answer, Served, serve};
use chrono::TimeDelta;
use domain::access::Role;
use domain::api::shopper::{CodeSent, ShopperToken};
use serde_json::{Value, json};

const EMAIL: &str = "ana@example.org";

/// The shops, with a customer who has an e-mail address.
struct Phone {
    shop: Shop,
    served: Served,
}

async fn phone() -> Phone {
    let shop = Shop::open().await;
    let found = Write::put(
        Key::new(format!("L#email#{EMAIL}"), "V"),
        r#"{"id":"c-1"}"#,
        Condition::Any,
    );
    shop.bench.services.ledger.write(vec![found]).await.unwrap();
    let served = serve(routes(shop.bench.services.clone())).await;
    Phone { shop, served }
}

impl Phone {
    async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        let path = format!("/v1/shopper/{path}");
        self.served.post(&path, token, &body).await
    }

    async fn guest(&self) -> ShopperToken {
        let answer = self.post("guest", "", json!({"store": "1"})).await;
        assert_eq!(answer.status, 200);
        answer.json()
    }

    async fn refresh(&self, token: &ShopperToken) -> Answer {
        let body = json!({"refresh_token": token.refresh_token});
        self.post("refresh", "", body).await
    }

    async fn code(&self, token: &ShopperToken, contact: &str) -> Answer {
        let body = json!({"contact": contact});
        self.post("codes", &token.access_token, body).await
    }

    async fn sign_in(&self, token: &ShopperToken, challenge: &str, code: &str) -> Answer {
        let body = json!({"challenge": challenge, "code": code});
        self.post("sign-in", &token.access_token, body).await
    }

    /// The code in the last letter.
    async fn letter(&self) -> Option<String> {
        let ledger = &*self.shop.bench.services.ledger;
        let letters = letters::list(ledger).await.unwrap();
        letters.first().map(|letter| letter.text[..6].to_owned())
    }

    async fn is_good(&self, token: &ShopperToken) -> bool {
        let verifier = &self.shop.bench.services.verifier;
        verifier.verify(&token.access_token).await.is_ok()
    }
}

#[tokio::test]
async fn a_guest_is_let_in_and_refreshes_and_each_token_is_good_once() {
    let phone = phone().await;
    let first = phone.guest().await;
    assert_eq!((first.store.as_str(), &first.customer), ("1", &None));
    let verifier = &phone.shop.bench.services.verifier;
    let caller = verifier.verify(&first.access_token).await.unwrap();
    assert_eq!(caller.role, Role::Shopper);
    assert_eq!(caller.device, Some(first.device.clone()));
    let second: ShopperToken = phone.refresh(&first).await.json();
    assert_eq!(second.device, first.device);
    // Its answer was lost: for a moment the first is good again.
    let third: ShopperToken = phone.refresh(&first).await.json();
    assert_eq!(phone.refresh(&second).await.status, 401);
    phone.shop.bench.clock.advance(TimeDelta::minutes(2));
    assert_eq!(phone.refresh(&first).await.status, 401, "it was stolen");
    assert_eq!(phone.refresh(&third).await.status, 401, "and nobody is in");
    assert!(!phone.is_good(&third).await);
}

#[tokio::test]
async fn nonsense_is_no_token_and_no_store() {
    let phone = phone().await;
    for refresh in ["", "x", "nobody.x", "a#b.x"] {
        let answer = phone
            .post("refresh", "", json!({"refresh_token": refresh}))
            .await;
        assert_eq!(answer.status, 401, "{refresh}");
    }
    let answer = phone.post("guest", "", json!({"store": "99"})).await;
    assert_eq!(answer.status, 400);
    let answer = phone.post("guest", "", json!({})).await;
    let token: ShopperToken = answer.json();
    assert_eq!(token.store.as_str(), "1", "the first store");
}

#[tokio::test]
async fn a_code_makes_the_browser_hers_and_ends_the_guests_token() {
    let phone = phone().await;
    let guest = phone.guest().await;
    let sent: CodeSent = phone.code(&guest, "  ANA@example.org ").await.json();
    let code = phone.letter().await.unwrap();
    let hers: ShopperToken = phone.sign_in(&guest, &sent.challenge, &code).await.json();
    assert_eq!(hers.customer.as_ref().unwrap().as_str(), "c-1");
    assert_eq!(hers.device, guest.device);
    assert!(phone.is_good(&hers).await);
    assert!(!phone.is_good(&guest).await);
    let again = phone.sign_in(&hers, &sent.challenge, &code).await;
    assert_eq!(again.status, 400, "a code is good once");
    let next: ShopperToken = phone.refresh(&hers).await.json();
    assert_eq!(next.customer, hers.customer);
}

#[tokio::test]
async fn who_has_no_account_gets_the_same_answer_and_no_code_is_right() {
    let phone = phone().await;
    let guest = phone.guest().await;
    let answer = phone.code(&guest, "nobody@example.org").await;
    let sent: CodeSent = answer.json();
    assert_eq!((answer.status, sent.expires_in), (200, 600));
    assert_eq!(phone.letter().await, None);
    for code in ["000000", "", "123456"] {
        let answer = phone.sign_in(&guest, &sent.challenge, code).await;
        assert_eq!(answer.problem(), "code-refused");
    }
    let answer = phone.code(&guest, "not a contact").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn five_wrong_codes_end_it_and_so_does_time_and_another_browser() {
    let phone = phone().await;
    let (guest, other) = (phone.guest().await, phone.guest().await);
    let sent: CodeSent = phone.code(&guest, EMAIL).await.json();
    let code = phone.letter().await.unwrap();
    let answer = phone.sign_in(&other, &sent.challenge, &code).await;
    assert_eq!(answer.status, 400, "another browser's");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let answer = phone.sign_in(&guest, &sent.challenge, wrong).await;
        assert_eq!(answer.status, 400);
    }
    let answer = phone.sign_in(&guest, &sent.challenge, &code).await;
    assert_eq!(answer.status, 400, "too many tries");
    let sent: CodeSent = phone.code(&guest, EMAIL).await.json();
    let code = phone.letter().await.unwrap();
    phone.shop.bench.clock.advance(TimeDelta::seconds(600));
    let answer = phone.sign_in(&guest, &sent.challenge, &code).await;
    assert_eq!(answer.status, 400, "too late");
}

#[tokio::test]
async fn who_asks_for_many_codes_waits() {
    let phone = phone().await;
    let guest = phone.guest().await;
    for _ in 0..3 {
        assert_eq!(phone.code(&guest, EMAIL).await.status, 200);
    }
    let answer = phone.code(&guest, "other@example.org").await;
    assert_eq!(answer.status, 429, "the browser");
    let other = phone.guest().await;
    let answer = phone.code(&other, EMAIL).await;
    assert_eq!(answer.status, 429, "the contact");
    assert!(answer.headers.contains_key("retry-after"));
}
