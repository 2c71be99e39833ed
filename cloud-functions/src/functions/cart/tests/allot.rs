use super::*;
use domain::api::cart::AllotAnswer;

async fn allot(counter: &Counter, by: &Device, boots: u64, mugs: u64) -> Vec<(String, u64)> {
    let body = json!({"skus": {"boots": boots, "mug": mugs}});
    let answer: AllotAnswer = counter.ok(by, "/v1/carts/allotments", body).await;
    let each = answer.allotments.into_iter();
    each.map(|a| (a.sku.to_string(), a.pieces)).collect()
}

fn has(boots: u64) -> Vec<(String, u64)> {
    // Nobody counted mugs: they are not allotted.
    vec![("boots".to_owned(), boots), ("mug".to_owned(), 0)]
}

#[tokio::test]
async fn what_one_tablet_is_allotted_no_other_sells() {
    let counter = counter().await;
    let (one, two) = (&counter.one, &counter.two);
    assert_eq!(allot(&counter, one, 4, 2).await, has(4));
    assert_eq!(counter.pieces("boots").await, 1);
    assert_eq!(allot(&counter, two, 4, 0).await, has(1), "what is left");
    assert_eq!(counter.pieces("boots").await, 0);
    assert_eq!(allot(&counter, one, 4, 0).await, has(4), "a repeat");
    let view = counter.filled("k").await;
    let answer = counter.checkout(one, &view).await;
    assert!(matches!(answer, CheckoutAnswer::OutOfStock { .. }));
    assert_eq!(allot(&counter, one, 0, 0).await, has(0), "given back");
    assert_eq!(counter.pieces("boots").await, 4);
}

#[tokio::test]
async fn a_kiosk_is_allotted_nothing_and_there_is_a_bound() {
    let counter = counter().await;
    let path = "/v1/carts/allotments";
    let body = json!({"skus": {"boots": 1}});
    let refused = counter.problem(&counter.kiosk, path, body).await;
    assert_eq!(refused, (403, "forbidden".to_owned()));
    let many: serde_json::Map<String, Value> =
        (0..36).map(|n| (format!("s-{n}"), json!(1))).collect();
    let refused = counter.problem(&counter.one, path, json!({"skus": many}));
    assert_eq!(refused.await.0, 400);
}
