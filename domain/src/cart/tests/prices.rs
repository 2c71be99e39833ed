//! A checkout asks about prices that are not what the cart shows.

use super::fixture::*;
use crate::cart::*;
use crate::ids::{AssociateId, Sku};

fn changes(cart: &Cart, now: impl Fn(&Sku) -> Option<PriceSnapshot>) -> Vec<PriceChangeReason> {
    let changes = reprice(cart, now, noon());
    changes.into_iter().map(|change| change.reason).collect()
}

#[test]
fn only_what_costs_another_amount_is_asked_about() {
    let mut cart = held_cart("k");
    assert_eq!(changes(&cart, |_| Some(price(1_000, 1))), []);
    assert_eq!(changes(&cart, |_| Some(price(1_000, 2))), [], "same amount");
    let dearer = |sku: &Sku| Some(price(if sku.as_str() == "mug" { 1_100 } else { 1_000 }, 2));
    assert_eq!(changes(&cart, dearer), [PriceChangeReason::Moved]);
    assert_eq!(changes(&cart, |_| None), [PriceChangeReason::NotSold; 2]);
    let over = |_: &Sku| {
        let valid_until = Some(noon());
        Some(PriceSnapshot {
            valid_until,
            ..price(1_000, 1)
        })
    };
    assert_eq!(
        changes(&cart, over),
        [PriceChangeReason::NotSold; 2],
        "it may not be charged"
    );
    cart.lines[0].price.as_mut().unwrap().valid_until = Some(noon());
    cart.lines[1].price = None;
    let reasons = [PriceChangeReason::Expired, PriceChangeReason::NewlyPriced];
    assert_eq!(changes(&cart, |_| Some(price(900, 3))), reasons);
}

#[test]
fn an_agreed_price_does_not_move_with_a_list() {
    let mut cart = held_cart("k");
    let by = AssociateId::parse("a-1").unwrap();
    cart.lines[0].price.as_mut().unwrap().source = PriceSource::Agreed { by };
    assert_eq!(
        changes(&cart, |_| Some(price(2_000, 9))),
        [PriceChangeReason::Moved]
    );
}

#[test]
fn confirmed_prices_are_on_the_lines_and_everybody_is_told() {
    let mut cart = held_cart("k");
    let found = reprice(&cart, |_| Some(price(1_200, 2)), noon());
    let prices = found
        .into_iter()
        .map(|change| LinePrice {
            line_id: change.line_id,
            price: change.now.unwrap(),
        })
        .collect();
    let version = cart.version;
    assert_eq!(cart.apply(&Entry::Prices(prices)).outcome, Outcome::Applied);
    assert_eq!(
        cart.version,
        version + 1,
        "what was confirmed before is not what is sold now"
    );
    assert!(
        cart.lines
            .iter()
            .all(|line| line.price == Some(price(1_200, 2)))
    );
    assert_eq!(
        cart.notices.last().unwrap().kind,
        NoticeKind::PricesConfirmed { lines: 2 }
    );
    let (told, same) = (cart.notices.len(), cart.lines[0].id.clone());
    let price = price(1_200, 3);
    cart.apply(&Entry::Prices(vec![LinePrice {
        line_id: same,
        price,
    }]));
    assert_eq!(cart.notices.len(), told, "the same amount is no news");
    let mut bought = ordered("b");
    let late = bought.apply(&Entry::Prices(vec![]));
    assert_eq!(refusal(late.outcome), Refusal::NotOpen);
}
