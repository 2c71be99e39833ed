use super::*;
use domain::api::cart::BatchAnswer;
use domain::cart::Outcome;

#[tokio::test]
async fn what_is_done_on_two_tablets_is_one_cart_with_its_sum() {
    let counter = counter().await;
    let (one, two) = (&counter.one, &counter.two);
    counter.open(one, "k").await;
    let again = counter.open(two, "k").await;
    assert_eq!(again.version, 0, "a repeat is the same cart");
    let view = counter
        .send(one, "k", &[("1", Counter::add("a", "boots", 1))])
        .await;
    assert_eq!(
        view.totals.unwrap().total.minor,
        10_000,
        "priced where nobody said a price"
    );
    let change = json!({"type": "change_quantity", "line_id": "a", "delta": 2});
    let list = [("2", change), ("3", Counter::add("b", "mug", 1))];
    counter.send(two, "k", &list).await;
    let view = counter.send(two, "k", &list).await;
    let totals = view.totals.unwrap();
    assert_eq!(totals.total.minor, 30_990, "a repeat changes nothing");
    assert_eq!(totals.tax.minor, 5_795, "23 % in the price");
    assert_eq!(counter.read(one, "k").await.cart, view.cart);
}

#[tokio::test]
async fn nobody_speaks_for_another_device_or_agrees_on_prices_alone() {
    let counter = counter().await;
    counter.open(&counter.one, "k").await;
    let path = "/v1/carts/k/commands";
    let foreign = Counter::command(&counter.two, "1", &Counter::add("a", "mug", 1));
    let refused = counter
        .problem(&counter.one, path, json!({"commands": [foreign]}))
        .await;
    assert_eq!(refused, (400, "invalid-request".to_owned()));
    let mut cheap = Counter::add("a", "mug", 1);
    cheap["price"] = json!({"unit": {"minor": 1, "currency": "EUR"}, "version": 1, "source": {"type": "agreed", "by": "a-1"}});
    let mut command = Counter::command(&counter.one, "1", &cheap);
    let alone = json!({"commands": [command]});
    assert_eq!(counter.problem(&counter.one, path, alone).await.0, 400);
    command["by"]["associate"] = json!("a-1");
    let agreed: BatchAnswer = counter
        .ok(&counter.one, path, json!({"commands": [command]}))
        .await;
    assert_eq!(agreed.view.totals.unwrap().total.minor, 1);
    let many: Vec<Value> = (0..101)
        .map(|n| Counter::command(&counter.one, &format!("m{n}"), &Counter::add("a", "mug", 1)))
        .collect();
    assert_eq!(
        counter
            .problem(&counter.one, path, json!({"commands": many}))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn a_kiosk_sees_no_customers_cart_and_another_store_none() {
    let counter = counter().await;
    counter.open(&counter.one, "k").await;
    assert!(is_open(&counter.read(&counter.kiosk, "k").await.cart));
    let hers = json!({"customer": "c-1"});
    let refused = counter
        .problem(&counter.kiosk, "/v1/carts/k/customer", hers.clone())
        .await;
    assert_eq!(refused, (403, "wrong-cart".to_owned()));
    let _: CartView = counter.ok(&counter.one, "/v1/carts/k/customer", hers).await;
    let claim = json!({"do": "claim"});
    let refused = counter
        .problem(&counter.kiosk, "/v1/carts/k/lease", claim.clone())
        .await;
    assert_eq!(refused, (403, "wrong-cart".to_owned()));
    let elsewhere = counter.shop.enrol("2", DeviceKind::Tablet).await;
    let token = counter.shop.token(&elsewhere).await;
    let stranger = Device {
        enrolment: elsewhere,
        token,
    };
    let refused = counter
        .problem(&stranger, "/v1/carts/k/lease", claim.clone())
        .await;
    assert_eq!(refused, (403, "wrong-cart".to_owned()));
    let refused = counter
        .problem(&counter.one, "/v1/carts/none/lease", claim)
        .await;
    assert_eq!(refused, (404, "not-found".to_owned()));
}

#[tokio::test]
async fn a_guests_cart_goes_into_hers_comes_back_and_late_commands_follow() {
    let counter = counter().await;
    let one = &counter.one;
    for (cart, sku) in [("hers", "mug"), ("guest", "boots")] {
        counter.open(one, cart).await;
        let id = format!("add-{cart}");
        counter
            .send(one, cart, &[(&id, Counter::add(sku, sku, 1))])
            .await;
    }
    let merge = json!({"id": "m", "source": "guest"});
    for _ in 0..2 {
        let view: CartView = counter.ok(one, "/v1/carts/hers/merge", merge.clone()).await;
        assert_eq!(view.totals.unwrap().total.minor, 10_990);
    }
    let late = Counter::command(
        one,
        "late",
        &json!({"type": "change_quantity", "line_id": "boots", "delta": 1}),
    );
    let answer: BatchAnswer = counter
        .ok(one, "/v1/carts/guest/commands", json!({"commands": [late]}))
        .await;
    assert_eq!(answer.results[0].outcome, Outcome::Applied);
    assert_eq!(answer.view.cart.opening.id.as_str(), "hers");
    assert_eq!(answer.view.totals.unwrap().total.minor, 20_990);
    let undo = json!({"id": "m"});
    let view: CartView = counter
        .ok(one, "/v1/carts/hers/merge/undo", undo.clone())
        .await;
    assert_eq!(
        view.totals.unwrap().total.minor,
        10_990,
        "what was done since stays"
    );
    let guest = counter.read(one, "guest").await;
    assert_eq!(guest.totals.unwrap().total.minor, 10_000);
    assert_eq!(
        counter
            .problem(one, "/v1/carts/hers/merge/undo", undo)
            .await
            .0,
        404
    );
}
