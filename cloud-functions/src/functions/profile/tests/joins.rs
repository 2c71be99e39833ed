use super::*;

#[tokio::test]
async fn an_anonymous_history_joins_the_customer_once() {
    let desk = Desk::open();
    desk.know("c-1", json!([])).await;
    let events = [
        delivery(1, who("a-1", ""), viewed("tent")),
        delivery(2, who("a-1", ""), Action::ProductAdded(product("tent"))),
        delivery(3, who("a-1", "c-1"), Action::Identified),
        delivery(4, who("a-1", ""), viewed("lamp")),
        delivery(5, who("a-2", "c-1"), ordered("o-1", 5_000)),
    ];
    desk.consume(&events[..2]).await.unwrap();
    assert_eq!(
        skus(&desk.anonymous("a-1").await.unwrap().profile),
        ["tent"]
    );
    for _ in 0..2 {
        desk.consume(&events).await.unwrap();
    }
    desk.consume(&events[2..]).await.unwrap();
    let card = desk.card("c-1").await.unwrap();
    assert_eq!(skus(&card), ["lamp", "tent"]);
    assert_eq!(card.cart.len(), 1);
    assert_eq!(
        card.cart[0].quantity, 1,
        "added once, however often it came"
    );
    assert_eq!(card.order_count(), 1);
    let joined = desk.anonymous("a-1").await.unwrap();
    assert_eq!(joined.joined, CustomerId::parse("c-1").ok());
    assert_eq!(
        joined.profile,
        Profile::default(),
        "her history lies in one place"
    );
}

#[tokio::test]
async fn the_next_customer_at_a_shared_computer_gets_nothing_of_the_first() {
    let desk = Desk::open();
    desk.know("c-1", json!([])).await;
    desk.know("c-2", json!([])).await;
    let events = [
        delivery(1, who("a-1", ""), viewed("tent")),
        delivery(2, who("a-1", "c-1"), Action::Identified),
        delivery(3, who("a-1", ""), viewed("lamp")),
        delivery(4, who("a-1", "c-2"), Action::Identified),
        delivery(5, who("a-1", ""), viewed("boots")),
    ];
    desk.consume(&events).await.unwrap();
    desk.consume(&events).await.unwrap();
    assert_eq!(skus(&desk.card("c-1").await.unwrap()), ["lamp", "tent"]);
    assert_eq!(skus(&desk.card("c-2").await.unwrap()), ["boots"]);
    desk.consume(&events[1..3]).await.unwrap();
    desk.consume(&[delivery(6, who("a-1", ""), viewed("socks"))])
        .await
        .unwrap();
    assert_eq!(skus(&desk.card("c-2").await.unwrap()), ["socks", "boots"]);
}

#[tokio::test]
async fn a_hundred_browsers_of_one_customer_fit() {
    let desk = Desk::open();
    desk.know("c-1", json!([])).await;
    let events: Vec<_> = (1..=100_u64)
        .map(|n| {
            delivery(
                n,
                who(&format!("a-{n}"), "c-1"),
                Action::ProductAdded(product("tent")),
            )
        })
        .collect();
    desk.consume(&events).await.unwrap();
    assert_eq!(desk.card("c-1").await.unwrap().cart[0].quantity, 100);
    assert!(desk.anonymous("a-100").await.unwrap().joined.is_some());
}

#[tokio::test]
async fn customers_who_take_turns_at_one_computer_are_kept_apart() {
    let desk = Desk::open();
    let customers = ["c-0", "c-1", "c-2"];
    for id in customers {
        desk.know(id, json!([])).await;
    }
    let events: Vec<_> = (1..=60_u64)
        .map(|n| {
            let id = customers[usize::try_from(n % 3).unwrap()];
            delivery(n, who("a-1", id), Action::ProductAdded(product("tent")))
        })
        .collect();
    desk.consume(&events).await.unwrap();
    for id in customers {
        assert_eq!(desk.card(id).await.unwrap().cart[0].quantity, 20, "{id}");
    }
}

#[tokio::test]
async fn a_customer_nobody_knows_waits_outside_the_feed() {
    let desk = Desk::open();
    desk.consume(&[
        delivery(1, who("a-1", ""), viewed("tent")),
        delivery(2, who("a-1", "c-9"), ordered("o-1", 1_000)),
    ])
    .await
    .unwrap();
    assert_eq!(desk.card("c-9").await, None);
    assert!(desk.feed().await.is_empty());
    assert_eq!(skus(&desk.parked("c-9").await.unwrap().profile), ["tent"]);
    desk.know("c-9", json!([])).await;
    desk.consume(&[delivery(3, who("a-1", ""), viewed("lamp"))])
        .await
        .unwrap();
    let card = desk.card("c-9").await.unwrap();
    assert_eq!(skus(&card), ["lamp", "tent"]);
    assert_eq!(card.order_count(), 1);
    assert_eq!(desk.parked("c-9").await, None);
    assert_eq!(desk.feed().await.len(), 1);
}
