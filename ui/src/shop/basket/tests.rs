use super::*;
use crate::shop::stamp::counted;
use domain::api::cart::{BatchAnswer, CartView, CommandResult};
use domain::cart::{Departure, Entry};
use serde_json::json;

fn view(sku: &str, minor: i64) -> ItemView {
    serde_json::from_value(json!({
        "item": {"sku": sku, "title": sku, "department": "home"},
        "price": {"sku": sku, "amount": {"minor": minor, "currency": "EUR"}, "valid_from": "2026-01-01T00:00:00Z"},
        "on_hand": 3}))
    .unwrap()
}

fn store() -> StoreId {
    StoreId::parse("1").unwrap()
}

fn now() -> chrono::DateTime<chrono::Utc> {
    "2026-05-17T10:00:00Z".parse().unwrap()
}

/// The cloud's side, as it decides.
struct Cloud(Cart);

impl Cloud {
    fn begin(basket: &Basket) -> Self {
        match basket.errand() {
            Some(Errand::Begin(create)) => Self(Cart::open(create.opening)),
            other => panic!("nothing begins: {other:?}"),
        }
    }

    fn view(&self) -> CartView {
        let totals = Terms::default().totals(&self.0, |_| None, now());
        CartView {
            cart: self.0.clone(),
            totals: totals.unwrap(),
        }
    }

    fn decide(&mut self, errand: Option<Errand>) -> BatchAnswer {
        let Some(Errand::Commands(_, batch)) = errand else {
            panic!("nothing is sent: {errand:?}");
        };
        let decide = |command: CartCommand| CommandResult {
            id: command.id.clone(),
            outcome: self.0.apply(&Entry::Command(command)).outcome,
        };
        let results = batch.commands.into_iter().map(decide).collect();
        let view = self.view();
        BatchAnswer { results, view }
    }
}

fn filled() -> (Basket, Cloud) {
    let mut basket = Basket::default();
    assert!(basket.add(&view("lamp", 1_290), &store(), counted(1)));
    let mut cloud = Cloud::begin(&basket);
    basket.began(cloud.view());
    basket.answered(cloud.decide(basket.errand()));
    assert_eq!(basket.errand(), None);
    (basket, cloud)
}

#[test]
fn what_she_does_shows_at_once_and_is_said_in_order() {
    let mut basket = Basket::default();
    assert_eq!(basket.errand(), None, "an empty cart is not worth a call");
    basket.add(&view("lamp", 1_290), &store(), counted(1));
    basket.add(&view("lamp", 1_290), &store(), counted(2));
    basket.add(&view("mug", 500), &store(), counted(3));
    assert_eq!((basket.pieces(), basket.unsent()), (3, 3));
    assert_eq!(basket.lines().len(), 2, "one item is one line");
    let mut cloud = Cloud::begin(&basket);
    basket.began(cloud.view());
    assert_eq!(basket.pieces(), 3, "what waits lies on what the cloud has");
    basket.answered(cloud.decide(basket.errand()));
    assert_eq!((basket.pieces(), basket.unsent()), (3, 0));
    assert_eq!(cloud.0.counted().count(), 2);
}

#[test]
fn an_answer_that_was_lost_changes_nothing_when_it_is_asked_for_again() {
    let (mut basket, mut cloud) = filled();
    let line = basket.lines()[0].id.clone();
    basket.step(&line, 1, counted(2));
    let sent = basket.errand();
    cloud.decide(sent.clone());
    assert_eq!(basket.errand(), sent, "it is said again in the same words");
    basket.answered(cloud.decide(sent));
    assert_eq!((basket.pieces(), cloud.0.lines[0].quantity()), (2, 2));
}

#[test]
fn a_reload_keeps_everything() {
    let (mut basket, _) = filled();
    basket.add(&view("mug", 500), &store(), counted(2));
    assert_eq!(Basket::read(&basket.write()), basket);
    assert_eq!(Basket::read("{]"), Basket::default());
}

#[test]
fn the_last_piece_takes_the_line_and_it_can_come_back() {
    let (mut basket, mut cloud) = filled();
    let line = basket.lines()[0].clone();
    assert!(basket.step(&line.id, -1, counted(2)));
    assert_eq!(basket.pieces(), 0);
    assert!(basket.put_back(&line, counted(3)));
    assert_eq!(basket.pieces(), 1);
    basket.answered(cloud.decide(basket.errand()));
    assert_eq!(cloud.0.counted().count(), 1);
    assert_eq!(basket.pieces(), 1);
}

#[test]
fn a_line_and_a_cart_are_bounded() {
    let (mut basket, _) = filled();
    let line = basket.lines()[0].id.clone();
    assert!(basket.step(&line, i32::try_from(PIECES_MAX).unwrap() - 1, counted(2)));
    assert!(!basket.step(&line, 1, counted(3)));
    let unpriced: ItemView = serde_json::from_value(json!({
        "item": {"sku": "x", "title": "x", "department": "home"}, "price": null, "on_hand": 3}))
    .unwrap();
    assert!(!basket.add(&unpriced, &store(), counted(4)));
    assert_eq!(basket.pieces(), PIECES_MAX);
}

#[test]
fn a_sum_is_the_clouds_where_it_knows_everything_and_else_on_the_terms_of_the_store() {
    let (mut basket, _) = filled();
    let terms: Terms = serde_json::from_value(json!({"tax": "inclusive", "rate": 0, "promotions": [{
        "id": "tenth", "title": "A tenth", "priority": 1, "target": {"type": "departments", "departments": ["home"]},
        "benefit": {"type": "percent_off", "rate": 100_000},
        "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}]}))
    .unwrap();
    let home = |_: &Sku| DepartmentId::parse("home").ok();
    let sum = basket.sum(&terms, home, now()).unwrap();
    assert!(sum.settled && sum.totals.total.minor == 1_290);
    basket.add(&view("mug", 500), &store(), counted(2));
    let sum = basket.sum(&terms, home, now()).unwrap();
    assert_eq!((sum.settled, sum.totals.total.minor), (false, 1_611));
    let elsewhere = basket.sum(&terms, |_| None, now()).unwrap();
    assert_eq!(elsewhere.totals.total.minor, 1_790);
}

#[test]
fn old_news_changes_nothing() {
    let (mut basket, mut cloud) = filled();
    let old = cloud.view();
    let line = basket.lines()[0].id.clone();
    basket.step(&line, 1, counted(2));
    basket.answered(cloud.decide(basket.errand()));
    basket.saw(old);
    assert_eq!(basket.pieces(), 2);
}

#[test]
fn what_is_refused_is_told_and_does_not_wait() {
    let (mut basket, mut cloud) = filled();
    let line = basket.lines()[0].clone();
    let gone = CartCommand {
        id: counted(9).command,
        by: counted(9).by,
        issued_at_device: now(),
        action: Action::RemoveLine {
            line_id: line.id.clone(),
            observed: line.observed(),
        },
    };
    cloud.0.apply(&Entry::Command(gone));
    basket.step(&line.id, 1, counted(2));
    basket.answered(cloud.decide(basket.errand()));
    assert_eq!(basket.unsent(), 0);
    assert_eq!(basket.turned()[0].refusal, Refusal::LineGone);
    basket.has_read();
    assert!(basket.turned().is_empty());
}

#[test]
fn her_name_is_on_what_she_did_before_she_had_one() {
    let mut basket = Basket::default();
    basket.add(&view("lamp", 1_290), &store(), counted(1));
    let device = DeviceId::parse("d-77").unwrap();
    basket.adopt(&device, None, &store());
    assert!(
        basket
            .waiting
            .iter()
            .all(|command| command.by.device == device)
    );
}

#[test]
fn a_sign_in_joins_her_carts_and_can_be_undone() {
    let (mut basket, mut guest) = filled();
    let merge = counted(20).command;
    basket.join(merge.clone());
    basket.join(counted(21).command);
    assert_eq!(
        basket.errand(),
        Some(Errand::Join(basket.id().cloned(), merge.clone())),
        "a second try is the same merge"
    );
    let mut hers = Cart::open(Opening {
        id: CartId::parse("hers").unwrap(),
        store: store(),
        currency: "EUR".parse().unwrap(),
        customer: None,
    });
    let (absorbed, departed) = domain::cart::merge(&hers, &guest.0, &merge).unwrap();
    hers.apply(&Entry::Absorb(absorbed));
    guest.0.apply(&Entry::Depart(departed));
    let from = basket.id().cloned().unwrap();
    basket.joined(Cloud(hers).view());
    assert_eq!(basket.id().unwrap().as_str(), "hers");
    assert_eq!(basket.pieces(), 1);
    assert_eq!(basket.merged(), Some(&Merged { id: merge, from }));
    assert_eq!(basket.errand(), None);
}

#[test]
fn a_cart_that_went_into_another_is_followed() {
    let (mut basket, mut cloud) = filled();
    let into = CartId::parse("there").unwrap();
    cloud.0.apply(&Entry::Depart(Departure {
        merge: counted(8).command,
        into: into.clone(),
        version: cloud.0.version,
        lines: std::collections::BTreeMap::new(),
    }));
    basket.saw(cloud.view());
    assert_eq!(basket.errand(), Some(Errand::Follow(into)));
}

#[test]
fn another_cart_leaves_this_one_where_it_can_be_found() {
    let (mut basket, _) = filled();
    let mut other = Cart::open(Opening {
        id: CartId::parse("other").unwrap(),
        store: store(),
        currency: "EUR".parse().unwrap(),
        customer: None,
    });
    other.version = 3;
    let other = CartView {
        cart: other,
        totals: None,
    };
    basket.add(&view("mug", 500), &store(), counted(2));
    assert!(!basket.turn_to(other.clone()), "something waits");
    let (mut basket, _) = filled();
    assert!(basket.turn_to(other));
    assert_eq!(basket.parked().len(), 1);
    assert_eq!(basket.pieces(), 0);
}

#[test]
fn a_cart_that_is_lost_is_built_anew_with_other_ids() {
    let (mut basket, _) = filled();
    let before = basket.id().cloned();
    let count = std::cell::Cell::new(30);
    basket.rebuild(|| {
        count.set(count.get() + 1);
        Some(counted(count.get()))
    });
    assert_ne!(basket.id().cloned(), before);
    assert_eq!((basket.pieces(), basket.unsent()), (1, 1));
    assert!(matches!(basket.errand(), Some(Errand::Begin(_))));
}
