//! Carts with the cloud there: everything is decided before money is asked for, and nothing is asked for twice.

use super::*;
use crate::driver::{self, Pace};
use crate::testing::{FakeCloud, until};
use domain::api::cart::{CheckoutAnswer, PayAnswer};
use domain::api::device::{
    AskPayment, AssignCart, BeginCheckout, ClaimCart, GiveUpCheckout, LeaseView, MergeCarts,
    OfferCart, Offered, OpenOrder, PayCart, ReadCart, ReadStatus, RefusalCode, ReturnGoods, Source,
    UndoMerge,
};
use domain::api::identity::DeviceKind;
use domain::cart::{LeaseRefusal, PaymentMethod, Refusal as CartRefusal, Status};
use std::time::Duration;

const QUICK: Pace = Pace {
    sync: sync::Pace {
        first_retry_ms: 5,
        longest_retry_ms: 40,
        wait_ms: 400,
        rest_ms: 400,
        verify_every: 8,
    },
    model_every: Duration::from_secs(60),
    carts_every: Duration::from_millis(20),
};

/// A tablet that has joined and pulled everything, with Ana signed in.
async fn joined(cloud: &FakeCloud) -> (Bench, driver::Running) {
    let bench = Bench::new(DeviceKind::Tablet, &cloud.url);
    let running = driver::start(&bench.device, Some("GOODCODE".into()), QUICK);
    until("complete", async || {
        let sync = bench.ask(ReadStatus {}).await.unwrap().sync;
        (sync.complete && sync.online).then_some(())
    })
    .await;
    bench.sign_in("ana", "1357").await.unwrap();
    (bench, running)
}

async fn offline(bench: &Bench, cloud: &FakeCloud) {
    cloud.set_there(false);
    until("offline", async || {
        let sync = bench.ask(ReadStatus {}).await.unwrap().sync;
        (!sync.online).then_some(())
    })
    .await;
}

async fn filled(bench: &Bench) -> CartPage {
    let cart = id(&begin(bench, None).await);
    add(bench, &cart, "boots", 2).await;
    add(bench, &cart, "wax", 1).await.page.value
}

async fn read(bench: &Bench, cart: &CartId) -> CartPage {
    let cart = cart.clone();
    bench.ask(ReadCart { cart }).await.unwrap().value
}

fn checkout(page: &CartPage) -> BeginCheckout {
    BeginCheckout {
        cart: id(page),
        version: page.cart.version,
        total: page.totals.as_ref().unwrap().total,
    }
}

fn pay(cart: &CartId) -> PayCart {
    PayCart {
        cart: cart.clone(),
        method: PaymentMethod::Terminal,
        attempt: 1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_checked_out_as_it_is_on_the_screen_and_paid_once() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let page = filled(&bench).await;
    let cart = id(&page);
    let begun = bench.ask(checkout(&page)).await.unwrap();
    assert!(matches!(begun, CheckoutAnswer::Begun { .. }), "{begun:?}");
    let frozen = read(&bench, &cart).await;
    assert!(
        matches!(frozen.cart.status, Status::Checkout(_)),
        "though the feed may be behind"
    );
    assert!(matches!(frozen.lease, LeaseView::Here { .. }));
    assert_eq!(frozen.unsent, 0);
    let (first, second) = tokio::join!(bench.ask(pay(&cart)), bench.ask(pay(&cart)));
    let order = |answer: PayAnswer| match answer {
        PayAnswer::Ordered { order, .. } => *order,
        other => panic!("{other:?}"),
    };
    let (first, second) = (order(first.unwrap()), order(second.unwrap()));
    assert_eq!(first, second, "two taps are one payment");
    assert_eq!(
        cloud.carts(|carts, _| (carts.charged.len(), carts.orders.len())),
        (1, 1)
    );
    let shown = bench
        .ask(OpenOrder {
            order: first.id.to_string(),
        })
        .await
        .unwrap();
    assert_eq!(
        (shown.order, shown.store.name.as_str()),
        (first.clone(), "Harbour")
    );
    let asked = bench.ask(AskPayment { cart: cart.clone() }).await.unwrap();
    assert_eq!(order(asked), first);
    until("the feed shows it", async || {
        let fed = bench.device.shared().replica.confirmed_cart(&cart).unwrap();
        fed.filter(|fed| matches!(fed.status, Status::Ordered { .. }))
    })
    .await;
    assert_eq!(
        read(&bench, &cart).await.cart,
        cloud.carts(|c, _| c.carts[cart.as_str()].clone())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_the_cloud_says_so_and_works_when_it_is_back() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    offline(&bench, &cloud).await;
    let page = filled(&bench).await;
    let cart = id(&page);
    let refusals = [
        bench.ask(checkout(&page)).await.unwrap_err(),
        bench.ask(pay(&cart)).await.unwrap_err(),
        bench
            .ask(GiveUpCheckout { cart: cart.clone() })
            .await
            .unwrap_err(),
    ];
    for refusal in refusals {
        assert_eq!(refusal.code, RefusalCode::Offline, "{refusal}");
    }
    cloud.set_there(true);
    until("checked out", async || {
        let begun = bench.ask(checkout(&page)).await;
        matches!(begun, Ok(CheckoutAnswer::Begun { .. })).then_some(())
    })
    .await;
    let opened = bench.ask(GiveUpCheckout { cart }).await.unwrap();
    assert_eq!(
        (opened.source, opened.value.cart.status),
        (Source::Online, Status::Open)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_that_is_in_use_elsewhere_is_not_checked_out_here() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let page = filled(&bench).await;
    let cart = id(&page);
    until("sent", async || {
        (read(&bench, &cart).await.unsent == 0).then_some(())
    })
    .await;
    cloud.carts(|carts, feeds| carts.take_elsewhere(feeds, cart.as_str()));
    let answer = bench.ask(checkout(&page)).await.unwrap();
    let CheckoutAnswer::Refused { refusal, .. } = answer else {
        panic!("{answer:?}")
    };
    let held = matches!(
        refusal,
        CartRefusal::Lease {
            refusal: LeaseRefusal::Held { .. }
        }
    );
    assert!(held, "{refusal:?}");
    let offer = OfferCart {
        cart: cart.clone(),
        capsule: false,
    };
    let refusal = bench.ask(offer).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Refused);
    assert!(
        refusal.message.contains("in use on another device"),
        "{refusal}"
    );
    until("the screen is told", async || {
        matches!(read(&bench, &cart).await.lease, LeaseView::Elsewhere { .. }).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_handed_over_by_code_address_and_secret() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let cart = id(&filled(&bench).await);
    let offer = async || {
        let offer = OfferCart {
            cart: cart.clone(),
            capsule: false,
        };
        match bench.ask(offer).await.unwrap() {
            Offered::Code { shown, qr } => (shown, qr),
            other => panic!("{other:?}"),
        }
    };
    let claim = async |proof: String| bench.ask(ClaimCart { proof }).await;
    let (shown, qr) = offer().await;
    assert_eq!(qr, format!("{}/h/{}", cloud.url, shown.secret));
    let taken = claim(qr.clone()).await.unwrap().value;
    assert_eq!(lines(&taken), [("boots", 2), ("wax", 1)]);
    let again = claim(shown.secret).await.unwrap().value;
    assert_eq!(
        again.cart.lease.fence, taken.cart.lease.fence,
        "a repeat is the same claim"
    );
    let (shown, _) = offer().await;
    let typed = shown.code.to_lowercase();
    claim(format!("{}-{}", &typed[..4], &typed[4..]))
        .await
        .unwrap();
    let refusal = claim("ZZZZ-ZZZZ".into()).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Refused, "{refusal}");
    let refusal = claim("no code of a cart".into()).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Invalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guests_cart_becomes_hers_and_goes_into_another_and_out_again() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let guests = id(&filled(&bench).await);
    let hers = id(&begin(&bench, Some(zoe())).await);
    add(&bench, &hers, "socks", 1).await;
    let merge = MergeCarts {
        cart: hers.clone(),
        source: guests.clone(),
    };
    let merged = bench.ask(merge).await.unwrap().value;
    assert_eq!(merged.cart.lines.len(), 3);
    let undo = UndoMerge {
        cart: hers,
        merge: merged.cart.absorbed[0].merge.clone(),
    };
    let apart = bench.ask(undo).await.unwrap().value;
    assert_eq!(lines(&apart), [("socks", 1)]);
    let assign = AssignCart {
        cart: guests.clone(),
        customer: zoe(),
    };
    let assigned = bench.ask(assign).await.unwrap().value;
    assert_eq!(assigned.customer_name.as_deref(), Some("Zoë Łukasz"));
    assert_eq!(
        id(&begin(&bench, Some(zoe())).await),
        guests,
        "it is worked on for her now"
    );
    assert_ne!(id(&begin(&bench, None).await), guests);
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_come_back_once_however_often_it_is_tapped() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let page = filled(&bench).await;
    bench.ask(checkout(&page)).await.unwrap();
    let PayAnswer::Ordered { order, .. } = bench.ask(pay(&id(&page))).await.unwrap() else {
        panic!("paid")
    };
    until("the feed has it", async || {
        bench
            .device
            .shared()
            .replica
            .cart_order(order.id.as_str())
            .unwrap()
    })
    .await;
    let back = ReturnGoods {
        order: order.id.clone(),
        pieces: [(order.totals.lines[0].line_id.clone(), 1)].into(),
    };
    let (one, two) = tokio::join!(bench.ask(back.clone()), bench.ask(back));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.settlement.refunds.len(), 1);
    assert_eq!(
        one.settlement, two.settlement,
        "a second tap is the same refund"
    );
    assert_eq!(one.settlement.refunds[0].total.minor, 1_250);
    let many = ReturnGoods {
        order: order.id.clone(),
        pieces: [(order.totals.lines[0].line_id.clone(), 9)].into(),
    };
    assert_eq!(
        bench.ask(many).await.unwrap_err().code,
        RefusalCode::Refused
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_whose_answer_was_lost_is_the_same_return_after_the_feed_told_of_it() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let page = filled(&bench).await;
    bench.ask(checkout(&page)).await.unwrap();
    let PayAnswer::Ordered { order, .. } = bench.ask(pay(&id(&page))).await.unwrap() else {
        panic!("paid")
    };
    let here = async || {
        bench
            .device
            .shared()
            .replica
            .cart_order(order.id.as_str())
            .unwrap()
    };
    until("the feed has it", here).await;
    let back = ReturnGoods {
        order: order.id.clone(),
        pieces: [(order.totals.lines[0].line_id.clone(), 1)].into(),
    };
    cloud.lose_next_answer();
    let lost = bench.ask(back.clone()).await.unwrap_err();
    assert_eq!(lost.code, RefusalCode::Offline);
    until("the feed tells what came back", async || {
        here()
            .await
            .filter(|here| here.settlement.refunds.len() == 1)
    })
    .await;
    let again = bench.ask(back.clone()).await.unwrap();
    assert_eq!(again.settlement.refunds.len(), 1, "the same return");
    assert_eq!(again.settlement.refunds[0].total.minor, 1_250);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_gets_ready_to_sell_with_the_network_down() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let cart = id(&begin(&bench, None).await);
    add(&bench, &cart, "boots", 1).await;
    until("two pairs are this tablet's", async || {
        let page = read(&bench, &cart).await;
        (page.allotted.get(&sku("boots")) == Some(&2)).then_some(())
    })
    .await;
    assert_eq!(cloud.carts(|carts, _| carts.stock[&sku("boots")]), 2);
    until("its till has a number", async || {
        bench.device.shared().workstation().unwrap()
    })
    .await;
    // A day later nobody wants them.
    bench.clock.go(chrono::TimeDelta::hours(25));
    bench.device.shared().allotting.more.notify_one();
    until("they are back", async || {
        cloud.carts(|carts, _| (carts.stock[&sku("boots")] == 4).then_some(()))
    })
    .await;
}
