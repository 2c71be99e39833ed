//! Ages in every language. Forms that need a plural by number are kept out of phrases, so that each language needs few.

use crate::model::age::Age;

const MONTHS_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const MONTHS_ES: [&str; 12] = [
    "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic",
];
const MONTHS_AR: [&str; 12] = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];

fn month(names: &[&'static str; 12], number: u32) -> &'static str {
    let index = usize::try_from(number).unwrap_or(0).saturating_sub(1);
    names.get(index).copied().unwrap_or_default()
}

/// `12 May`, `12 May 2025`; `dot` stands after the day.
fn date(names: &[&'static str; 12], dot: &str, day: u32, number: u32, year: Option<i32>) -> String {
    let month = month(names, number);
    let year = year.map_or_else(String::new, |year| format!(" {year}"));
    format!("{day}{dot} {month}{year}")
}

pub(super) fn age_en(age: Age) -> String {
    match age {
        Age::Now => "now".to_owned(),
        Age::Seconds(n) => format!("{n} s"),
        Age::Minutes(n) => format!("{n} min"),
        Age::Hours(n) => format!("{n} h"),
        Age::Yesterday => "yesterday".to_owned(),
        Age::Days(n) => format!("{n} days"),
        Age::Day { day, month, year } => date(&MONTHS_EN, "", day, month, year),
    }
}

pub(super) fn ago_en(age: Age) -> String {
    match age {
        Age::Now => "just now".to_owned(),
        Age::Yesterday => age_en(age),
        Age::Day { .. } => format!("on {}", age_en(age)),
        _ => format!("{} ago", age_en(age)),
    }
}

pub(super) fn age_de(age: Age) -> String {
    match age {
        Age::Now => "jetzt".to_owned(),
        Age::Seconds(n) => format!("{n} s"),
        Age::Minutes(n) => format!("{n} Min."),
        Age::Hours(n) => format!("{n} Std."),
        Age::Yesterday => "gestern".to_owned(),
        Age::Days(n) => format!("{n} Tage"),
        Age::Day { day, month, year } => date(&MONTHS_DE, ".", day, month, year),
    }
}

pub(super) fn ago_de(age: Age) -> String {
    match age {
        Age::Now => "gerade eben".to_owned(),
        Age::Yesterday => age_de(age),
        Age::Days(n) => format!("vor {n} Tagen"),
        Age::Day { .. } => format!("am {}", age_de(age)),
        _ => format!("vor {}", age_de(age)),
    }
}

pub(super) fn age_es(age: Age) -> String {
    match age {
        Age::Now => "ahora".to_owned(),
        Age::Seconds(n) => format!("{n} s"),
        Age::Minutes(n) => format!("{n} min"),
        Age::Hours(n) => format!("{n} h"),
        Age::Yesterday => "ayer".to_owned(),
        Age::Days(n) => format!("{n} días"),
        Age::Day { day, month, year } => date(&MONTHS_ES, "", day, month, year),
    }
}

pub(super) fn ago_es(age: Age) -> String {
    match age {
        Age::Now => "ahora mismo".to_owned(),
        Age::Yesterday => age_es(age),
        Age::Day { .. } => format!("el {}", age_es(age)),
        _ => format!("hace {}", age_es(age)),
    }
}

pub(super) fn age_ar(age: Age) -> String {
    match age {
        Age::Now => "الآن".to_owned(),
        Age::Seconds(n) => format!("{n} ث"),
        Age::Minutes(n) => format!("{n} د"),
        Age::Hours(n) => format!("{n} س"),
        Age::Yesterday => "أمس".to_owned(),
        Age::Days(n) => format!("{n} أيام"),
        Age::Day { day, month, year } => date(&MONTHS_AR, "", day, month, year),
    }
}

pub(super) fn ago_ar(age: Age) -> String {
    match age {
        Age::Now => "قبل لحظات".to_owned(),
        Age::Yesterday => age_ar(age),
        Age::Day { .. } => format!("في {}", age_ar(age)),
        _ => format!("قبل {}", age_ar(age)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_as_people_say_them() {
        assert_eq!(ago_en(Age::Minutes(4)), "4 min ago");
        assert_eq!(ago_en(Age::Yesterday), "yesterday");
        assert_eq!(ago_de(Age::Days(3)), "vor 3 Tagen");
        let day = Age::Day {
            day: 12,
            month: 5,
            year: Some(2025),
        };
        assert_eq!(ago_es(day), "el 12 may 2025");
        assert_eq!(ago_de(day), "am 12. Mai 2025");
    }

    #[test]
    fn a_month_that_is_none_is_left_out() {
        assert_eq!(month(&MONTHS_EN, 13), "");
        assert_eq!(month(&MONTHS_EN, 0), "Jan");
    }
}
