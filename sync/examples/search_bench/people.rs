//! A made-up town: names with the long tail that real ones have, always the same for the same number.

use crate::typing::Style;
use serde_json::json;
use std::ops::Range;

const GIVEN: &[&str] = &[
    "Ana", "Maria", "Zoë", "José", "Jürgen", "Søren", "Ida", "Eva", "Łukasz", "Anna", "Sofia",
    "Emma", "Noah", "Liam", "Mia", "Lena", "Paul", "Marta", "Jan", "Olga", "Ivan", "Nina", "Omar",
    "Aisha", "Wei", "Yuki", "Priya", "Arjun", "Fatima", "Ahmed", "Chloé", "Hélène", "Björn", "Åsa",
    "Ingrid", "Giulia", "Marco", "Elena", "Nikos", "Dimitra",
];
const SYLLABLES: &[&str] = &[
    "mu", "ler", "schmi", "der", "fi", "scher", "we", "ber", "wag", "ner", "be", "cker", "ho",
    "ff", "mann", "kla", "sen", "lind", "qvist", "sou", "za", "gar", "ci", "a", "ro", "dri",
    "guez", "no", "wak", "ski", "kov", "pe", "trov", "ngu", "yen", "tan", "aka", "sato", "pat",
    "el", "shar", "ma", "ros", "si", "bian", "chi", "du", "pont",
];

pub(crate) struct Person {
    given: String,
    family: String,
    phone: String,
    email: String,
    card: String,
    visit: u64,
}

pub(crate) struct People {
    families: Vec<String>,
}

/// SplitMix64: a fixed number for a number.
fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30))
        .wrapping_mul(0xbf58_476d_1ce4_e5b9)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// An index below `count` that is small more often than not: the first names are had by many.
fn skewed(random: u64, count: usize) -> usize {
    let unit = (random >> 11) as f64 / (1_u64 << 53) as f64;
    ((count as f64).powf(unit) as usize)
        .saturating_sub(1)
        .min(count - 1)
}

fn pick<'a>(from: &'a [&'a str], random: u64) -> &'a str {
    from.get(random as usize % from.len())
        .copied()
        .unwrap_or("x")
}

impl People {
    /// 60,000 families.
    pub(crate) fn new() -> Self {
        let families = (0..60_000_u64).map(|n| {
            let syllables = 2 + mix(n) % 3;
            let name: String = (0..syllables)
                .map(|part| pick(SYLLABLES, mix(n * 7 + part + 1)))
                .collect();
            let mut letters = name.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect())
                .unwrap_or_default()
        });
        Self {
            families: families.collect(),
        }
    }

    fn person(&self, n: u64) -> Person {
        let random = |salt: u64| mix(n.wrapping_mul(31).wrapping_add(salt));
        // Some 4,000 given names: two joined, the first of them skewed.
        let first = GIVEN
            .get(skewed(random(1), GIVEN.len()))
            .copied()
            .unwrap_or("Ana");
        let given = match random(2) % 4 {
            0 => format!("{first} {}", pick(GIVEN, random(3))),
            1 => format!("{first}{}", pick(SYLLABLES, random(3))),
            _ => first.to_owned(),
        };
        let family = self
            .families
            .get(skewed(random(4), self.families.len()))
            .cloned()
            .unwrap_or_default();
        Person {
            email: format!("{}.{}@example.com", family.to_lowercase(), n),
            given,
            family,
            phone: format!("+49{:010}", random(5) % 10_000_000_000),
            card: format!("29{:011}", random(6) % 100_000_000_000),
            visit: 1_700_000_000 + random(7) % 60_000_000,
        }
    }

    /// An answer of a pull, as the cloud would send it.
    pub(crate) fn answer(&self, range: Range<u64>, more: bool) -> Result<Vec<u8>, std::io::Error> {
        let scope = "store/1/customers";
        let mut text = String::new();
        if range.start == 0 {
            text.push_str(&format!("{}\n", json!({"grant": {"scope": scope}})));
        }
        for n in range.clone() {
            let person = self.person(n);
            let id = format!("c-{n:07}");
            let visit = i64::try_from(person.visit)
                .ok()
                .and_then(|at| chrono::DateTime::from_timestamp(at, 0));
            let body = json!({"id": id, "name": {"given": person.given, "family": person.family},
                "phone": {"raw": person.phone, "e164": person.phone}, "email": person.email, "card": person.card,
                "tier": "silver", "points": n % 900, "home_store": "1", "last_visit_at": visit});
            let change = json!({"change": {"scope": scope, "seq": n + 1, "kind": "customer", "id": id,
                "version": 1, "op": "put", "body": body}});
            text.push_str(&format!("{change}\n"));
        }
        let checkpoint = json!({"checkpoint": {"cursors": {scope: {"epoch": 1, "seq": range.end}}, "last_cseq": 0,
            "server_time": "2026-05-17T10:00:00Z", "more": more}});
        text.push_str(&format!("{checkpoint}\n"));
        zstd::encode_all(text.as_bytes(), 3)
    }

    /// What somebody types who looks for customer `n`.
    pub(crate) fn typed(&self, style: Style, n: u64) -> String {
        let person = self.person(n);
        let digits = person.phone.trim_start_matches('+').to_owned();
        let from = |text: &str, at: usize| text.chars().skip(at).collect::<String>();
        match style {
            Style::GivenFamily => format!("{} {}", person.given, person.family),
            Style::FamilyGiven => format!("{} {}", person.family, person.given).to_lowercase(),
            Style::Abbreviated => {
                let short: String = person.family.chars().take(3).collect();
                format!("{short} {}", person.given)
            }
            Style::Mistyped => swap(&person.family),
            Style::NobodysName => format!("{} Xq{}", person.given, swap(&person.family)),
            Style::Phone => format!("0{}", from(&digits, 2)),
            Style::LastFour => from(&digits, digits.len() - 4),
            Style::Email => person.email,
            Style::Card => person.card,
        }
    }
}

/// Swaps the third and fourth letter.
fn swap(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() > 3 {
        letters.swap(2, 3);
    }
    letters.into_iter().collect()
}
