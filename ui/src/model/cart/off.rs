//! What is off: of a line, told on the line; of the whole cart, told once below them.

use domain::cart::{Discount, LineTotal, Reason, Totals};
use domain::ids::LineId;
use domain::money::Money;

/// What is off a line by itself, in the order in which it was taken off.
pub fn of_line<'a>(totals: &'a Totals, line: &'a LineId) -> impl Iterator<Item = &'a Discount> {
    let own = |off: &&Discount| off.line_id == *line && !is_shared(off);
    totals.discounts.iter().filter(own)
}

/// What is left to pay for a line, as prices are shown: tax that comes on top, and what is off the whole cart, stand below.
#[must_use]
pub fn left(totals: &Totals, line: &LineTotal) -> Money {
    let off = minor(of_line(totals, &line.line_id));
    Money::new(line.goods.minor.saturating_sub(off), line.goods.currency)
}

/// What is off the whole cart, by promotion: its title, and the sum of what the lines share.
#[must_use]
pub fn of_all(totals: &Totals) -> Vec<(&str, Money)> {
    let mut all: Vec<(&Discount, Money)> = Vec::new();
    for off in totals.discounts.iter().filter(|off| is_shared(off)) {
        match all.iter_mut().find(|(of, _)| of.promotion == off.promotion) {
            Some((_, sum)) => sum.minor = sum.minor.saturating_add(off.amount.minor),
            None => all.push((off, off.amount)),
        }
    }
    let told = all.into_iter().map(|(of, sum)| (of.title.as_str(), sum));
    told.collect()
}

/// What is off the lines by themselves.
#[must_use]
pub fn of_lines(totals: &Totals) -> Money {
    let own = totals.discounts.iter().filter(|off| !is_shared(off));
    Money::new(minor(own), totals.discount.currency)
}

/// Whether lines share it because of what they come to together.
const fn is_shared(off: &Discount) -> bool {
    matches!(off.reason, Reason::Threshold { .. })
}

fn minor<'a>(offs: impl Iterator<Item = &'a Discount>) -> i64 {
    offs.fold(0, |sum, off| sum.saturating_add(off.amount.minor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cart::line::tests::page;
    use serde_json::json;

    /// A tenth off the boots, and ten euros off everything.
    fn totals() -> Totals {
        let mut totals = page().totals.unwrap();
        for (line, minor) in [("l-1", 941), ("l-2", 59)] {
            let money = |minor: i64| json!({"minor": minor, "currency": "EUR"});
            let shared = json!({"promotion": "ten", "title": "10 off", "line_id": line, "amount": money(minor),
                "reason": {"type": "threshold", "spend": money(15_000), "reached": money(15_300)}});
            totals
                .discounts
                .push(serde_json::from_value(shared).unwrap());
        }
        totals
    }

    #[test]
    fn what_lines_share_is_told_once_and_is_on_no_line() {
        let totals = totals();
        let ten = Money::new(1_000, totals.total.currency);
        assert_eq!(of_all(&totals), [("10 off", ten)]);
        assert_eq!(of_lines(&totals).minor, 1_600);
        let boots = totals.lines.first().unwrap();
        let own: Vec<&str> = of_line(&totals, &boots.line_id)
            .map(|off| off.title.as_str())
            .collect();
        assert_eq!(own, ["Boots week"]);
        assert_eq!(left(&totals, boots).minor, 14_400);
    }

    #[test]
    fn what_is_shown_adds_up_to_what_is_paid() {
        let totals = totals();
        let lines: i64 = totals
            .lines
            .iter()
            .map(|line| left(&totals, line).minor)
            .sum();
        let shared: i64 = of_all(&totals).iter().map(|(_, sum)| sum.minor).sum();
        let off: i64 = totals.discounts.iter().map(|off| off.amount.minor).sum();
        assert_eq!(lines - shared, totals.goods.minor - off);
    }
}
