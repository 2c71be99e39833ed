use super::*;

#[tokio::test]
async fn a_burst_of_clicks_is_one_entry_and_wakes_who_waits() {
    let desk = Desk::open();
    desk.know("c-1", json!([])).await;
    let mut waiting = desk.services().poke.listen();
    let burst: Vec<_> = (1..=40)
        .map(|n| delivery(n, who("", "c-1"), viewed(&format!("s-{n}"))))
        .collect();
    desk.consume(&burst).await.unwrap();
    let feed = desk.feed().await;
    assert_eq!(feed.len(), 1);
    assert_eq!(
        (feed[0].kind.as_str(), feed[0].id.as_str()),
        ("profile", "c-1")
    );
    let told: Profile = serde_json::from_str(feed[0].body.as_ref().unwrap().get()).unwrap();
    assert_eq!(Some(told), desk.card("c-1").await, "entry and entity agree");
    assert_eq!(waiting.try_recv().unwrap().as_str(), "store/17/customers");
    desk.consume(&burst).await.unwrap();
    assert_eq!(desk.feed().await.len(), 1, "a repeat moves nothing");
}

#[tokio::test]
async fn who_refused_is_not_followed() {
    let desk = Desk::open();
    let refused =
        json!([{"purpose": "personalisation", "granted": false, "at": "2026-01-01T00:00:00Z"}]);
    desk.know("c-1", refused).await;
    let before = r#"{"views":[{"sku":"old","at":"2025-01-01T00:00:00Z"}]}"#;
    desk.put(entity_key(kind::PROFILE, "c-1"), before).await;
    desk.consume(&[
        delivery(1, who("a-1", ""), viewed("tent")),
        delivery(2, who("a-1", "c-1"), viewed("lamp")),
        delivery(3, who("a-1", ""), Action::ProductAdded(product("lamp"))),
        delivery(4, who("a-1", "c-1"), ordered("o-1", 2_500)),
    ])
    .await
    .unwrap();
    let card = desk.card("c-1").await.unwrap();
    assert_eq!(card.order_count(), 1);
    let bought_only = Profile {
        spending: card.spending.clone(),
        last_order_at: card.last_order_at,
        ..Profile::default()
    };
    assert_eq!(card, bought_only);
    assert_eq!(
        desk.anonymous("a-1").await.unwrap().profile,
        Profile::default()
    );
}

#[tokio::test]
async fn who_opted_out_in_her_browser_is_not_followed() {
    let desk = Desk::open();
    desk.know("c-1", json!([])).await;
    let opted_out = |sequence, who, action| {
        let event = Event {
            opted_out: true,
            ..event(sequence, who, action)
        };
        deliver(sequence, &event)
    };
    desk.consume(&[
        opted_out(1, who("a-1", ""), viewed("tent")),
        opted_out(2, who("a-1", "c-1"), viewed("lamp")),
    ])
    .await
    .unwrap();
    assert_eq!(desk.anonymous("a-1").await, None);
    assert_eq!(desk.card("c-1").await, None);
    desk.consume(&[opted_out(3, who("a-1", "c-1"), ordered("o-1", 100))])
        .await
        .unwrap();
    let card = desk.card("c-1").await.unwrap();
    assert_eq!((card.order_count(), card.last_seen_at), (1, None));
    assert!(card.views.is_empty());
}

#[tokio::test]
async fn events_of_other_functions_are_passed_over() {
    let desk = Desk::open();
    let mut other = delivery(1, who("a-1", ""), viewed("tent"));
    other.event.source = "/loyalty".into();
    other.event.data = serde_json::value::to_raw_value(&json!({"points": 5})).unwrap();
    desk.consume(&[other]).await.unwrap();
}
