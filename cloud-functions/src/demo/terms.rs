//! The terms on which the demo's stores sell: German tax in the prices, and two promotions.

use chrono::{DateTime, TimeDelta, Utc};
use domain::cart::{Benefit, Promotion, Rate, Target, TaxMode, Terms, ThresholdBenefit};
use domain::ids::PromotionId;
use domain::money::{Currency, Money};

/// German value added tax.
const TAX: Rate = Rate::percent(19);
/// Years that the promotions last.
const YEARS: i64 = 10;

/// The terms of a store that sells in `currency`.
pub(super) fn draw(currency: Currency, now: DateTime<Utc>) -> Terms {
    let from = now.checked_sub_signed(TimeDelta::days(1)).unwrap_or(now);
    let until = now.checked_add_signed(TimeDelta::days(365 * YEARS));
    let promotion = |id: &str, title: &str, priority, spend, off| {
        Some(Promotion {
            id: PromotionId::parse(id).ok()?,
            title: title.to_owned(),
            priority,
            exclusive: false,
            target: Target::All,
            benefit: Benefit::Threshold {
                spend: Money::new(spend, currency),
                off,
            },
            valid_from: from,
            valid_until: until.unwrap_or(now),
        })
    };
    let tenth = ThresholdBenefit::Percent {
        rate: Rate::percent(10),
    };
    let ten = ThresholdBenefit::Amount {
        amount: Money::new(1_000, currency),
    };
    let promotions = [
        promotion("big-cart", "10 % off from 400", 20, 40_000, tenth),
        promotion("ten-off", "10 off from 150", 10, 15_000, ten),
    ];
    Terms {
        tax: TaxMode::Inclusive,
        rate: TAX,
        promotions: promotions.into_iter().flatten().collect(),
        ..Terms::default()
    }
}
