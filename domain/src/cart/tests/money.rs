//! I23: money is conserved to the minor unit, through discounts, tax, shares and returns.

use super::fixture::*;
use crate::cart::*;
use crate::ids::{DepartmentId, PromotionId, RefundId, Sku};
use crate::money::{Currency, Money};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "JPY", "KWD"]).prop_map(|code| code.parse().unwrap())
}

fn rate() -> impl Strategy<Value = Rate> {
    prop::sample::select(vec![0, 70_000, 88_750, 190_000, 255_000]).prop_map(Rate)
}

type Raw = (u32, i64, Rate, u8);

fn raw_lines() -> impl Strategy<Value = Vec<Raw>> {
    prop::collection::vec((1_u32..40, 0_i64..30_000, rate(), 0_u8..3), 0..8)
}

pub(super) fn facts(raw: &[Raw], currency: Currency) -> Vec<LineFacts> {
    let line = |(n, (quantity, unit, tax, department)): (usize, &Raw)| LineFacts {
        line_id: line_id(&format!("l{n}")),
        sku: Sku::parse(format!("s{n}")).unwrap(),
        department: Some(DepartmentId::parse(format!("dep{department}")).unwrap()),
        quantity: *quantity,
        unit: Money::new(*unit, currency),
        tax: *tax,
    };
    raw.iter().enumerate().map(line).collect()
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::All),
        (0_u8..3).prop_map(|n| Target::Departments {
            departments: [DepartmentId::parse(format!("dep{n}")).unwrap()].into(),
        }),
        (0_u8..8).prop_map(|n| Target::Skus {
            skus: [Sku::parse(format!("s{n}")).unwrap()].into(),
        }),
    ]
}

fn benefit(currency: Currency) -> impl Strategy<Value = Benefit> {
    let money = move |minor| Money::new(minor, currency);
    prop_oneof![
        (0_u32..=1_000_000).prop_map(|ppm| Benefit::PercentOff { rate: Rate(ppm) }),
        (0_i64..20_000).prop_map(move |minor| Benefit::AmountOff { each: money(minor) }),
        (2_u32..5, 0_u32..4)
            .prop_filter("fewer are paid", |(take, pay)| pay < take)
            .prop_map(|(take, pay)| Benefit::NForM { take, pay }),
        (0_i64..100_000, 0_i64..50_000).prop_map(move |(spend, off)| Benefit::Threshold {
            spend: money(spend),
            off: ThresholdBenefit::Amount { amount: money(off) },
        }),
        (0_i64..100_000, 0_u32..=1_000_000).prop_map(move |(spend, ppm)| Benefit::Threshold {
            spend: money(spend),
            off: ThresholdBenefit::Percent { rate: Rate(ppm) },
        }),
    ]
}

fn promotions(currency: Currency) -> impl Strategy<Value = Vec<Promotion>> {
    let one = (target(), benefit(currency), 0_u32..4, any::<bool>());
    prop::collection::vec(one, 0..5).prop_map(|list| {
        let promotion = |(n, (target, benefit, priority, exclusive))| Promotion {
            id: PromotionId::parse(format!("p{n}")).unwrap(),
            title: format!("Promotion {n}"),
            priority,
            exclusive,
            target,
            benefit,
            valid_from: noon(),
            valid_until: after(60),
        };
        list.into_iter().enumerate().map(promotion).collect()
    })
}

fn mode() -> impl Strategy<Value = TaxMode> {
    prop_oneof![Just(TaxMode::Inclusive), Just(TaxMode::Exclusive)]
}

prop_compose! {
    fn sale()(currency in currency())(
        lines in raw_lines(),
        promotions in promotions(currency),
        mode in mode(),
        currency in Just(currency),
    ) -> Totals {
        totals(currency, mode, &facts(&lines, currency), &promotions, noon()).unwrap()
    }
}

fn minor(list: impl Iterator<Item = Money>) -> i64 {
    list.map(|money| money.minor).sum()
}

fn order(totals: Totals) -> CartOrder {
    let capture = Capture {
        amount: totals.total,
        reference: "r".into(),
        brand: None,
        last_four: None,
    };
    let opening = opening("k");
    let id = order_id(&opening.id, 1);
    CartOrder {
        payment: Some(payment_key(&id, 1)),
        id,
        cart: opening.id,
        generation: 1,
        receipt: None,
        store: opening.store,
        customer: None,
        associate: None,
        channel: Channel::Tablet,
        placed_at: noon(),
        totals,
        capture: Some(capture),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn shares_add_up_and_none_is_larger_than_its_weight(
        amount in 0_i64..1_000_000,
        weights in prop::collection::vec(0_i64..1_000_000, 1..20),
    ) {
        let parts = share(amount, &weights);
        prop_assert_eq!(parts.iter().sum::<i64>(), amount);
        let total: i64 = weights.iter().sum();
        if amount <= total {
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| part <= weight));
        }
        if total > 0 {
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = i128::from(amount) * i128::from(*weight);
                let off = i128::from(*part) * i128::from(total) - exact;
                prop_assert!(off.abs() < i128::from(total), "less than a minor unit off");
            }
        }
        let back: Vec<i64> = share(-amount, &weights).iter().map(|part| -part).collect();
        prop_assert_eq!(back, parts, "what is given back is shared as what was taken");
    }

    #[test]
    fn i23_totals_conserve_money(totals in sale()) {
        let lines = || totals.lines.iter();
        prop_assert_eq!(minor(lines().map(|l| l.goods)), totals.goods.minor);
        prop_assert_eq!(minor(lines().map(|l| l.discount)), totals.discount.minor);
        prop_assert_eq!(minor(totals.discounts.iter().map(|d| d.amount)), totals.discount.minor);
        prop_assert_eq!(minor(lines().map(|l| l.tax)), totals.tax.minor);
        prop_assert_eq!(minor(totals.taxes.iter().map(|t| t.tax)), totals.tax.minor);
        prop_assert_eq!(minor(lines().map(|l| l.total)), totals.total.minor);
        let on_top = match totals.mode {
            TaxMode::Inclusive => 0,
            TaxMode::Exclusive => totals.tax.minor,
        };
        let expected = totals.goods.minor - totals.discount.minor + on_top;
        prop_assert_eq!(totals.total.minor, expected);
        let net_and_tax = minor(totals.taxes.iter().map(|t| t.net)) + totals.tax.minor;
        prop_assert_eq!(net_and_tax, totals.total.minor);
        for line in lines() {
            prop_assert!(0 <= line.discount.minor && line.discount.minor <= line.goods.minor);
            prop_assert!(0 <= line.tax.minor && line.tax.minor <= line.total.minor);
        }
        prop_assert!(totals.discounts.iter().all(|d| d.amount.minor > 0), "each with its reason");
    }

    #[test]
    fn i23_returns_in_any_parts_give_back_what_was_paid_and_no_more(
        totals in sale(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_u32..12), 0..60),
    ) {
        let order = order(totals);
        prop_assert_eq!(order.due().unwrap().minor, 0, "captured and due are the order");
        let mut settlement = Settlement::default();
        let mut tax = 0;
        for (n, (pick, quantity)) in picks.iter().enumerate() {
            if order.totals.lines.is_empty() {
                break;
            }
            let line = pick.get(&order.totals.lines);
            let left = line.quantity - settlement.returned(&line.line_id);
            let id = RefundId::parse(format!("r{n}")).unwrap();
            let pieces = BTreeMap::from([(line.line_id.clone(), *quantity)]);
            match refund(&order, &settlement, &id, &pieces) {
                Ok((given, after)) => {
                    prop_assert!(*quantity <= left);
                    let again = refund(&order, &after, &id, &pieces).unwrap();
                    prop_assert_eq!(&again, &(given.clone(), after.clone()), "once");
                    prop_assert!(given.total.minor >= 0);
                    tax += given.tax.minor;
                    settlement = after;
                }
                Err(refusal) => {
                    prop_assert!(*quantity > left, "{}", refusal);
                }
            }
            prop_assert!(settlement.refunded_minor() <= order.captured().minor);
        }
        let rest: BTreeMap<_, _> = order
            .totals
            .lines
            .iter()
            .map(|line| (line.line_id.clone(), line.quantity - settlement.returned(&line.line_id)))
            .filter(|(_, left)| *left > 0)
            .collect();
        if !rest.is_empty() {
            let id = RefundId::parse("rest").unwrap();
            let (given, after) = refund(&order, &settlement, &id, &rest).unwrap();
            tax += given.tax.minor;
            settlement = after;
        }
        prop_assert_eq!(settlement.refunded_minor(), order.captured().minor);
        prop_assert_eq!(tax, order.totals.tax.minor);
    }
}

#[test]
fn refusals_of_refunds_say_why() {
    let lines = facts(&[(2, 999, Rate(190_000), 0)], Currency::EUR);
    let totals = totals(Currency::EUR, TaxMode::Inclusive, &lines, &[], noon()).unwrap();
    let order = order(totals);
    let ask = |settlement: &Settlement, line: &str, quantity| {
        let id = RefundId::parse(format!("r-{line}-{quantity}")).unwrap();
        refund(
            &order,
            settlement,
            &id,
            &BTreeMap::from([(line_id(line), quantity)]),
        )
    };
    let none = Settlement::default();
    assert_eq!(ask(&none, "l0", 0), Err(RefundRefusal::Nothing));
    assert_eq!(
        ask(&none, "x", 1),
        Err(RefundRefusal::UnknownLine(line_id("x")))
    );
    let (one, settled) = ask(&none, "l0", 1).unwrap();
    assert_eq!(one.total, eur(999));
    let line = line_id("l0");
    assert_eq!(
        ask(&settled, "l0", 2),
        Err(RefundRefusal::TooMany { line, left: 1 })
    );
    let id = one.id;
    let other = refund(&order, &settled, &id, &BTreeMap::from([(line_id("l0"), 2)]));
    assert_eq!(other, Err(RefundRefusal::Mismatch));
    let mut short = order.clone();
    short.capture.as_mut().unwrap().amount = eur(900);
    assert_eq!(short.due().unwrap(), eur(1_098));
    let id = RefundId::parse("r").unwrap();
    let more = refund(&short, &none, &id, &BTreeMap::from([(line_id("l0"), 1)]));
    assert_eq!(more, Err(RefundRefusal::OverCaptured));
}

#[test]
fn tax_is_in_the_price_or_upon_it_and_rounded_once_a_rate() {
    let raw: Vec<Raw> = vec![(1, 5, Rate(190_000), 0); 10];
    let lines = facts(&raw, Currency::EUR);
    let upon = totals(Currency::EUR, TaxMode::Exclusive, &lines, &[], noon()).unwrap();
    assert_eq!(
        upon.tax,
        eur(10),
        "line by line it would be 10 x 0.95 = 10 x 1, or none"
    );
    let within = totals(Currency::EUR, TaxMode::Inclusive, &lines, &[], noon()).unwrap();
    assert_eq!((within.tax, within.total), (eur(8), eur(50)));
    let shares: Vec<i64> = within.lines.iter().map(|line| line.tax.minor).collect();
    assert_eq!(shares, [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    assert_eq!(tax_within(11_900, Rate(190_000)), 1_900);
    assert_eq!(tax_upon(10_000, Rate(88_750)), 888, "887.5 is rounded up");
    assert_eq!(
        tax_upon(-10_000, Rate(88_750)),
        -888,
        "and down below nothing"
    );
}

#[test]
fn sums_that_are_too_large_or_mixed_are_errors() {
    let huge = facts(&[(2, i64::MAX / 2 + 1, Rate(0), 0)], Currency::EUR);
    assert!(totals(Currency::EUR, TaxMode::Inclusive, &huge, &[], noon()).is_err());
    let two = facts(
        &[(1, i64::MAX - 1, Rate(0), 0), (1, 2, Rate(0), 0)],
        Currency::EUR,
    );
    assert!(totals(Currency::EUR, TaxMode::Inclusive, &two, &[], noon()).is_err());
    let taxed = facts(&[(1, i64::MAX - 1, Rate(1_000_000), 0)], Currency::EUR);
    assert!(totals(Currency::EUR, TaxMode::Exclusive, &taxed, &[], noon()).is_err());
    let dollars = facts(&[(1, 1, Rate(0), 0)], Currency::USD);
    assert!(totals(Currency::EUR, TaxMode::Inclusive, &dollars, &[], noon()).is_err());
    let negative = facts(&[(1, -1, Rate(0), 0)], Currency::EUR);
    assert!(totals(Currency::EUR, TaxMode::Inclusive, &negative, &[], noon()).is_err());
}
