//! Money as people write it in a language.

use crate::words::Lang;
use domain::money::Money;

/// Currencies that have a sign of their own everywhere; others show their code.
const SIGNS: [(&str, &str); 5] = [
    ("EUR", "€"),
    ("GBP", "£"),
    ("USD", "$"),
    ("JPY", "¥"),
    ("INR", "₹"),
];
const NO_BREAK: char = '\u{a0}';

/// Writes an amount: `£1,234.50` in English, `1.234,50 £` in German. Decimals are the currency's.
#[must_use]
pub fn format(money: Money, lang: Lang) -> String {
    let (group, point) = match lang {
        Lang::De | Lang::Es => ('.', ','),
        Lang::En | Lang::Ar => (',', '.'),
    };
    let decimal = money.to_decimal();
    let (sign, decimal) = match decimal.strip_prefix('-') {
        Some(rest) => ("\u{2212}", rest),
        None => ("", decimal.as_str()),
    };
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let mut number = grouped(whole, group);
    if !fraction.is_empty() {
        number.push(point);
        number.push_str(fraction);
    }
    place_sign(sign, &number, money.currency.code(), lang)
}

/// A whole number with its thousands apart.
#[must_use]
pub fn count(number: u64, lang: Lang) -> String {
    let group = match lang {
        Lang::De | Lang::Es => '.',
        Lang::En | Lang::Ar => ',',
    };
    grouped(&number.to_string(), group)
}

fn place_sign(sign: &str, number: &str, code: &str, lang: Lang) -> String {
    let symbol = SIGNS.iter().find(|(known, _)| *known == code);
    let symbol = symbol.map_or(code, |(_, symbol)| *symbol);
    match lang {
        Lang::En if symbol.len() < code.len() || symbol != code => {
            format!("{sign}{symbol}{number}")
        }
        Lang::En => format!("{sign}{code}{NO_BREAK}{number}"),
        // Digits and a sign after them read left to right, also in a line that does not.
        Lang::Ar => format!("\u{2066}{sign}{number}{NO_BREAK}{symbol}\u{2069}"),
        Lang::De | Lang::Es => format!("{sign}{number}{NO_BREAK}{symbol}"),
    }
}

fn grouped(digits: &str, group: char) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Currency;

    fn shown(minor: i64, code: &str, lang: Lang) -> String {
        format(Money::new(minor, code.parse::<Currency>().unwrap()), lang).replace(NO_BREAK, " ")
    }

    #[test]
    fn an_amount_is_written_as_in_the_language() {
        assert_eq!(shown(123_450, "GBP", Lang::En), "£1,234.50");
        assert_eq!(shown(123_450, "EUR", Lang::De), "1.234,50 €");
        assert_eq!(shown(1_290, "EUR", Lang::Es), "12,90 €");
        assert_eq!(shown(1_290, "EUR", Lang::Ar), "\u{2066}12.90 €\u{2069}");
        assert_eq!(shown(-500, "USD", Lang::En), "\u{2212}$5.00");
    }

    #[test]
    fn decimals_are_the_currency_s() {
        assert_eq!(shown(1_234_567, "JPY", Lang::En), "¥1,234,567");
        assert_eq!(shown(1_500, "KWD", Lang::En), "KWD 1.500");
        assert_eq!(
            shown(i64::MIN, "JPY", Lang::De),
            "\u{2212}9.223.372.036.854.775.808 ¥"
        );
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(count(1_000_000, Lang::En), "1,000,000");
        assert_eq!(count(999, Lang::De), "999");
    }
}
