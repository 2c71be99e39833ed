//! Sales that were made with the network down.

use super::fixture::*;
use crate::cart::*;
use crate::ids::OrderId;
use crate::money::Currency;
use std::collections::BTreeMap;

/// A sale of the cart as the device saw it.
fn sale(seen: &Cart) -> OfflineSale {
    let terms = Terms::default();
    let totals = terms.totals(seen, |_| None, noon()).unwrap().unwrap();
    assert_eq!(totals.total.currency, Currency::EUR);
    OfflineSale {
        order: CartOrder {
            id: seen.order_id(),
            cart: seen.opening.id.clone(),
            generation: seen.generation,
            receipt: None,
            store: seen.opening.store.clone(),
            customer: None,
            associate: None,
            channel: Channel::Tablet,
            placed_at: noon(),
            totals,
            payment: None,
            capture: None,
        },
        allotted: BTreeMap::new(),
    }
}

fn take(cart: &mut Cart, sale: &OfflineSale) -> SaleTaken {
    cart.take_sale(sale, &command_id("sell"))
}

fn told(cart: &Cart) -> &NoticeKind {
    &cart.notices.last().unwrap().kind
}

#[test]
fn a_cart_that_did_not_move_is_ordered_once() {
    let mut cart = held_cart("k");
    let sale = sale(&cart);
    assert_eq!(take(&mut cart, &sale), SaleTaken::OfCart);
    let order = order_id(&cart.opening.id, 1);
    assert_eq!(cart.status, Status::Ordered { order });
    let once = cart.clone();
    assert_eq!(take(&mut cart, &sale), SaleTaken::Before);
    assert_eq!(cart, once, "a repeat changes nothing");
    run(&mut cart, "late", change("a", 1));
    assert_eq!(shown(&cart), [("boots".to_owned(), 1)], "a follow-up");
}

#[test]
fn what_came_in_meanwhile_and_was_not_sold_is_left_over() {
    let mut cart = held_cart("k");
    let sale = sale(&cart);
    run(&mut cart, "more", change("a", 3));
    run(&mut cart, "new", new_line("c", "hat", 4));
    let gone = remove("b", "add-b", 1);
    run(&mut cart, "gone", gone);
    assert_eq!(take(&mut cart, &sale), SaleTaken::OfCart);
    assert_eq!(cart.status, Status::Open);
    assert_eq!(cart.generation, 2);
    assert_eq!(
        shown(&cart),
        [("boots".to_owned(), 3), ("hat".to_owned(), 4)]
    );
    assert!(cart.line(&line_id("c")).is_some(), "untouched");
    let sold: Vec<u32> = cart.sold.iter().map(|line| line.quantity).collect();
    assert_eq!(sold, [2]);
    run(&mut cart, "later", change("a", 1));
    assert_eq!(
        shown(&cart),
        [("boots".to_owned(), 4), ("hat".to_owned(), 4)],
        "on the same line"
    );
}

#[test]
fn i18_a_line_without_a_piece_can_still_be_asked_for_after_the_sale() {
    let mut cart = held_cart("k");
    run(&mut cart, "none", change("b", -1));
    let sale = sale(&cart);
    assert_eq!(take(&mut cart, &sale), SaleTaken::OfCart);
    assert_eq!(run(&mut cart, "late", change("b", 1)), Outcome::Applied);
    assert_eq!(shown(&cart), [("mug".to_owned(), 1)], "a follow-up");
}

#[test]
fn a_cart_that_was_sold_meanwhile_keeps_both_and_says_so() {
    let seen = held_cart("k");
    let mut cart = ordered("k");
    let version = cart.version;
    assert_eq!(take(&mut cart, &sale(&seen)), SaleTaken::Apart);
    let order = order_id(&cart.opening.id, 1);
    let other = OfflineSale::apart(&command_id("sell"));
    assert_eq!(*told(&cart), NoticeKind::SoldTwice { order, other });
    assert_eq!((cart.version, cart.orders.len()), (version + 1, 1));
}

#[test]
fn i04_a_checkout_without_money_gives_way_and_what_was_held_is_taken_up() {
    let seen = held_cart("k");
    let mut cart = held_cart("k");
    let begun = begin(&cart, "d-1", 1);
    turn(&mut cart, begun);
    run(&mut cart, "held", change("a", 3));
    assert_eq!(take(&mut cart, &sale(&seen)), SaleTaken::OfCart);
    assert_eq!((cart.generation, &cart.status), (2, &Status::Open));
    assert_eq!(shown(&cart), [("boots".to_owned(), 3)], "left over");
    assert!(cart.held.is_empty());
    let past: Vec<_> = cart.orders.iter().map(|past| &past.order).collect();
    assert_eq!(past, [&order_id(&cart.opening.id, 1)]);
}

#[test]
fn a_payment_under_way_and_a_merge_are_not_disturbed() {
    let seen = held_cart("k");
    let mut paying = held_cart("k");
    let begun = begin(&paying, "d-1", 1);
    turn(&mut paying, begun);
    turn(&mut paying, CheckoutTurn::Pay { at: noon() });
    assert_eq!(take(&mut paying, &sale(&seen)), SaleTaken::Apart);
    assert!(matches!(paying.status, Status::Checkout(_)));
    assert!(matches!(told(&paying), NoticeKind::SoldTwice { .. }));
    let (mut gone, hers) = (held_cart("k"), cart("hers"));
    let (_, departure) = merge(&hers, &gone, &command_id("m")).unwrap();
    gone.apply(&Entry::Depart(departure));
    assert_eq!(take(&mut gone, &sale(&seen)), SaleTaken::Apart);
    assert!(matches!(gone.status, Status::Merged(_)));
    assert!(matches!(told(&gone), NoticeKind::SoldApart { .. }));
}

#[test]
fn an_order_of_another_id_or_generation_is_never_the_carts() {
    let mut cart = held_cart("k");
    let mut foreign = sale(&cart);
    foreign.order.id = OrderId::parse("mine").unwrap();
    assert_eq!(take(&mut cart, &foreign), SaleTaken::Apart);
    assert_eq!(cart.status, Status::Open);
    assert_eq!(cart.counted().count(), 2, "nothing is taken away");
}
