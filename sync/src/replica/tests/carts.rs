//! I10 and I1 for carts: what was done here shows at once and counts once, and a sale with the network down keeps its
//! order, its number and its command together.

use crate::testing::{Feed, Home, at};
use crate::{NewCommand, NewSale, Replica, ShownCart, Sold};
use chrono::NaiveDate;
use domain::api::device::Delivery;
use domain::api::sync::{CommandResult, CommandStatus, PushResponse, Scope, command, kind};
use domain::cart::{
    Action, Allotment, Author, Cart, CartChange, CartCommand, CartOrder, Channel, Entry, LineFacts,
    NewLine, Opening, PriceSnapshot, PriceSource, Rate, ReceiptNumber, Status, TaxMode, Terms,
    Workstation, order_id, totals,
};
use domain::ids::{CartId, CommandId, CustomerId, DeviceId, LineId, PriceListId, Sku, StoreId};
use domain::money::{Currency, Money};
use serde_json::value::to_raw_value;
use std::collections::{BTreeMap, BTreeSet};

const CARTS: &str = "store/1/carts";
const NOW: &str = "2026-05-17T09:00:00Z";

fn cart_id(id: &str) -> CartId {
    CartId::parse(id).unwrap()
}

fn device() -> DeviceId {
    DeviceId::parse("d-1").unwrap()
}

fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

fn euro() -> Currency {
    "EUR".parse().unwrap()
}

fn opening(cart: &str, customer: Option<&str>) -> Opening {
    Opening {
        id: cart_id(cart),
        store: StoreId::parse("1").unwrap(),
        currency: euro(),
        customer: customer.map(|id| CustomerId::parse(id).unwrap()),
    }
}

/// A command with an id as devices make them: the number is its time in milliseconds.
fn acted(n: u64, action: Action) -> CartCommand {
    CartCommand {
        id: CommandId::parse(format!("0000{n:04}-0000-7000-8000-000000000000")).unwrap(),
        by: Author {
            channel: Channel::Tablet,
            device: device(),
            associate: None,
        },
        issued_at_device: at(NOW),
        action,
    }
}

fn adds(n: u64, item: &str, quantity: u32) -> CartCommand {
    let unit = Money::new(1_000, euro());
    let list = PriceListId::parse("default").unwrap();
    let price = PriceSnapshot {
        unit,
        version: 1,
        source: PriceSource::List { list },
        valid_until: None,
    };
    acted(
        n,
        Action::AddLine(NewLine {
            line_id: LineId::parse(format!("l-{n}")).unwrap(),
            sku: sku(item),
            quantity,
            price: Some(price),
            note: String::new(),
        }),
    )
}

fn queue(replica: &Replica, kind: &str, id: &CommandId, args: &impl serde::Serialize) {
    let args = to_raw_value(args).unwrap();
    let command = NewCommand {
        id,
        kind,
        version: 1,
        args: &args,
        issued_at: at(NOW),
    };
    replica.queue(&command).unwrap();
}

fn begin(replica: &Replica, opening: &Opening) {
    let id = CommandId::parse(format!("begin-{}", opening.id)).unwrap();
    queue(replica, command::CART_BEGIN, &id, opening);
}

fn change(replica: &Replica, cart: &str, command: &CartCommand) {
    let args = CartChange {
        cart: cart_id(cart),
        command: command.clone(),
    };
    queue(replica, command::CART_CHANGE, &command.id, &args);
}

fn shown(home: &Home, cart: &str) -> ShownCart {
    home.replica.cart(&cart_id(cart), None).unwrap().unwrap()
}

fn put(feed: &mut Feed, kind: &str, id: &str, body: &impl serde::Serialize) {
    feed.put(CARTS, kind, id, &serde_json::to_value(body).unwrap());
}

fn put_cart(feed: &mut Feed, cart: &Cart) {
    put(feed, kind::CART, cart.opening.id.as_str(), cart);
}

fn granted() -> (Home, Feed) {
    let (home, mut feed) = (Home::new(), Feed::new());
    feed.grant(CARTS);
    home.pull(&mut feed);
    (home, feed)
}

fn decided(cseq: u64, status: CommandStatus, seq: Option<u64>) -> PushResponse {
    let scope = Scope::parse(CARTS).unwrap();
    PushResponse {
        last_cseq: cseq,
        results: vec![CommandResult {
            cseq,
            status,
            code: (status == CommandStatus::Rejected).then(|| "line-gone".to_owned()),
            message: None,
            seqs: seq.into_iter().map(|seq| (scope.clone(), seq)).collect(),
        }],
    }
}

#[test]
fn a_kiosk_that_asks_is_told_of_and_nothing_else_is_asked_for_again() {
    let (home, mut feed) = granted();
    let call = serde_json::json!({"device": "d-9", "store": "1", "asked_at": NOW});
    put(&mut feed, kind::HELP, "d-9", &call);
    let applied = home.pull(&mut feed);
    assert!(applied.help && !applied.everything && applied.carts.is_empty());
    assert_eq!(home.replica.help().unwrap()[0].device.as_str(), "d-9");
}

#[test]
fn i10_a_cart_that_waits_shows_and_is_what_the_cloud_makes_of_it() {
    let (home, mut feed) = granted();
    let opening = opening("k-1", Some("c-1"));
    begin(&home.replica, &opening);
    assert_eq!(shown(&home, "k-1").cart, Cart::open(opening.clone()));
    let first = adds(1, "boots", 2);
    change(&home.replica, "k-1", &first);
    let here = shown(&home, "k-1");
    assert_eq!((here.unsent, here.cart.lines[0].quantity()), (2, 2));
    assert_eq!(here.changed, Some((Channel::Tablet, at(NOW))));
    // The cloud decides; the feed is quicker than the answer.
    let mut cloud = Cart::open(opening);
    put_cart(&mut feed, &cloud);
    cloud.apply(&Entry::Command(first));
    put_cart(&mut feed, &cloud);
    let applied = home.pull(&mut feed);
    assert_eq!(applied.carts, BTreeSet::from([cart_id("k-1")]));
    assert!(!applied.everything);
    assert_eq!(
        shown(&home, "k-1").cart,
        cloud,
        "once, though it still waits"
    );
}

#[test]
fn i10_between_the_answer_and_the_feed_nothing_flickers() {
    let (home, mut feed) = granted();
    let mut cloud = Cart::open(opening("k-1", None));
    cloud.apply(&Entry::Command(adds(1, "boots", 1)));
    put_cart(&mut feed, &cloud);
    home.pull(&mut feed);
    let more = adds(2, "socks", 3);
    change(&home.replica, "k-1", &more);
    let before = shown(&home, "k-1").cart;
    cloud.apply(&Entry::Command(more));
    home.replica
        .settle(&decided(1, CommandStatus::Applied, Some(2)))
        .unwrap();
    let between = shown(&home, "k-1");
    assert_eq!((&between.cart, between.unsent), (&before, 0));
    put_cart(&mut feed, &cloud);
    feed.last_cseq = 1;
    assert_eq!(home.pull(&mut feed).confirmed, 1);
    assert_eq!((shown(&home, "k-1").cart, before), (cloud.clone(), cloud));
}

#[test]
fn i02_what_was_refused_is_not_in_the_cart_and_is_kept() {
    let (home, mut feed) = granted();
    put_cart(&mut feed, &Cart::open(opening("k-1", Some("c-1"))));
    feed.customer("c-1", "Zoë", "Berg");
    home.pull(&mut feed);
    change(&home.replica, "k-1", &adds(1, "boots", 1));
    home.replica
        .settle(&decided(1, CommandStatus::Rejected, None))
        .unwrap();
    assert_eq!(shown(&home, "k-1").cart.lines, []);
    let unsent = home.replica.unsent(10).unwrap();
    assert_eq!(unsent[0].code.as_deref(), Some("line-gone"));
    assert_eq!(unsent[0].about.as_deref(), Some("Zoë Berg"));
}

#[test]
fn carts_are_listed_hers_or_all_open_ones_the_latest_first() {
    let (home, mut feed) = granted();
    for n in 1..=30_u64 {
        let hers = (n % 3 == 0).then_some("c-1");
        let mut cart = Cart::open(opening(&format!("k-{n}"), hers));
        cart.apply(&Entry::Command(adds(n, "boots", 1)));
        if n % 2 == 0 {
            let order = cart.order_id();
            cart.status = Status::Ordered { order };
        }
        put_cart(&mut feed, &cart);
    }
    home.pull(&mut feed);
    begin(&home.replica, &opening("k-new", Some("c-1")));
    change(&home.replica, "k-new", &adds(99, "socks", 1));
    let ids = |customer: Option<&str>, limit| -> Vec<String> {
        let customer = customer.map(|id| CustomerId::parse(id).unwrap());
        let carts = home.replica.carts(customer.as_ref(), limit).unwrap();
        carts
            .iter()
            .map(|cart| cart.cart.opening.id.to_string())
            .collect()
    };
    assert_eq!(ids(None, 3), ["k-new", "k-29", "k-27"]);
    assert_eq!(ids(Some("c-1"), 4), ["k-new", "k-27", "k-21", "k-15"]);
    assert_eq!(ids(None, 50).len(), 16);
}

/// A sale of one line of a cart.
fn sell(replica: &Replica, cart: &Cart, id: u64, pieces: u64) -> Sold {
    let generation = cart.generation;
    let order = order_id(&cart.opening.id, generation);
    let id = CommandId::parse(format!("sale-{id}")).unwrap();
    let store = cart.opening.store.clone();
    let new = NewSale {
        id: &id,
        order: &order,
        device: &device(),
        store: &store,
        workstation: Workstation::new(3).unwrap(),
        day: NaiveDate::from_ymd_opt(2026, 5, 17).unwrap(),
        goods: BTreeMap::from([(sku("boots"), pieces)]),
        sold_at: at(NOW),
    };
    let made = |receipt: ReceiptNumber| CartOrder {
        id: order.clone(),
        cart: cart.opening.id.clone(),
        generation,
        receipt: Some(receipt),
        store: store.clone(),
        customer: None,
        associate: None,
        channel: Channel::Tablet,
        placed_at: at(NOW),
        totals: sums(cart),
        payment: None,
        capture: None,
    };
    replica.sell(&new, made).unwrap()
}

fn sums(cart: &Cart) -> domain::cart::Totals {
    let lines: Vec<LineFacts> = cart
        .lines
        .iter()
        .map(|line| LineFacts {
            line_id: line.id.clone(),
            sku: line.sku.clone(),
            department: None,
            quantity: line.quantity(),
            unit: line.price.as_ref().unwrap().unit,
            tax: Rate::default(),
        })
        .collect();
    totals(
        euro(),
        TaxMode::Inclusive,
        &lines,
        &Terms::default().promotions,
        at(NOW),
    )
    .unwrap()
}

fn allot(feed: &mut Feed, of: &str, item: &str, pieces: u64) {
    let row = Allotment {
        device: DeviceId::parse(of).unwrap(),
        store: StoreId::parse("1").unwrap(),
        sku: sku(item),
        pieces,
    };
    put(
        feed,
        kind::ALLOTMENT,
        &Allotment::entity_id(&row.device, &row.sku),
        &row,
    );
}

fn receipt(sold: &Sold) -> String {
    match sold {
        Sold::Kept(sale) | Sold::Before(sale) => sale.order.receipt.as_ref().unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}

fn cart_with(feed: &mut Feed, id: &str, pieces: u32) -> Cart {
    let mut cart = Cart::open(opening(id, None));
    let n: u64 = id.trim_start_matches("k-").parse().unwrap();
    cart.apply(&Entry::Command(adds(n, "boots", pieces)));
    put_cart(feed, &cart);
    cart
}

#[test]
fn i01_a_sale_is_durable_once_with_its_number_and_only_from_what_was_allotted() {
    let (home, mut feed) = granted();
    let (one, two) = (
        cart_with(&mut feed, "k-1", 2),
        cart_with(&mut feed, "k-2", 2),
    );
    let three = cart_with(&mut feed, "k-3", 1);
    allot(&mut feed, "d-1", "boots", 3);
    allot(&mut feed, "d-10", "boots", 50);
    allot(&mut feed, "d-2", "boots", 50);
    home.pull(&mut feed);
    let first = sell(&home.replica, &one, 1, 2);
    assert!(matches!(first, Sold::Kept(_)));
    assert_eq!(receipt(&first), "1-003-20260517-500000");
    assert!(matches!(
        shown(&home, "k-1").cart.status,
        Status::Ordered { .. }
    ));
    let home = home.reopen();
    let again = sell(&home.replica, &one, 2, 2);
    assert!(
        matches!(&again, Sold::Before(_)),
        "a second tap sells nothing: {again:?}"
    );
    assert_eq!(receipt(&again), receipt(&first));
    let left = BTreeMap::from([(sku("boots"), 1)]);
    assert_eq!(home.replica.allotted(&device()).unwrap(), left);
    assert_eq!(sell(&home.replica, &two, 3, 2), Sold::TooFew { left });
    assert_eq!(
        home.replica.standing().unwrap().unsent,
        1,
        "nothing was kept"
    );
    assert_eq!(
        receipt(&sell(&home.replica, &three, 4, 1)),
        "1-003-20260517-500001"
    );
    let waits = home
        .replica
        .cart_order("1-003-20260517-500001")
        .unwrap()
        .unwrap();
    assert_eq!(
        (waits.order.cart, waits.state),
        (cart_id("k-3"), Delivery::Kept)
    );
}

#[test]
fn a_sale_counts_against_the_allotment_until_its_answer_and_then_never_twice() {
    let (home, mut feed) = granted();
    let mut cart = cart_with(&mut feed, "k-1", 2);
    allot(&mut feed, "d-1", "boots", 3);
    home.pull(&mut feed);
    let Sold::Kept(sale) = sell(&home.replica, &cart, 1, 2) else {
        panic!("sold")
    };
    let left = || {
        home.replica
            .allotted(&device())
            .unwrap()
            .get(&sku("boots"))
            .copied()
    };
    assert_eq!(left(), Some(1));
    // A page that ends between the writes of one decision.
    put(
        &mut feed,
        kind::CART_ORDER,
        sale.order.id.as_str(),
        &sale.order,
    );
    feed.confirming("sale-1");
    home.pull(&mut feed);
    assert_eq!(left(), Some(1), "its pieces are not told yet");
    home.replica
        .settle(&decided(1, CommandStatus::Applied, Some(5)))
        .unwrap();
    assert_eq!(left(), Some(1));
    cart.status = Status::Ordered {
        order: sale.order.id.clone(),
    };
    put_cart(&mut feed, &cart);
    allot(&mut feed, "d-1", "boots", 1);
    feed.last_cseq = 1;
    home.pull(&mut feed);
    assert_eq!(left(), Some(1));
    let there = home
        .replica
        .cart_order(sale.order.id.as_str())
        .unwrap()
        .unwrap();
    assert_eq!((there.order, there.state), (sale.order, Delivery::Sent));
}

#[test]
fn a_device_that_forgot_its_numbers_sees_them_in_the_feed() {
    let (home, mut feed) = granted();
    let (one, two) = (
        cart_with(&mut feed, "k-1", 1),
        cart_with(&mut feed, "k-2", 1),
    );
    allot(&mut feed, "d-1", "boots", 9);
    home.pull(&mut feed);
    let Sold::Kept(sale) = sell(&home.replica, &one, 1, 1) else {
        panic!("sold")
    };
    let (restored, mut feed) = granted();
    put(
        &mut feed,
        kind::CART_ORDER,
        sale.order.id.as_str(),
        &sale.order,
    );
    allot(&mut feed, "d-1", "boots", 9);
    put_cart(&mut feed, &two);
    restored.pull(&mut feed);
    assert_eq!(
        receipt(&sell(&restored.replica, &two, 2, 1)),
        "1-003-20260517-500001"
    );
}
