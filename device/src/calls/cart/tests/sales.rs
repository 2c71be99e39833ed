//! Sales with the network down: from what was allotted, once, with a receipt that stands.

use super::*;
use crate::testing::{Carts, Feeds};
use domain::api::device::{
    Delivery, ListUnsent, OpenOrder, OrderPage, ReadCart, RefusalCode, ReturnGoods, SellHere,
};
use domain::api::sync::CommandStatus;
use domain::cart::{CheckoutTurn, Entry, NoticeKind, OfflineSale, PaymentMethod, Status};
use domain::money::Money;

/// A tablet with receipt numbers and three pairs of boots of its own.
async fn ready(carts: &mut Carts, feeds: &mut Feeds) -> Bench {
    let tablet = Bench::with_ana().await;
    let key = tablet.device.shared().signer().unwrap().public_key();
    carts.register(feeds, "d-1", &key);
    carts.allot(feeds, "boots", 3);
    tablet.pull(feeds, 0);
    tablet
}

fn sale(page: &CartPage) -> SellHere {
    SellHere {
        cart: id(page),
        version: page.cart.version,
        total: page.totals.as_ref().unwrap().total,
        method: PaymentMethod::Cash,
        reference: None,
    }
}

async fn order(tablet: &Bench, order: &str) -> OrderPage {
    let order = order.to_owned();
    tablet.ask(OpenOrder { order }).await.unwrap()
}

#[tokio::test]
async fn a_sale_offline_stands_and_is_the_same_order_online() {
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let tablet = ready(&mut carts, &mut feeds).await;
    let cart = id(&begin(&tablet, Some(zoe())).await);
    let page = add(&tablet, &cart, "boots", 2).await.page.value;
    assert_eq!(page.allotted[&sku("boots")], 3);
    let asked = sale(&page);
    let sold = tablet.ask(asked.clone()).await.unwrap();
    let receipt = sold.order.receipt.clone().unwrap().to_string();
    assert_eq!(receipt, "1-003-20260517-500000");
    assert_eq!(
        (sold.state.clone(), sold.order.captured().minor),
        (Delivery::Kept, 2_500)
    );
    assert_eq!(sold.associate_name.as_deref(), Some("Ana"));
    assert_eq!(sold.store.name, "Harbour");
    let again = tablet.ask(asked).await.unwrap();
    assert_eq!(again.order, sold.order, "a second tap is the same sale");
    let tablet = tablet.restart("http://127.0.0.1:9").await;
    tablet.sign_in("ana", "1357").await.unwrap();
    assert_eq!(order(&tablet, &receipt).await, sold, "a kill loses nothing");
    let page = tablet
        .ask(ReadCart { cart: cart.clone() })
        .await
        .unwrap()
        .value;
    assert!(matches!(page.cart.status, Status::Ordered { .. }));
    assert_eq!(page.allotted[&sku("boots")], 1);
    let back = ReturnGoods {
        order: sold.order.id.clone(),
        pieces: [(sold.order.totals.lines[0].line_id.clone(), 1)].into(),
    };
    assert_eq!(
        tablet.ask(back).await.unwrap_err().code,
        RefusalCode::Offline
    );
    tablet.sync(&mut carts, &mut feeds);
    assert!(tablet.ask(ListUnsent {}).await.unwrap().is_empty());
    let there = order(&tablet, sold.order.id.as_str()).await;
    assert_eq!((&there.order, there.state), (&sold.order, Delivery::Sent));
    assert_eq!(carts.orders[sold.order.id.as_str()], sold.order);
    let page = tablet
        .ask(ReadCart { cart: cart.clone() })
        .await
        .unwrap()
        .value;
    assert_eq!(page.cart, carts.carts[cart.as_str()]);
    assert_eq!(page.allotted[&sku("boots")], 1, "counted once");
}

#[tokio::test]
async fn a_cart_that_was_bought_elsewhere_meanwhile_leaves_two_orders_and_says_so() {
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let tablet = ready(&mut carts, &mut feeds).await;
    let cart = id(&begin(&tablet, None).await);
    let page = add(&tablet, &cart, "boots", 1).await.page.value;
    tablet.sync(&mut carts, &mut feeds);
    let sold = tablet.ask(sale(&page)).await.unwrap();
    // Her phone paid the same cart.
    let mut bought = carts.carts[cart.as_str()].clone();
    bought.status = Status::Ordered {
        order: bought.order_id(),
    };
    carts.put(&mut feeds, bought, None);
    let decided = tablet.sync(&mut carts, &mut feeds);
    assert_eq!(decided[0].status, CommandStatus::Applied, "money was taken");
    let receipt = sold.order.receipt.as_ref().unwrap().to_string();
    let there = order(&tablet, &receipt).await;
    assert_eq!(there.state, Delivery::Sent);
    assert_ne!(there.order.id, sold.order.id, "an order of its own");
    let page = tablet.ask(ReadCart { cart }).await.unwrap().value;
    let told = page.cart.notices.last().map(|notice| notice.kind.clone());
    assert!(
        matches!(told, Some(NoticeKind::SoldTwice { .. })),
        "{told:?}"
    );
}

#[tokio::test]
async fn what_was_not_allotted_or_not_shown_is_not_sold() {
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let tablet = ready(&mut carts, &mut feeds).await;
    let cart = id(&begin(&tablet, None).await);
    let page = add(&tablet, &cart, "boots", 4).await.page.value;
    let refused = async |asked: SellHere| tablet.ask(asked).await.unwrap_err();
    let refusal = refused(sale(&page)).await;
    assert_eq!(refusal.code, RefusalCode::Refused);
    assert!(refusal.message.contains("The boots: 3"), "{refusal}");
    let older = SellHere {
        version: page.cart.version - 1,
        ..sale(&page)
    };
    assert!(refused(older).await.message.contains("moved on"));
    let cheaper = SellHere {
        total: Money::new(1, sale(&page).total.currency),
        ..sale(&page)
    };
    assert!(refused(cheaper).await.message.contains("50.00"));
    for (method, reference) in [
        (PaymentMethod::PayLink, None),
        (PaymentMethod::Terminal, None),
        (PaymentMethod::Terminal, Some("4111 1111 1111 1111")),
    ] {
        let asked = SellHere {
            method,
            reference: reference.map(Into::into),
            ..sale(&page)
        };
        assert_eq!(
            refused(asked).await.code,
            RefusalCode::Invalid,
            "{reference:?}"
        );
    }
    assert_eq!(
        tablet.ask(ListUnsent {}).await.unwrap().len(),
        2,
        "nothing was sold"
    );
    // Without a number of its own no receipt is printed.
    let fresh = Bench::with_ana().await;
    let cart = id(&begin(&fresh, None).await);
    let page = add(&fresh, &cart, "boots", 1).await.page.value;
    let refusal = fresh.ask(sale(&page)).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Offline, "{refusal}");
}

#[tokio::test]
async fn what_comes_after_a_sale_begins_what_follows() {
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let tablet = ready(&mut carts, &mut feeds).await;
    let cart = id(&begin(&tablet, None).await);
    let page = add(&tablet, &cart, "boots", 1).await.page.value;
    let first = tablet.ask(sale(&page)).await.unwrap();
    let page = add(&tablet, &cart, "boots", 2).await.page.value;
    assert_eq!(
        (page.cart.generation, lines(&page)),
        (2, vec![("boots", 2)])
    );
    let second = tablet.ask(sale(&page)).await.unwrap();
    assert_ne!(first.order.id, second.order.id);
    let decided = tablet.sync(&mut carts, &mut feeds);
    assert!(
        decided
            .iter()
            .all(|result| result.status == CommandStatus::Applied)
    );
    assert_eq!(carts.orders.len(), 2);
    assert_eq!(carts.allotted[&sku("boots")], 0);
    let apart = OfflineSale::apart(&domain::ids::CommandId::parse("x").unwrap());
    assert!(!carts.orders.contains_key(apart.as_str()));
    let page = tablet
        .ask(ReadCart { cart: cart.clone() })
        .await
        .unwrap()
        .value;
    assert_eq!(page.cart, carts.carts[cart.as_str()]);
}

#[tokio::test]
async fn a_cart_that_is_being_paid_is_not_sold_here() {
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let tablet = ready(&mut carts, &mut feeds).await;
    let cart = id(&begin(&tablet, None).await);
    let page = add(&tablet, &cart, "boots", 1).await.page.value;
    tablet.sync(&mut carts, &mut feeds);
    carts.take_elsewhere(&mut feeds, cart.as_str());
    let mut paying = carts.carts[cart.as_str()].clone();
    let hold = paying.lease.hold.clone().unwrap();
    let at = crate::testing::NOW.parse().unwrap();
    paying.apply(&Entry::Checkout(CheckoutTurn::Begin {
        device: hold.device,
        fence: paying.lease.fence,
        version: paying.version,
        total: page.totals.as_ref().unwrap().total,
        at,
        reserved_until: hold.expires_at,
    }));
    assert!(matches!(paying.status, Status::Checkout(_)));
    carts.put(&mut feeds, paying, None);
    tablet.pull(&feeds, 2);
    let refusal = tablet.ask(sale(&page)).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Refused);
    assert!(refusal.message.contains("not open"), "{refusal}");
}
