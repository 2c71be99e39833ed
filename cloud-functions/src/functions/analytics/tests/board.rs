use super::*;

#[tokio::test]
async fn a_manager_sees_her_own_store_only() {
    let desk = Desk::open().await;
    for (token, query, status) in [
        ("manager", "", 200),
        ("manager", "?store=17", 200),
        ("manager", "?store=18", 403),
        ("homeless", "", 403),
        ("homeless", "?store=17", 403),
        ("associate", "", 403),
        ("nobody", "", 401),
        ("operator", "?store=18", 200),
        ("operator", "", 400),
        ("operator", "?store=99", 404),
        ("operator", "?store=a%23b", 400),
    ] {
        assert_eq!(desk.get(token, query).await.0, status, "{token} {query}");
    }
}

#[tokio::test]
async fn a_board_without_events_shows_zeros() {
    let desk = Desk::open().await;
    let board = desk.board().await;
    assert_eq!(board.views.minutes, [0; 60]);
    assert_eq!(board.sales, Money::zero(Currency::EUR));
    assert_eq!(board.newest_event_at, None);
}

#[tokio::test]
async fn items_looked_at_most_come_first_by_their_names() {
    let desk = Desk::open().await;
    desk.put(
        entity_key(kind::ITEM, "tent"),
        &json!({"sku": "tent", "title": "Tent for two"}),
    )
    .await;
    let mut events = vec![
        desk.ago(1, 0, "a", viewed("lamp")),
        desk.ago(2, 3_000, "a", viewed("tent")),
        desk.ago(3, 0, "b", viewed("tent")),
    ];
    events.extend((4..14).map(|n| desk.ago(n, 0, "a", viewed(&format!("x-{n:02}")))));
    desk.consumer.consume(&events).await.unwrap();
    let top = desk.board().await.top_items;
    assert_eq!(top.len(), 10);
    assert_eq!((top[0].title.as_str(), top[0].views), ("Tent for two", 2));
    assert_eq!(
        top[1].title, "lamp",
        "ties by SKU, and by the SKU where no name is known"
    );
}
