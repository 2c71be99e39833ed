use super::*;
use proptest::prelude::*;

#[tokio::test]
async fn every_path_takes_its_kind() {
    let desk = Desk::open().await;
    let call = |n: usize| {
        json!({"messageId": format!("m-{n}"), "anonymousId": "a-1", "userId": "c-1", "previousId": "a-0",
            "event": "Cart Viewed", "name": "Home"})
        .to_string()
    };
    let paths = [
        "track", "page", "screen", "identify", "group", "alias", "t", "p", "s", "i", "g", "a",
    ];
    for (n, path) in paths.iter().enumerate() {
        let answer = desk.post(&format!("/v1/{path}"), call(n)).await;
        assert_eq!(answer, (200, json!({"success": true})), "{path}");
    }
    let kinds: Vec<_> = desk
        .stored()
        .await
        .iter()
        .map(|event| event.action.event_type())
        .collect();
    assert_eq!(kinds[..6], kinds[6..]);
    assert_eq!(kinds[0], "cart.viewed.v1");
    assert_eq!(kinds[3], "customer.identified.v1");
}

#[tokio::test]
async fn a_bad_call_is_kept_and_the_rest_goes_on() {
    let desk = Desk::open().await;
    let mut bad = view("m-2", "s");
    bad["properties"]["price"] = json!("a lot");
    let lone = r#"{"type":"track","messageId":"m-4","anonymousId":"a","event":"\ud800"}"#;
    let body = format!(
        r#"{{"batch":[{},{bad},17,{lone},{}]}}"#,
        view("m-1", "s"),
        view("m-5", "s")
    );
    assert_eq!(desk.post("/v1/batch", body).await.0, 200);
    assert_eq!(desk.stored().await.len(), 2);
    let kept = desk.rejections().await;
    let fields: Vec<_> = kept
        .iter()
        .map(|kept| kept["rejection"]["field"].clone())
        .collect();
    assert_eq!(fields, [json!("/properties/price"), json!(""), json!("")]);
    assert_eq!(kept[0]["index"], json!(1));
    assert_eq!(kept[0]["source"], json!("web"));
    assert_eq!(kept[0]["rejection"]["message_id"], json!("m-2"));
    assert_eq!(kept[0]["call"].as_str().unwrap(), bad.to_string());
    assert_eq!(kept[2]["call"].as_str().unwrap(), lone);
}

#[tokio::test]
async fn a_bad_single_call_is_kept_and_answered_as_segment_does() {
    let desk = Desk::open().await;
    let answer = desk.post("/v1/track", r#"{"event":"Cart Viewed"}"#).await;
    assert_eq!(answer, (200, json!({"success": true})));
    assert_eq!(
        desk.rejections().await[0]["rejection"]["field"],
        json!("/anonymousId")
    );
}

#[tokio::test]
async fn a_message_is_stored_once() {
    let desk = Desk::open().await;
    let twice = [view("m-1", "s"), view("m-1", "s"), view("m-2", "s")];
    desk.post_batch(&twice).await;
    desk.post_batch(&twice).await;
    assert_eq!(
        desk.post("/v1/t", view("m-2", "s").to_string()).await.0,
        200
    );
    assert_eq!(desk.stored().await.len(), 2);
    let without_id = r#"{"anonymousId":"a-1","event":"Cart Viewed"}"#;
    desk.post("/v1/t", without_id).await;
    desk.post("/v1/t", without_id).await;
    assert_eq!(desk.stored().await.len(), 3, "an id from the content");
}

#[tokio::test]
async fn rejections_are_listed_in_pages() {
    let desk = Desk::open().await;
    let bad: Vec<_> = (0..95)
        .map(|n| json!({"messageId": format!("m-{n}")}))
        .collect();
    desk.post_batch(&bad).await;
    let (_, first) = desk
        .list("/v1/ingest/rejections?day=2026-06-01&limit=60")
        .await;
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/ingest/rejections?day=2026-06-01&limit=60&after={next}");
    let (_, second) = desk.list(&path).await;
    assert_eq!(second.get("next"), None);
    let ids: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|page| page["rejections"].as_array().unwrap())
        .map(|kept| kept["rejection"]["message_id"].as_str().unwrap().to_owned())
        .collect();
    let sent: Vec<_> = (0..95).map(|n| format!("m-{n}")).collect();
    assert_eq!(ids, sent);
    let (_, other_day) = desk.list("/v1/ingest/rejections?day=2026-05-31").await;
    assert_eq!(other_day["rejections"], json!([]));
    let (status, problem) = desk.list("/v1/ingest/rejections?day=never").await;
    assert_eq!(
        (status, &problem["type"]),
        (400, &json!("/problems/invalid-request"))
    );
}

#[tokio::test]
async fn only_an_operator_lists_rejections() {
    let desk = Desk::open().await;
    for authorization in ["Bearer nobody", &basic("wk-1")] {
        let request = Request::get("/v1/ingest/rejections").header("authorization", authorization);
        assert_eq!(desk.send(request.body(Body::empty()).unwrap()).await.0, 401);
    }
}

/// One call of each fate, by its number: good, sent before, no id, bad.
fn call(fate: u8, n: usize) -> Value {
    match fate {
        0 => view(&format!("m-{n}"), "s"),
        1 => view("m-again", "s"),
        2 => {
            json!({"type": "page", "anonymousId": format!("a-{n}"), "timestamp": "2026-06-01T11:00:00Z"})
        }
        3 => json!({"type": "track", "messageId": format!("m-{n}"), "anonymousId": "a"}),
        4 => {
            json!({"type": "track", "messageId": "m#1", "anonymousId": "a", "event": "Cart Viewed"})
        }
        _ => json!(n),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn sent_is_stored_and_duplicates_and_rejected(posts in prop::collection::vec(prop::collection::vec(0_u8..6, 0..60), 1..4)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::open().await;
            let (mut sent, mut sum) = (0, super::super::Outcome::default());
            let catalogue = super::super::Catalogue::default();
            let source = super::super::Source { source: "web".into(), currency: "EUR".parse().unwrap(), store: None };
            for fates in &posts {
                let calls: Vec<_> = fates.iter().map(|fate| { sent += 1; call(*fate, sent) }).collect();
                let body = json!({"batch": calls}).to_string();
                let posted = super::super::Posted { kind: None, body: body.as_bytes(), opted_out: false, traceparent: None };
                let outcome = super::super::ingest_batch(&desk.bench.services, &catalogue, &source, posted).await.unwrap();
                sum.stored += outcome.stored;
                sum.duplicates += outcome.duplicates;
                sum.rejected += outcome.rejected;
            }
            assert_eq!(sent, sum.stored + sum.duplicates + sum.rejected);
            assert_eq!(desk.stored().await.len(), sum.stored);
            assert_eq!(desk.rejections().await.len(), sum.rejected.min(200));
        });
    }
}
