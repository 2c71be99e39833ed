//! Sales that were made with the network down.

use super::carts::{begin, new_line};
use super::tests::{Tablet, command_with, rejected, tablet};
use crate::carts::{self, goods};
use crate::feed::entity_key;
use crate::functions::identity::revoke;
use crate::ports::ledger::{Condition, Key, Write};
use crate::table;
use crate::testing::shop::store;
use chrono::TimeDelta;
use domain::api::sync::{Command, CommandStatus, Scope, command as kinds, kind};
use domain::cart::{
    CartOrder, Channel, CheckoutTurn, Entry, NoticeKind, OfflineSale, Status, Terms, order_id,
    payment_key,
};
use domain::ids::{CartId, CommandId, DeviceId, OrderId, Sku};
use domain::item::Stock;
use domain::money::{Currency, Money};
use domain::order::Order;
use serde_json::json;
use std::collections::BTreeMap;

const APPLIED: (CommandStatus, &str) = (CommandStatus::Applied, "-");

impl Tablet {
    async fn stock(&self, sku: &str, pieces: i64) {
        let body = json!({"sku": sku, "store": "1", "on_hand": pieces, "counted_at": "2026-06-01T00:00:00Z"});
        let scope = Scope::inventory(&store("1"));
        self.shop
            .put(scope, kind::STOCK, &format!("1/{sku}"), &body)
            .await;
    }

    async fn on_hand(&self, sku: &str) -> i64 {
        let key = entity_key(kind::STOCK, &format!("1/{sku}"));
        let ledger = &*self.shop.bench.services.ledger;
        let row = table::lookup::<Stock>(ledger, &key).await.unwrap();
        row.unwrap().value.on_hand
    }

    async fn allotted(&self, sku: &str) -> u64 {
        let skus = [Sku::parse(sku).unwrap()];
        let ledger = &*self.shop.bench.services.ledger;
        let rows = goods::allotments(ledger, &self.device.device, skus.iter()).await;
        let pieces = rows.unwrap().into_values().map(|row| row.value.pieces);
        pieces.sum()
    }

    async fn allot(&self, sku: &str, pieces: u64) {
        let services = &self.shop.bench.services;
        let wanted = [(Sku::parse(sku).unwrap(), pieces)].into();
        let (device, store) = (&self.device.device, &self.device.store);
        let plan = goods::allot(&*services.ledger, device, store, &wanted).await;
        let ((moves, writes), _) = plan.unwrap();
        crate::feed::publish(&*services.ledger, &services.poke, &moves, &writes)
            .await
            .unwrap();
    }

    /// What is in the cart now, sold under this receipt.
    async fn sale(&self, cart: &str, receipt: u32, allotted: u64) -> OfflineSale {
        let cart = self.cart(cart).await.unwrap();
        let now = self.shop.bench.services.clock.now();
        let totals = Terms::default().totals(&cart, |_| None, now).unwrap();
        let receipt = format!("1-003-20260601-{receipt:06}");
        OfflineSale {
            order: CartOrder {
                id: cart.order_id(),
                cart: cart.opening.id.clone(),
                generation: cart.generation,
                receipt: Some(receipt.parse().unwrap()),
                store: store("1"),
                customer: None,
                associate: None,
                channel: domain::cart::Channel::Tablet,
                placed_at: "2036-06-01T12:00:00Z".parse().unwrap(),
                totals: totals.unwrap(),
                payment: None,
                capture: None,
            },
            allotted: [(Sku::parse("sku-a").unwrap(), allotted)].into(),
        }
    }

    async fn order(&self, id: &OrderId) -> Option<CartOrder> {
        let key = entity_key(kind::CART_ORDER, id.as_str());
        let ledger = &*self.shop.bench.services.ledger;
        let row = table::lookup(ledger, &key).await.unwrap();
        row.map(|row| row.value)
    }
}

fn sell(cseq: u64, sale: &OfflineSale) -> Command {
    command_with(cseq, kinds::CART_SELL, 1, &json!(sale))
}

fn apart(cseq: u64) -> OrderId {
    OfflineSale::apart(&CommandId::parse(format!("k-{cseq}")).unwrap())
}

/// A cart with three pieces of one item, of which there are ten.
async fn filled() -> Tablet {
    let tablet = tablet().await;
    tablet.stock("sku-a", 10).await;
    let add = tablet.changed(2, "k", &new_line("a", 3));
    tablet.push(vec![begin(1, "k"), add]).await;
    tablet
}

#[tokio::test]
async fn a_sale_is_the_carts_order_and_takes_the_allotment_first() {
    let tablet = filled().await;
    tablet.allot("sku-a", 2).await;
    assert_eq!(tablet.on_hand("sku-a").await, 8);
    let sale = tablet.sale("k", 500_000, 2).await;
    let result = tablet.decided(sell(3, &sale)).await;
    assert_eq!(rejected(&result), APPLIED);
    let id = order_id(&CartId::parse("k").unwrap(), 1);
    let order = tablet.order(&id).await.unwrap();
    assert_eq!(order.receipt, sale.order.receipt, "as it is printed");
    let now = tablet.shop.bench.services.clock.now();
    assert_eq!(order.placed_at, now, "no device's clock is believed");
    assert_eq!(tablet.allotted("sku-a").await, 0);
    assert_eq!(tablet.on_hand("sku-a").await, 7, "one of the store's");
    let cart = tablet.cart("k").await.unwrap();
    assert_eq!(cart.status, Status::Ordered { order: id.clone() });
    let ledger = &*tablet.shop.bench.services.ledger;
    let untold = table::lookup::<Order>(ledger, &carts::untold_key(&id)).await;
    assert_eq!(untold.unwrap().unwrap().value.lines.len(), 1);
    // The same sale in another place of the queue, as after a restore.
    let again = Command {
        cseq: 4,
        ..sell(3, &sale)
    };
    assert_eq!(rejected(&tablet.decided(again).await), APPLIED);
    assert_eq!(tablet.on_hand("sku-a").await, 7);
    assert_eq!(tablet.cart("k").await.unwrap(), cart);
}

#[tokio::test]
async fn a_cart_that_was_sold_meanwhile_has_two_orders_and_stock_is_told_truthfully() {
    let tablet = filled().await;
    tablet.stock("sku-a", 1).await;
    let sale = tablet.sale("k", 500_000, 99).await;
    let other = OfflineSale {
        order: CartOrder {
            receipt: Some("1-004-20260601-500000".parse().unwrap()),
            ..sale.order.clone()
        },
        ..sale.clone()
    };
    let response = tablet.push(vec![sell(3, &sale), sell(4, &other)]).await;
    for result in &response.results {
        assert_eq!(rejected(result), APPLIED);
    }
    assert!(tablet.order(&sale.order.id).await.is_some());
    let second = tablet.order(&apart(4)).await.unwrap();
    assert_eq!(second.receipt, other.order.receipt);
    let cart = tablet.cart("k").await.unwrap();
    let told = NoticeKind::SoldTwice {
        order: sale.order.id.clone(),
        other: apart(4),
    };
    assert_eq!(cart.notices.last().unwrap().kind, told);
    assert_eq!(tablet.on_hand("sku-a").await, 1 - 6, "more than there was");
}

#[tokio::test]
async fn two_sales_with_one_receipt_number_are_both_kept_and_told() {
    let tablet = filled().await;
    let add = tablet.changed(4, "l", &new_line("b", 1));
    tablet.push(vec![begin(3, "l"), add]).await;
    let (one, two) = (
        tablet.sale("k", 500_007, 0).await,
        tablet.sale("l", 500_007, 0).await,
    );
    tablet.push(vec![sell(5, &one), sell(6, &two)]).await;
    assert!(tablet.order(&two.order.id).await.is_some());
    let cart = tablet.cart("l").await.unwrap();
    let told = NoticeKind::ReceiptTwice {
        receipt: "1-003-20260601-500007".to_owned(),
        order: one.order.id,
        other: two.order.id,
    };
    assert_eq!(cart.notices.last().unwrap().kind, told);
}

#[tokio::test]
async fn a_sale_without_its_cart_is_kept_and_nonsense_is_not() {
    let tablet = filled().await;
    let mut sale = tablet.sale("k", 500_000, 0).await;
    sale.order.cart = CartId::parse("never-begun").unwrap();
    assert_eq!(rejected(&tablet.decided(sell(3, &sale)).await), APPLIED);
    assert!(tablet.order(&apart(3)).await.is_some());
    sale.order.store = store("2");
    let codes = [
        (sell(4, &sale), "sale-elsewhere"),
        (
            command_with(5, kinds::CART_SELL, 1, &json!({})),
            "sale-invalid",
        ),
    ];
    for (command, code) in codes {
        assert_eq!(rejected(&tablet.decided(command).await).1, code);
    }
}

#[tokio::test]
async fn many_items_are_counted_in_more_than_one_write() {
    let tablet = tablet().await;
    let mut commands = vec![begin(1, "k")];
    let many = 30_u64;
    for n in 0..many {
        tablet.stock(&format!("sku-l{n}"), 5).await;
        commands.push(tablet.changed(2 + n, "k", &new_line(&format!("l{n}"), 1)));
    }
    tablet.push(commands).await;
    let sale = tablet.sale("k", 500_000, 0).await;
    let result = tablet.decided(sell(2 + many, &sale)).await;
    assert_eq!(rejected(&result), APPLIED);
    let services = tablet.shop.bench.services.clone();
    for _ in 0..3 {
        crate::functions::cart::upkeep(services.clone()).await;
    }
    let mut left = BTreeMap::new();
    for n in 0..many {
        let pieces = tablet.on_hand(&format!("sku-l{n}")).await;
        *left.entry(pieces).or_insert(0) += 1;
    }
    assert_eq!(left, [(4, 30)].into(), "each once");
}

#[tokio::test]
async fn a_revoked_devices_allotment_is_the_stores_again() {
    let tablet = filled().await;
    tablet.allot("sku-a", 4).await;
    assert_eq!(
        (
            tablet.on_hand("sku-a").await,
            tablet.allotted("sku-a").await
        ),
        (6, 4)
    );
    for _ in 0..2 {
        let services = &tablet.shop.bench.services;
        revoke(services, &tablet.device.device).await.unwrap();
        assert_eq!(tablet.on_hand("sku-a").await, 10);
        assert_eq!(tablet.allotted("sku-a").await, 0);
    }
}

impl Tablet {
    /// A phone's checkout of the cart `k`, with its three pieces kept back, and the money that was asked for.
    async fn phone_checks_out(&self, asks: bool) {
        let services = &self.shop.bench.services;
        let now = services.clock.now();
        let cart = self.cart("k").await.unwrap();
        let phone = DeviceId::parse("phone").unwrap();
        let lease = cart.lease.claim(&phone, Channel::Phone, now).unwrap();
        self.turn("k", &Entry::Lease(lease)).await;
        let cart = self.cart("k").await.unwrap();
        let begin = CheckoutTurn::Begin {
            device: phone,
            fence: cart.lease.fence,
            version: cart.version,
            total: Money::new(300, Currency::EUR),
            at: now,
            reserved_until: now + TimeDelta::minutes(15),
        };
        self.turn("k", &Entry::Checkout(begin)).await;
        if asks {
            let pay = CheckoutTurn::Pay { at: now };
            self.turn("k", &Entry::Checkout(pay)).await;
        }
        // As the cart function writes it.
        self.stock("sku-a", 7).await;
        let totals = Terms::default().totals(&cart, |_| None, now).unwrap();
        let hold = json!({"cart": "k", "store": "1", "goods": {"sku-a": 3}, "until": now + TimeDelta::minutes(15), "totals": totals});
        let key = Key::new(format!("O#{}", cart.order_id()), "HOLD");
        let due = carts::due_key(now + TimeDelta::minutes(15), &cart.order_id());
        let writes = vec![
            Write::put(key, hold.to_string(), Condition::Absent),
            Write::put(due, json!("k").to_string(), Condition::Absent),
        ];
        services.ledger.write(writes).await.unwrap();
    }

    async fn held_back(&self) -> usize {
        let ledger = &self.shop.bench.services.ledger;
        ledger.range("X#holds", "".."~", 9).await.unwrap().len()
    }
}

#[tokio::test]
async fn i04_a_checkout_that_no_money_is_under_way_for_gives_way_to_a_sale() {
    let tablet = filled().await;
    let sale = tablet.sale("k", 500_000, 0).await;
    tablet.phone_checks_out(false).await;
    assert_eq!(rejected(&tablet.decided(sell(3, &sale)).await), APPLIED);
    let id = order_id(&CartId::parse("k").unwrap(), 1);
    let cart = tablet.cart("k").await.unwrap();
    assert_eq!(cart.status, Status::Ordered { order: id.clone() });
    assert!(tablet.order(&id).await.is_some());
    assert!(tablet.order(&apart(3)).await.is_none());
    assert_eq!(tablet.on_hand("sku-a").await, 4, "kept back and sold");
    let services = tablet.shop.bench.services.clone();
    for _ in 0..2 {
        crate::functions::cart::upkeep(services.clone()).await;
        assert_eq!(tablet.on_hand("sku-a").await, 7, "ten less three, once");
        assert_eq!(tablet.held_back().await, 0);
    }
}

#[tokio::test]
async fn i04_a_sale_stands_apart_from_a_checkout_that_money_is_under_way_for() {
    let tablet = filled().await;
    let sale = tablet.sale("k", 500_000, 0).await;
    tablet.phone_checks_out(true).await;
    assert_eq!(rejected(&tablet.decided(sell(3, &sale)).await), APPLIED);
    let cart = tablet.cart("k").await.unwrap();
    assert!(matches!(cart.status, Status::Checkout(_)));
    assert!(tablet.order(&apart(3)).await.is_some());
    assert!(tablet.order(&sale.order.id).await.is_none());
    assert_eq!(tablet.held_back().await, 1, "not before it has ended");
    assert_eq!(tablet.on_hand("sku-a").await, 4);
}

#[tokio::test]
async fn a_sale_never_passes_for_a_payment_that_another_channel_asked_for() {
    let tablet = filled().await;
    let mut sale = tablet.sale("k", 500_000, 0).await;
    let theirs = payment_key(&sale.order.id, 1);
    sale.order.payment = Some(theirs.clone());
    assert_eq!(rejected(&tablet.decided(sell(3, &sale)).await), APPLIED);
    let order = tablet.order(&sale.order.id).await.unwrap();
    assert!(order.payment.is_some_and(|own| own != theirs));
    let cart = tablet.cart("k").await.unwrap();
    assert_ne!(cart.orders[0].payment, Some(theirs));
}
