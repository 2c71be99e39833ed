//! Each kind of promotion, by example.

use super::fixture::*;
use super::money::facts;
use crate::cart::*;
use crate::ids::{DepartmentId, PromotionId};
use crate::money::Currency;
use serde_json::json;

fn promotion(id: &str, priority: u32, benefit: Benefit) -> Promotion {
    Promotion {
        id: PromotionId::parse(id).unwrap(),
        title: id.to_owned(),
        priority,
        exclusive: false,
        target: Target::All,
        benefit,
        valid_from: noon(),
        valid_until: after(60),
    }
}

/// What is off each line of `(pieces, price)`.
fn off(lines: &[(u32, i64)], promotions: &[Promotion]) -> Vec<i64> {
    let raw: Vec<_> = lines
        .iter()
        .map(|(n, unit)| (*n, *unit, Rate(0), 0))
        .collect();
    let lines = facts(&raw, Currency::EUR);
    let sum = totals(
        Currency::EUR,
        TaxMode::Inclusive,
        &lines,
        promotions,
        noon(),
    )
    .unwrap();
    sum.lines.iter().map(|line| line.discount.minor).collect()
}

fn percent(percent: u32) -> Benefit {
    Benefit::PercentOff {
        rate: Rate::percent(percent),
    }
}

fn from(spend: i64, amount: i64) -> Benefit {
    Benefit::Threshold {
        spend: eur(spend),
        off: ThresholdBenefit::Amount {
            amount: eur(amount),
        },
    }
}

#[test]
fn a_share_is_rounded_on_the_line_and_an_amount_never_exceeds_the_price() {
    assert_eq!(
        off(&[(1, 999), (3, 333)], &[promotion("p", 1, percent(10))]),
        [100, 100]
    );
    let each = Benefit::AmountOff { each: eur(400) };
    assert_eq!(
        off(&[(2, 999), (3, 333)], &[promotion("p", 1, each)]),
        [800, 999]
    );
}

#[test]
fn of_each_full_group_the_cheapest_are_free() {
    let three_for_two = Benefit::NForM { take: 3, pay: 2 };
    let deal = [promotion("p", 1, three_for_two)];
    assert_eq!(off(&[(2, 500), (1, 300)], &deal), [0, 300]);
    assert_eq!(off(&[(1, 300), (3, 500), (2, 100)], &deal), [0, 500, 100]);
    assert_eq!(off(&[(2, 500)], &deal), [0], "no full group");
    assert_eq!(off(&[(7, 500)], &deal), [1_000]);
    let four_for_two = [promotion("p", 1, Benefit::NForM { take: 4, pay: 2 })];
    assert_eq!(
        off(&[(3, 500)], &four_for_two),
        [0],
        "three are no group of four"
    );
    assert_eq!(off(&[(7, 500)], &four_for_two), [1_000]);
    let lines = facts(&[(7, 500, Rate(0), 0)], Currency::EUR);
    let sum = totals(Currency::EUR, TaxMode::Inclusive, &lines, &deal, noon()).unwrap();
    let reason = Reason::NForM {
        take: 3,
        pay: 2,
        free: 2,
    };
    assert_eq!(sum.discounts[0].reason, reason);
}

#[test]
fn after_another_promotion_pieces_may_differ_by_a_minor_unit() {
    let half = promotion("half", 2, percent(50));
    let deal = promotion("deal", 1, Benefit::NForM { take: 3, pay: 2 });
    // 3 x 3.33 = 9.99, half is 5.00 (rounded), and 4.99 is 1.67 + 1.66 + 1.66.
    assert_eq!(off(&[(3, 333)], &[deal, half]), [500 + 166]);
}

#[test]
fn from_a_sum_on_the_whole_is_shared_by_what_lines_cost() {
    let ten_off = [promotion("p", 1, from(10_000, 1_000))];
    assert_eq!(off(&[(1, 9_999)], &ten_off), [0]);
    assert_eq!(
        off(&[(1, 5_000), (1, 5_000), (1, 5_000)], &ten_off),
        [334, 333, 333]
    );
    let more_than_all = [promotion("p", 1, from(0, 99_999))];
    assert_eq!(off(&[(1, 500), (2, 100)], &more_than_all), [500, 200]);
}

#[test]
fn the_higher_priority_comes_first_and_each_works_on_what_is_left() {
    let (first, then) = (
        promotion("a", 9, percent(50)),
        promotion("b", 1, from(600, 100)),
    );
    assert_eq!(
        off(&[(1, 1_000)], &[then.clone(), first.clone()]),
        [500],
        "500 are left"
    );
    let (then, first) = (
        Promotion {
            priority: 1,
            ..first
        },
        Promotion {
            priority: 9,
            ..then
        },
    );
    assert_eq!(off(&[(1, 1_000)], &[then, first]), [100 + 450]);
}

#[test]
fn an_exclusive_promotion_is_alone_on_its_lines() {
    let mut alone = promotion("alone", 5, percent(20));
    alone.exclusive = true;
    alone.target = Target::Skus {
        skus: [crate::ids::Sku::parse("s0").unwrap()].into(),
    };
    let all = promotion("all", 1, percent(10));
    assert_eq!(
        off(&[(1, 1_000), (1, 1_000)], &[alone.clone(), all.clone()]),
        [200, 100]
    );
    let earlier = Promotion { priority: 9, ..all };
    assert_eq!(
        off(&[(1, 1_000), (1, 1_000)], &[alone, earlier]),
        [100, 100],
        "touched before it came"
    );
}

#[test]
fn promotions_that_do_not_hold_are_not_applied() {
    let good = promotion("p", 1, percent(10));
    let ended = Promotion {
        valid_until: noon(),
        ..good.clone()
    };
    let over = Promotion {
        benefit: percent(101),
        ..good.clone()
    };
    let usd = crate::money::Money::new(100, Currency::USD);
    let foreign = Promotion {
        benefit: Benefit::AmountOff { each: usd },
        ..good.clone()
    };
    let departments = [DepartmentId::parse("elsewhere").unwrap()].into();
    let elsewhere = Promotion {
        target: Target::Departments { departments },
        ..good.clone()
    };
    for bad in [ended, over, foreign, elsewhere] {
        assert_eq!(
            off(&[(1, 1_000)], std::slice::from_ref(&bad)),
            [0],
            "{bad:?}"
        );
    }
    let group = Promotion {
        benefit: Benefit::NForM { take: 2, pay: 2 },
        ..good
    };
    assert_eq!(group.check(), Err(PromotionFault::Group));
}

#[test]
fn terms_that_would_be_misread_are_refused_with_the_place() {
    let good = json!({"tax": "inclusive", "rate": 190_000, "rates": {"books": 70_000}, "promotions": [
        {"id": "p", "title": "Ten off", "priority": 1, "target": {"type": "all"},
         "benefit": {"type": "amount_off", "each": {"minor": 1_000, "currency": "EUR"}},
         "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}]});
    let check = |terms: serde_json::Value| {
        let terms: Terms = serde_json::from_value(terms).unwrap();
        terms
            .check(Currency::EUR)
            .map_err(|refusal| refusal.pointer)
    };
    assert_eq!(check(good.clone()), Ok(()));
    let cases: [(&str, serde_json::Value, &str); 7] = [
        ("/rate", json!(1_000_001), "/rate"),
        ("/rates/books", json!(1_000_001), "/rates/books"),
        ("/promotions/0/title", json!(" "), "/promotions/0/title"),
        ("/promotions/0/title", json!("a\nb"), "/promotions/0/title"),
        (
            "/promotions/0/benefit/each/currency",
            json!("USD"),
            "/promotions/0/benefit",
        ),
        (
            "/promotions/0/valid_until",
            json!("2025-01-01T00:00:00Z"),
            "/promotions/0",
        ),
        (
            "/promotions",
            json!([good["promotions"][0], good["promotions"][0]]),
            "/promotions/1/id",
        ),
    ];
    for (place, value, pointer) in cases {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap() = value;
        assert_eq!(check(bad), Err(pointer.to_owned()));
    }
}
