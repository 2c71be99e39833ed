//! A store's terms, read and set.

use super::*;
use domain::cart::Terms;

const PATH: &str = "/v1/stores/1/terms";

impl Counter {
    async fn terms(&self, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        self.served.send("GET", PATH, &headers, b"").await
    }

    async fn set(&self, token: &str, tag: Option<&str>, terms: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        let body = terms.to_string();
        self.served
            .send("PUT", PATH, &headers, body.as_bytes())
            .await
    }
}

fn terms(rate: u32) -> Value {
    json!({"tax": "exclusive", "rate": rate, "rates": {}, "promotions": []})
}

#[tokio::test]
async fn a_manager_sets_what_she_has_seen_and_carts_cost_that() {
    let counter = counter().await;
    let manager = counter.shop.manager("1").await;
    let before = counter.terms(&manager).await;
    let tag = before.headers["etag"].clone();
    assert_eq!(before.json::<Terms>().rate.0, 230_000);
    let set = counter.set(&manager, Some(&tag), &terms(100_000)).await;
    assert_eq!(set.status, 200);
    let after = counter.terms(&manager).await;
    assert_eq!(after.headers["etag"], set.headers["etag"]);
    assert_ne!(after.headers["etag"], tag);
    let view = counter.filled("k").await;
    assert_eq!(view.totals.unwrap().total.minor, 22_000);
    let late = counter.set(&manager, Some(&tag), &terms(0)).await;
    assert_eq!(
        (late.status, late.problem()),
        (412, "terms-moved".to_owned())
    );
    let any = counter.set(&manager, None, &terms(0)).await;
    assert_eq!(
        (any.status, any.problem()),
        (428, "if-match-missing".to_owned())
    );
    // The same again, as when the answer was lost.
    let tag = set.headers["etag"].as_str();
    let again = counter.set(&manager, Some(tag), &terms(100_000)).await;
    assert_eq!((again.status, again.headers["etag"].as_str()), (200, tag));
}

#[tokio::test]
async fn what_is_wrong_with_terms_is_said_with_its_place() {
    let counter = counter().await;
    let manager = counter.shop.manager("1").await;
    let tag = counter.terms(&manager).await.headers["etag"].clone();
    let answer = counter.set(&manager, Some(&tag), &terms(2_000_000)).await;
    assert_eq!(answer.status, 400);
    let problem: domain::problem::Problem = answer.json();
    assert_eq!(problem.errors[0].pointer, "/rate");
    let nonsense = counter
        .set(&manager, Some(&tag), &json!({"tax": "none"}))
        .await;
    assert_eq!(nonsense.status, 400);
}

#[tokio::test]
async fn only_who_may_sets_terms_and_only_of_her_store() {
    let counter = counter().await;
    let other = counter.shop.manager("2").await;
    for token in [&other, &counter.one.token] {
        assert_eq!(counter.terms(token).await.status, 403);
        assert_eq!(counter.set(token, Some("*"), &terms(0)).await.status, 403);
    }
    assert_eq!(counter.terms("nobody").await.status, 401);
}

#[tokio::test]
async fn a_phone_reads_the_terms_of_now_and_not_what_begins_later() {
    let counter = counter().await;
    let promotion = |id: &str, from: &str| {
        json!({"id": id, "title": id, "priority": 1, "target": {"type": "all"},
            "benefit": {"type": "percent_off", "rate": 100_000},
            "valid_from": from, "valid_until": "2036-06-02T00:00:00Z"})
    };
    let promotions = [
        promotion("now", "2026-01-01T00:00:00Z"),
        promotion("secret", "2036-06-01T00:00:00Z"),
    ];
    counter
        .put_terms(&json!({"tax": "inclusive", "rate": 230_000, "promotions": promotions}))
        .await;
    let routes = crate::functions::catalogue::routes(counter.shop.bench.services.clone());
    let shop = serve(routes).await;
    let path = "/v1/catalogue/terms?store=1";
    let terms: Terms = shop.send("GET", path, &[], b"").await.json();
    let titles: Vec<&str> = terms.promotions.iter().map(|p| p.title.as_str()).collect();
    assert_eq!((terms.rate.0, titles), (230_000, vec!["now"]));
}
