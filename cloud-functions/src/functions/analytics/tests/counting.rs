use super::*;
use proptest::prelude::*;

#[tokio::test]
async fn figures_are_counted_once_in_their_minute() {
    let desk = Desk::open().await;
    let events = [
        desk.ago(1, 0, "a", viewed("tent")),
        desk.ago(2, 30, "a", viewed("tent")),
        desk.ago(3, 61, "b", viewed("lamp")),
        desk.ago(4, 61, "b", Action::ProductAdded(product("lamp"))),
        desk.ago(5, 10, "b", ordered(2_990, Currency::EUR)),
        desk.ago(6, 10, "c", ordered(9_900, Currency::USD)),
    ];
    for _ in 0..3 {
        desk.consumer.consume(&events).await.unwrap();
    }
    let board = desk.board().await;
    assert_eq!(board.views.value, 3);
    assert_eq!(board.views.minutes.len(), 60);
    // The clock stands at noon sharp: what was a second ago was a minute ago.
    assert_eq!(board.views.minutes[57..], [1, 1, 1]);
    assert_eq!(board.adds.value, 1, "an addition of three pieces is one");
    assert_eq!(board.orders.value, 2);
    assert_eq!(board.sales, Money::new(2_990, Currency::EUR));
    assert_eq!(board.sales_minutes[58..], [2_990, 0]);
    assert_eq!(board.shoppers_now.value, 3);
    assert_eq!(board.newest_event_at, Some(desk.now()));
}

#[tokio::test]
async fn old_minutes_go_and_late_events_find_theirs() {
    let desk = Desk::open().await;
    let first = desk.ago(1, 0, "a", viewed("tent"));
    desk.consumer.consume(&[first]).await.unwrap();
    desk.bench.clock.advance(TimeDelta::minutes(59));
    let late = desk.ago(2, 58 * 60, "b", viewed("tent"));
    let too_late = desk.ago(3, 60 * 60, "b", viewed("tent"));
    desk.consumer.consume(&[late, too_late]).await.unwrap();
    let board = desk.board().await;
    assert_eq!(board.views.minutes[..3], [1, 1, 0]);
    assert_eq!(board.shoppers_now.value, 0);
    desk.bench.clock.advance(TimeDelta::minutes(1));
    assert_eq!(desk.board().await.views.value, 1);
    desk.bench.clock.advance(TimeDelta::days(30));
    let board = desk.board().await;
    assert_eq!((board.views.value, board.top_items.len()), (0, 0));
}

#[tokio::test]
async fn shoppers_are_here_for_five_minutes() {
    let desk = Desk::open().await;
    let events = [
        desk.ago(1, 0, "a", Action::CartViewed),
        desk.ago(2, 299, "b", Action::CartViewed),
        desk.ago(3, 301, "c", Action::CartViewed),
    ];
    desk.consumer.consume(&events).await.unwrap();
    assert_eq!(desk.board().await.shoppers_now.value, 2);
    desk.bench.clock.advance(TimeDelta::minutes(2));
    assert_eq!(desk.board().await.shoppers_now.value, 1);
}

#[tokio::test]
async fn signing_in_does_not_make_two_of_one() {
    let desk = Desk::open().await;
    let mut signed_in = event(2, desk.now(), "a", "17", Action::Identified);
    signed_in.who.customer = CustomerId::parse("c-1").ok();
    let events = [
        desk.ago(1, 0, "a", Action::CartViewed),
        deliver(2, &signed_in),
    ];
    desk.consumer.consume(&events).await.unwrap();
    assert_eq!(desk.board().await.shoppers_now.value, 1);
}

#[tokio::test]
async fn an_event_without_a_store_is_her_home_stores() {
    let desk = Desk::open().await;
    desk.put(
        entity_key(kind::CUSTOMER, "c-1"),
        &json!({"id": "c-1", "name": {}, "home_store": "17"}),
    )
    .await;
    let mut hers = event(1, desk.now(), "a", "", viewed("tent"));
    hers.who.customer = CustomerId::parse("c-1").ok();
    let nobodys = event(2, desk.now(), "b", "", viewed("tent"));
    let unknown = event(3, desk.now(), "b", "99", viewed("tent"));
    let events = [
        deliver(1, &hers),
        deliver(2, &nobodys),
        deliver(3, &unknown),
    ];
    desk.consumer.consume(&events).await.unwrap();
    assert_eq!(desk.board().await.views.value, 1);
    let key = Key::new("A#board/99", "V");
    assert_eq!(desk.bench.services.ledger.read(&key).await.unwrap(), None);
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_rest_counts() {
    let desk = Desk::open().await;
    let mut broken = desk.ago(2, 0, "a", viewed("tent"));
    broken.event.data = serde_json::value::to_raw_value(&[1]).unwrap();
    let events = [
        desk.ago(1, 0, "a", viewed("tent")),
        broken,
        desk.ago(3, 0, "a", viewed("tent")),
    ];
    let failed = desk.consumer.consume(&events).await.unwrap_err();
    assert_eq!(failed.sequence, 2);
    desk.consumer.consume(&events[2..]).await.unwrap();
    assert_eq!(desk.board().await.views.value, 2);
}

#[tokio::test]
async fn a_record_is_bounded_however_many_come() {
    let desk = Desk::open().await;
    let long = |n: u64| format!("{n:0>128}");
    for chunk in 0..12_u64 {
        let events: Vec<_> = (1..=500)
            .map(|n| chunk * 500 + n)
            .map(|n| {
                desk.ago(
                    n,
                    i64::try_from(n % 290).unwrap(),
                    &long(n),
                    viewed(&long(n)),
                )
            })
            .collect();
        desk.consumer.consume(&events).await.unwrap();
    }
    let popular: Vec<_> = (6_001..=6_003)
        .map(|n| desk.ago(n, 0, "a", viewed("tent")))
        .collect();
    desk.consumer.consume(&popular).await.unwrap();
    let board = desk.board().await;
    assert_eq!(board.views.value, 6_003);
    assert_eq!(board.shoppers_now.value, 4_000);
    assert_eq!(
        (board.top_items[0].sku.as_str(), board.top_items[0].views),
        ("tent", 3)
    );
    let stored = desk
        .bench
        .services
        .ledger
        .read(&super::super::window_key(&board.store))
        .await;
    assert!(stored.unwrap().unwrap().body.len() < crate::ports::ledger::MAX_BODY_BYTES);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn batches_that_overlap_count_as_one(
        ages in prop::collection::vec(0_i64..3_000, 1..80),
        cuts in prop::collection::vec((0_usize..80, 1_usize..40), 0..10),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::open().await;
            let events: Vec<_> = (1..).zip(&ages).map(|(n, age)| desk.ago(n, *age, "a", viewed("tent"))).collect();
            let mut taken = 0;
            for (from, length) in cuts {
                // A pump goes back to any event after its cursor, and never leaves one out.
                let from = from.min(taken);
                let to = events.len().min(from + length);
                desk.consumer.consume(&events[from..to]).await.unwrap();
                taken = taken.max(to);
            }
            desk.consumer.consume(&events[taken..]).await.unwrap();
            let board = desk.board().await;
            assert_eq!(board.views.value, i64::try_from(ages.len()).unwrap());
            assert_eq!(board.views.minutes.iter().sum::<i64>(), board.views.value);
        });
    }
}
