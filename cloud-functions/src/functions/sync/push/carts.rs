//! Carts that are begun and changed by commands of devices.

use super::tests::{Tablet, add, command_with, faulty, note, of, of_kind, rejected, tablet};
use crate::carts;
use crate::feed;
use crate::testing::shop::{Shop, as_device, store};
use domain::api::identity::DeviceKind;
use domain::api::sync::{Command, CommandStatus, Cursor, PushResponse, Scope, command as kinds};
use domain::cart::{Cart, CheckoutTurn, Entry, NoticeKind, Status};
use domain::ids::{CartId, CommandId};
use domain::money::{Currency, Money};
use serde_json::{Value, json};

const APPLIED: (CommandStatus, &str) = (CommandStatus::Applied, "-");

pub(super) fn begin(cseq: u64, cart: &str) -> Command {
    let args = json!({"id": cart, "store": "1", "currency": "EUR"});
    command_with(cseq, kinds::CART_BEGIN, 1, &args)
}

impl Tablet {
    fn changed_by(&self, cseq: u64, cart: &str, by: &Value, action: &Value) -> Command {
        let args = json!({"cart": cart, "command": {"id": format!("k-{cseq}"), "by": by, "issued_at_device": "1970-01-01T00:00:00Z", "action": action}});
        command_with(cseq, kinds::CART_CHANGE, 1, &args)
    }

    pub(super) fn changed(&self, cseq: u64, cart: &str, action: &Value) -> Command {
        let channel = match self.device.kind {
            DeviceKind::Tablet => "tablet",
            DeviceKind::Kiosk => "kiosk",
        };
        let by = json!({"channel": channel, "device": self.device.device});
        self.changed_by(cseq, cart, &by, action)
    }

    fn added(&self, cseq: u64, cart: &str, line: &str) -> Command {
        self.changed(cseq, cart, &new_line(line, 1))
    }

    pub(super) async fn cart(&self, id: &str) -> Option<Cart> {
        let ledger = &*self.shop.bench.services.ledger;
        let id = CartId::parse(id).unwrap();
        let row = carts::lookup(ledger, &id).await.unwrap();
        row.map(|row| row.value)
    }

    /// Writes what an entry makes of a cart, as other channels do.
    pub(super) async fn turn(&self, id: &str, entry: &Entry) -> Cart {
        let services = &self.shop.bench.services;
        let id = CartId::parse(id).unwrap();
        let before = carts::lookup(&*services.ledger, &id)
            .await
            .unwrap()
            .unwrap();
        let mut after = before.value.clone();
        after.apply(entry);
        assert_ne!(after, before.value, "{entry:?}");
        let moved = [carts::cart_move(Some(&before), &after).unwrap()];
        feed::publish(&*services.ledger, &services.poke, &moved, &[])
            .await
            .unwrap();
        after
    }

    async fn told(&self) -> Vec<domain::api::sync::Change> {
        let ledger = &*self.shop.bench.services.ledger;
        let scope = Scope::carts(&store("1"));
        feed::read_after(ledger, &scope, Cursor::default(), 1_000)
            .await
            .unwrap()
    }
}

pub(super) fn new_line(line: &str, quantity: u32) -> Value {
    json!({"type": "add_line", "line_id": line, "sku": format!("sku-{line}"), "quantity": quantity, "price": {"unit": {"minor": 100, "currency": "EUR"}, "version": 1, "source": {"type": "list", "list": "default"}}})
}

fn more(line: &str, delta: i32) -> Value {
    json!({"type": "change_quantity", "line_id": line, "delta": delta})
}

fn shown(cart: &Cart) -> Vec<(&str, u32)> {
    cart.counted()
        .map(|line| (line.id.as_str(), line.quantity()))
        .collect()
}

fn all_applied(response: &PushResponse) {
    for result in &response.results {
        assert_eq!(rejected(result), APPLIED, "{result:?}");
    }
}

#[tokio::test]
async fn a_cart_of_sixty_commands_takes_one_write_and_repeats_change_nothing() {
    let (tablet, ledger) = faulty().await;
    ledger.next_writes(&[None; 60]);
    let mut commands = vec![begin(1, "k")];
    commands.extend((2..=60).map(|cseq| tablet.added(cseq, "k", &format!("l-{cseq}"))));
    let response = tablet.push(commands.clone()).await;
    all_applied(&response);
    assert!(ledger.writes_left() >= 58, "{} left", ledger.writes_left());
    let told = tablet.told().await;
    assert_eq!(told.len(), 1, "one entry for all of them");
    let scope = Scope::carts(&store("1"));
    for result in &response.results {
        assert_eq!(result.seqs, [(scope.clone(), 1)].into());
    }
    let cart = tablet.cart("k").await.unwrap();
    assert_eq!((cart.lines.len(), cart.version), (59, 59));
    let again = tablet.push(commands.clone()).await;
    assert!(
        again
            .results
            .iter()
            .all(|r| r.status == CommandStatus::Duplicate)
    );
    let renumbered = commands.into_iter().map(|command| Command {
        cseq: command.cseq + 60,
        ..command
    });
    all_applied(&tablet.push(renumbered.collect()).await);
    assert_eq!(tablet.cart("k").await.unwrap(), cart);
    assert_eq!(tablet.told().await.len(), 1);
}

#[tokio::test]
async fn carts_and_notes_go_together_and_one_by_one_the_same_is_decided() {
    let (together, alone) = (tablet().await, tablet().await);
    let commands = |tablet: &Tablet| {
        vec![
            begin(1, "k"),
            tablet.added(2, "k", "a"),
            add(3, &note(1)),
            tablet.changed(4, "k", &more("a", 4)),
            tablet.changed(5, "k", &more("none", 1)),
            begin(6, "other"),
            tablet.added(7, "other", "b"),
            tablet.changed(8, "k", &more("a", -2)),
        ]
    };
    let response = together.push(commands(&together)).await;
    let mut expected = Vec::new();
    for command in commands(&alone) {
        expected.push(alone.decided(command).await);
    }
    for (one, other) in response.results.iter().zip(&expected) {
        assert_eq!(rejected(one), rejected(other));
    }
    assert_eq!(
        rejected(&response.results[4]),
        (CommandStatus::Rejected, "cart-line-unknown")
    );
    for id in ["k", "other"] {
        let (one, other) = (together.cart(id).await, alone.cart(id).await);
        assert_eq!(shown(&one.unwrap()), shown(&other.unwrap()));
    }
    assert_eq!(shown(&together.cart("k").await.unwrap()), [("a", 3)]);
}

#[tokio::test]
async fn what_comes_during_and_after_a_checkout_is_held_and_follows() {
    let tablet = tablet().await;
    all_applied(
        &tablet
            .push(vec![begin(1, "k"), tablet.added(2, "k", "a")])
            .await,
    );
    let device = tablet.device.device.clone();
    let now = tablet.shop.bench.services.clock.now();
    let cart = tablet.cart("k").await.unwrap();
    let lease = cart
        .lease
        .claim(&device, domain::cart::Channel::Tablet, now);
    let cart = tablet.turn("k", &Entry::Lease(lease.unwrap())).await;
    let turn = CheckoutTurn::Begin {
        device,
        fence: cart.lease.fence,
        version: cart.version,
        total: Money::new(0, Currency::EUR),
        at: now,
        reserved_until: now + chrono::TimeDelta::minutes(5),
    };
    tablet.turn("k", &Entry::Checkout(turn)).await;
    all_applied(
        &tablet
            .push(vec![tablet.changed(3, "k", &more("a", 2))])
            .await,
    );
    let held = tablet.cart("k").await.unwrap();
    assert_eq!((shown(&held), held.held.len()), (vec![("a", 1)], 1));
    let order = held.order_id();
    let turn = CheckoutTurn::Complete { order };
    let ordered = tablet.turn("k", &Entry::Checkout(turn)).await;
    assert_eq!(
        (ordered.generation, ordered.counted().count()),
        (2, 1),
        "what was held begins the next"
    );
    all_applied(&tablet.push(vec![tablet.added(4, "k", "late")]).await);
    let next = tablet.cart("k").await.unwrap();
    assert_eq!(next.counted().map(|l| l.quantity()).sum::<u32>(), 3);
}

#[tokio::test]
async fn what_comes_late_follows_a_cart_into_another_and_counts_once() {
    let tablet = tablet().await;
    let response = tablet.push(vec![
        begin(1, "guest"),
        tablet.added(2, "guest", "a"),
        begin(3, "hers"),
    ]);
    all_applied(&response.await);
    let merge = CommandId::parse("m").unwrap();
    let (target, source) = (tablet.cart("hers").await, tablet.cart("guest").await);
    let (absorb, depart) = domain::cart::merge(&target.unwrap(), &source.unwrap(), &merge).unwrap();
    tablet.turn("hers", &Entry::Absorb(absorb)).await;
    tablet.turn("guest", &Entry::Depart(depart)).await;
    let late = || {
        vec![
            tablet.changed(4, "guest", &more("a", 2)),
            tablet.added(5, "guest", "b"),
        ]
    };
    all_applied(&tablet.push(late()).await);
    let hers = tablet.cart("hers").await.unwrap();
    let quantities: Vec<u32> = hers.counted().map(|line| line.quantity()).collect();
    assert_eq!(quantities, [3, 1]);
    tablet.push(late()).await;
    assert_eq!(tablet.cart("hers").await.unwrap(), hers);
    let named = tablet.told().await;
    let named = named
        .iter()
        .filter(|c| c.command.as_ref().is_some_and(|id| id.as_str() == "k-5"));
    assert_eq!(named.count(), 1, "one effect of each command");
}

#[tokio::test]
async fn a_kiosk_changes_carts_and_nothing_else() {
    let kiosk = of_kind(Shop::open().await, DeviceKind::Kiosk).await;
    let hers = json!({"id": "hers", "store": "1", "currency": "EUR", "customer": "c-1"});
    let sell = command_with(5, kinds::CART_SELL, 1, &json!({}));
    let commands = vec![
        begin(1, "k"),
        kiosk.added(2, "k", "a"),
        add(3, &note(1)),
        command_with(4, kinds::CART_BEGIN, 1, &hers),
        sell,
    ];
    let response = kiosk.push(commands).await;
    let codes: Vec<_> = response.results.iter().map(|r| rejected(r).1).collect();
    assert_eq!(
        codes,
        [
            "-",
            "-",
            "kind-forbidden",
            "cart-another-customer",
            "kind-forbidden"
        ]
    );
    assert_eq!(shown(&kiosk.cart("k").await.unwrap()), [("a", 1)]);
}

#[tokio::test]
async fn what_another_device_did_comes_only_with_a_tablet_of_its_store() {
    let shop = Shop::open().await;
    let kiosk = shop.enrol("1", DeviceKind::Kiosk).await;
    let stranger = shop.enrol("2", DeviceKind::Tablet).await;
    let tablet = of(shop).await;
    tablet.push(vec![begin(1, "k")]).await;
    let by = |device: &str, channel: &str| json!({"channel": channel, "device": device});
    let cases = [
        (by(kiosk.device.as_str(), "kiosk"), "-"),
        (by(kiosk.device.as_str(), "tablet"), "author-unknown"),
        (by(stranger.device.as_str(), "tablet"), "author-unknown"),
        (by("nobody", "tablet"), "author-unknown"),
        (by(tablet.device.device.as_str(), "phone"), "author-unknown"),
    ];
    for (cseq, (by, code)) in (2..).zip(cases) {
        let command = tablet.changed_by(cseq, "k", &by, &new_line(&format!("l-{cseq}"), 1));
        let result = tablet.decided(command).await;
        assert_eq!(rejected(&result).1, code);
    }
    let services = &tablet.shop.bench.services;
    let mut request = tablet.request(vec![]);
    request.device = kiosk.device.clone();
    let by = json!({"channel": "tablet", "device": tablet.device.device});
    request.first_cseq = 1;
    request.commands = vec![tablet.changed_by(1, "k", &by, &new_line("x", 1))];
    let response = super::push(services, &as_device(&kiosk), &request).await;
    assert_eq!(
        rejected(&response.unwrap().results[0]).1,
        "author-unknown",
        "a kiosk speaks for itself"
    );
}

#[tokio::test]
async fn what_cannot_be_is_rejected_with_a_code() {
    let tablet = tablet().await;
    let foreign = json!({"id": "k", "store": "2", "currency": "EUR"});
    let pounds = json!({"id": "k", "store": "1", "currency": "GBP"});
    let mut cheap = new_line("a", 1);
    cheap["price"]["source"] = json!({"type": "agreed", "by": "a-1"});
    let mut other_id = tablet.added(9, "k", "z");
    other_id.id = CommandId::parse("elsewhere").unwrap();
    let cases = [
        (
            command_with(1, kinds::CART_BEGIN, 1, &foreign),
            "cart-elsewhere",
        ),
        (begin(2, "k"), "-"),
        (command_with(3, kinds::CART_BEGIN, 1, &pounds), "cart-taken"),
        (
            command_with(4, kinds::CART_BEGIN, 1, &json!({})),
            "cart-invalid",
        ),
        (
            command_with(5, kinds::CART_CHANGE, 1, &json!({})),
            "cart-invalid",
        ),
        (tablet.added(6, "none", "a"), "cart-unknown"),
        (tablet.changed(7, "k", &more("a", 0)), "cart-invalid"),
        (tablet.changed(8, "k", &cheap), "cart-invalid"),
        (other_id, "cart-invalid"),
    ];
    for (command, code) in cases {
        let result = tablet.decided(command).await;
        assert_eq!(rejected(&result).1, code, "{result:?}");
    }
    assert!(matches!(
        tablet.cart("k").await.unwrap().status,
        Status::Open
    ));
}

#[tokio::test]
async fn a_stale_quantity_is_told_to_everybody() {
    let tablet = tablet().await;
    let set = json!({"type": "set_quantity", "line_id": "a", "quantity": 7, "base_version": 1});
    let response = tablet.push(vec![
        begin(1, "k"),
        tablet.added(2, "k", "a"),
        tablet.changed(3, "k", &more("a", 1)),
        tablet.changed(4, "k", &set),
    ]);
    all_applied(&response.await);
    let cart = tablet.cart("k").await.unwrap();
    let told = &cart.notices.last().unwrap().kind;
    assert!(matches!(told, NoticeKind::StaleQuantity { now: 7, .. }));
}
