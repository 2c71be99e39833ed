//! Why something costs less, in a sentence with its figures.

use crate::model::money;
use crate::words::{CartWords, Lang};
use domain::cart::{Rate, Reason};

/// The sentence.
#[must_use]
pub fn sentence(reason: &Reason, words: &CartWords, lang: Lang) -> String {
    match reason {
        Reason::PercentOff { rate } => (words.percent_off)(&percent(*rate, lang)),
        Reason::AmountOff { each } => (words.amount_off)(&money::format(*each, lang)),
        Reason::NForM { take, pay, free } => {
            (words.n_for_m)(*take, *pay, u32::try_from(*free).unwrap_or(u32::MAX))
        }
        Reason::Threshold { spend, .. } => (words.threshold)(&money::format(*spend, lang)),
    }
}

/// A share in per cent, with no more decimals than it has: `19 %`, `8.875 %`.
#[must_use]
pub fn percent(rate: Rate, lang: Lang) -> String {
    let point = match lang {
        Lang::De | Lang::Es => ',',
        Lang::En | Lang::Ar => '.',
    };
    let (whole, rest) = (rate.0 / 10_000, rate.0 % 10_000);
    let decimals = format!("{rest:04}");
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        format!("{whole}\u{a0}%")
    } else {
        format!("{whole}{point}{decimals}\u{a0}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::{Currency, Money};

    #[test]
    fn a_rate_has_the_decimals_that_it_has() {
        assert_eq!(percent(Rate::percent(19), Lang::En), "19\u{a0}%");
        assert_eq!(percent(Rate(88_750), Lang::De), "8,875\u{a0}%");
    }

    #[test]
    fn every_reason_is_worded_in_every_language() {
        let money = Money::new(500, Currency::EUR);
        let reasons = [
            Reason::PercentOff {
                rate: Rate::percent(20),
            },
            Reason::AmountOff { each: money },
            Reason::NForM {
                take: 3,
                pay: 2,
                free: 1,
            },
            Reason::Threshold {
                spend: money,
                reached: money,
            },
        ];
        for lang in Lang::ALL {
            let said: Vec<String> = reasons
                .iter()
                .map(|reason| sentence(reason, lang.cart(), lang))
                .collect();
            assert!(
                said.iter()
                    .all(|text| text.chars().any(|c| c.is_ascii_digit())),
                "{said:?}"
            );
        }
    }
}
