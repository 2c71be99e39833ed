use super::*;
use crate::ports::backlog::Backlog as _;
use crate::ports::events::Delivery;
use chrono::TimeDelta;
use domain::cart::{PAYMENT_DOUBT_SECONDS, Phase, PriceChangeReason};

pub(super) fn order(answer: PayAnswer) -> (domain::cart::CartOrder, CartView) {
    match answer {
        PayAnswer::Ordered { order, view } => (*order, *view),
        other => panic!("not ordered: {other:?}"),
    }
}

fn phase(answer: &PayAnswer) -> Phase {
    match answer {
        PayAnswer::NotPaid { view } => match &view.cart.status {
            Status::Checkout(checkout) => checkout.phase.clone(),
            other => panic!("no checkout: {other:?}"),
        },
        other => panic!("paid, or refused: {other:?}"),
    }
}

#[tokio::test]
async fn i04_a_cart_is_paid_and_ordered_once_with_a_receipt_and_its_goods() {
    let counter = counter().await;
    let view = counter.filled("k").await;
    let begun = counter.begun(&counter.one, &view).await;
    assert_eq!(counter.pieces("boots").await, 3, "kept back");
    counter.begun(&counter.one, &view).await;
    assert_eq!(
        counter.pieces("boots").await,
        3,
        "a repeat keeps nothing more back"
    );
    let (first, view) = order(counter.pay(&counter.one, "k", 1).await);
    assert_eq!(first.id, begun.cart.order_id());
    assert_eq!(first.captured().minor, 20_000);
    assert_eq!(
        first.receipt.as_ref().unwrap().to_string(),
        "1-003-20260601-000001"
    );
    assert!(matches!(view.cart.status, Status::Ordered { .. }));
    let (again, _) = order(counter.pay(&counter.one, "k", 1).await);
    assert_eq!(again, first);
    assert_eq!(counter.terminal.drawer(), (20_000, 0));
    assert_eq!(counter.pieces("boots").await, 3);
    let told = counter.shop.bench.log.read_after(0, 100).await.unwrap();
    let completed = |told: &&Delivery| told.event.kind == "order.completed.v1";
    assert_eq!(
        told.iter().filter(completed).count(),
        1,
        "history is told once"
    );
    let view = counter.filled("next").await;
    counter.begun(&counter.one, &view).await;
    let (next, _) = order(counter.pay(&counter.one, "next", 1).await);
    assert_eq!(next.receipt.unwrap().sequence(), 2);
    let late = [(
        "late",
        json!({"type": "change_quantity", "line_id": "a", "delta": 1}),
    )];
    let view = counter.send(&counter.two, "k", &late).await;
    assert_eq!((view.cart.generation, is_open(&view.cart)), (2, true));
    assert_eq!(view.totals.unwrap().total.minor, 10_000, "left over");
}

#[tokio::test]
async fn changed_prices_are_confirmed_before_anything_is_frozen() {
    let counter = counter().await;
    let view = counter.filled("k").await;
    counter.price("boots", 12_000).await;
    let CheckoutAnswer::PricesChanged { changes, version } =
        counter.checkout(&counter.one, &view).await
    else {
        panic!("the price changed");
    };
    assert_eq!(changes[0].reason, PriceChangeReason::Moved);
    assert_eq!(counter.pieces("boots").await, 5);
    let price = changes[0].now.clone().unwrap();
    let mut prices = json!([{"line_id": "a", "price": price}]);
    let path = "/v1/carts/k/checkout/confirm";
    let confirmed = json!({"version": version, "prices": prices});
    let view: CartView = counter.ok(&counter.one, path, confirmed).await;
    assert_eq!(view.totals.as_ref().unwrap().total.minor, 24_000);
    prices[0]["price"]["unit"]["minor"] = json!(1);
    let made_up = json!({"version": view.cart.version, "prices": prices});
    assert_eq!(counter.problem(&counter.one, path, made_up).await.0, 400);
    counter.begun(&counter.one, &view).await;
}

#[tokio::test]
async fn a_promotion_that_begins_moves_the_sum_and_is_shown_with_its_reason() {
    let counter = counter().await;
    let view = counter.filled("k").await;
    let promotion = json!({"id": "p", "title": "A tenth off", "priority": 1, "target": {"type": "all"},
        "benefit": {"type": "percent_off", "rate": 100_000},
        "valid_from": "2026-06-01T00:00:00Z", "valid_until": "2026-06-02T00:00:00Z"});
    counter
        .put_terms(&json!({"tax": "inclusive", "rate": 230_000, "promotions": [promotion]}))
        .await;
    let CheckoutAnswer::TotalMoved { view } = counter.checkout(&counter.one, &view).await else {
        panic!("the sum moved");
    };
    let totals = view.totals.as_ref().unwrap();
    assert_eq!((totals.total.minor, totals.discounts.len()), (18_000, 1));
    counter.begun(&counter.one, &view).await;
    let (order, _) = order(counter.pay(&counter.one, "k", 1).await);
    assert_eq!(order.captured().minor, 18_000);
    let history = order.history();
    assert_eq!(history.total().unwrap().unwrap().minor, 18_000, "as paid");
    let told = counter.shop.bench.log.read_after(0, 100).await.unwrap();
    let mut told = told
        .iter()
        .filter(|told| told.event.kind == "order.completed.v1");
    let event = told.next().unwrap().event.data.get();
    assert!(
        event.contains("18000") && !event.contains("20000"),
        "{event}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_sold_and_what_is_given_up_is_there_again() {
    let counter = counter().await;
    let view = counter.filled("k").await;
    counter.stock("boots", 1).await;
    let short = counter.checkout(&counter.one, &view).await;
    let CheckoutAnswer::OutOfStock { left } = short else {
        panic!("there is one pair: {short:?}");
    };
    assert_eq!(
        left.into_iter()
            .map(|(sku, n)| (sku.to_string(), n))
            .collect::<Vec<_>>(),
        [("boots".to_owned(), 1)]
    );
    counter.stock("boots", 2).await;
    counter.begun(&counter.one, &view).await;
    assert_eq!(counter.pieces("boots").await, 0);
    let path = "/v1/carts/k/checkout/give-up";
    for _ in 0..2 {
        let open: CartView = counter.ok(&counter.one, path, json!({})).await;
        assert!(is_open(&open.cart));
        assert_eq!(counter.pieces("boots").await, 2);
    }
}

#[tokio::test]
async fn goods_that_were_kept_back_too_long_are_free_for_the_next() {
    let mut counter = counter().await;
    let view = counter.filled("k").await;
    counter.stock("boots", 2).await;
    counter.begun(&counter.one, &view).await;
    counter.shop.bench.clock.advance(TimeDelta::minutes(16));
    counter.one.token = counter.shop.token(&counter.one.enrolment).await;
    let view = counter.filled("next").await;
    counter.begun(&counter.one, &view).await;
    assert!(is_open(&counter.read(&counter.one, "k").await.cart));
    assert_eq!(counter.pieces("boots").await, 0, "never below nothing");
}

#[tokio::test]
async fn upkeep_puts_back_what_nobody_paid() {
    let counter = counter().await;
    let view = counter.filled("k").await;
    counter.begun(&counter.one, &view).await;
    let services = &counter.shop.bench.services;
    super::super::upkeep(services.clone()).await;
    assert_eq!(counter.pieces("boots").await, 3, "its time is not over");
    counter.shop.bench.clock.advance(TimeDelta::minutes(15));
    super::super::upkeep(services.clone()).await;
    super::super::upkeep(services.clone()).await;
    assert_eq!(counter.pieces("boots").await, 5);
}

#[tokio::test]
async fn a_declined_payment_is_tried_again_and_an_unknown_one_asked_about() {
    let counter = counter().await;
    counter.price("mug", 51).await;
    counter.open(&counter.one, "k").await;
    counter
        .send(&counter.one, "k", &[("1", Counter::add("a", "mug", 1))])
        .await;
    let view = counter.lease(&counter.one, "k").await;
    counter.begun(&counter.one, &view).await;
    let declined = counter.pay(&counter.one, "k", 1).await;
    assert_eq!(
        phase(&declined),
        Phase::Failed {
            code: "declined".to_owned()
        }
    );
    let path = "/v1/carts/k/checkout/pay";
    let cash = json!({"method": "cash", "attempt": 2});
    let (paid, _) = order(counter.ok(&counter.one, path, cash).await);
    assert_eq!(
        (paid.captured().minor, paid.receipt),
        (51, None),
        "no till, no number"
    );

    counter.price("mug", 91).await;
    counter.open(&counter.one, "slow").await;
    counter
        .send(&counter.one, "slow", &[("1", Counter::add("a", "mug", 1))])
        .await;
    let view = counter.lease(&counter.one, "slow").await;
    counter.begun(&counter.one, &view).await;
    let unknown = counter.pay(&counter.one, "slow", 1).await;
    assert!(matches!(phase(&unknown), Phase::Unknown { .. }));
    let refused = counter.pay(&counter.one, "slow", 2).await;
    assert!(matches!(refused, PayAnswer::Refused { .. }), "{refused:?}");
    let ask = "/v1/carts/slow/checkout/ask";
    let (asked, _) = order(counter.ok(&counter.one, ask, json!({})).await);
    assert_eq!(asked.captured().minor, 91);
    assert_eq!(counter.terminal.drawer(), (51 + 91, 0), "paid once each");
}

#[tokio::test]
async fn upkeep_asks_after_a_payment_that_nobody_asks_after() {
    let counter = counter().await;
    counter.price("mug", 91).await;
    counter.open(&counter.one, "k").await;
    counter
        .send(&counter.one, "k", &[("1", Counter::add("a", "mug", 1))])
        .await;
    let view = counter.lease(&counter.one, "k").await;
    counter.begun(&counter.one, &view).await;
    counter.pay(&counter.one, "k", 1).await;
    let services = &counter.shop.bench.services;
    super::super::upkeep(services.clone()).await;
    assert_eq!(counter.payments_in_doubt().await, 1, "too early to ask");
    let clock = &counter.shop.bench.clock;
    clock.advance(TimeDelta::seconds(PAYMENT_DOUBT_SECONDS));
    super::super::upkeep(services.clone()).await;
    let (order, _) = order(counter.pay(&counter.one, "k", 1).await);
    assert_eq!(order.captured().minor, 91);
    assert_eq!(counter.terminal.drawer(), (91, 0));
    assert_eq!(counter.payments_in_doubt().await, 0);
}
