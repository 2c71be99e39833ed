//! A made-up town, always the same for the same number: customers of some 274 bytes, and what some of them browsed.

use domain::api::sync::{Row, kind};
use serde_json::value::RawValue;
use std::error::Error;

const GIVEN: &[&str] = &[
    "Ana", "Maria", "Zoë", "José", "Jürgen", "Søren", "Ida", "Eva", "Łukasz", "Anna", "Sofia",
    "Emma", "Noah", "Liam", "Mia", "Lena", "Paul", "Marta", "Jan", "Olga", "Ivan", "Nina", "Omar",
    "Aisha", "Wei", "Yuki", "Priya", "Arjun", "Fatima", "Ahmed", "Chloé", "Hélène",
];
const SYLLABLES: &[&str] = &[
    "mu", "ler", "schmi", "der", "fi", "scher", "we", "ber", "wag", "ner", "be", "cker", "ho",
    "ff", "mann", "kla", "sen", "lind", "qvist", "sou", "za", "gar", "ci", "a", "ro", "dri",
];
const FAMILIES: u64 = 60_000;

/// SplitMix64: a fixed number for a number.
fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30))
        .wrapping_mul(0xbf58_476d_1ce4_e5b9)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn pick<'a>(from: &'a [&'a str], random: u64) -> &'a str {
    let place = usize::try_from(random % from.len() as u64).unwrap_or(0);
    from.get(place).copied().unwrap_or("x")
}

fn family(random: u64) -> String {
    // Squared, so that some names are had by many.
    let unit = random % FAMILIES;
    let number = unit * unit / FAMILIES;
    let syllables = 2 + mix(number) % 3;
    let name: String = (0..syllables)
        .map(|part| pick(SYLLABLES, mix(number * 7 + part + 1)))
        .collect();
    let mut letters = name.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn instant(random: u64) -> String {
    let at = i64::try_from(1_700_000_000 + random % 60_000_000).unwrap_or(0);
    chrono::DateTime::from_timestamp(at, 0)
        .unwrap_or_default()
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

fn id(n: u64) -> String {
    format!("c-{n:07}")
}

/// Customer `n` at a version.
pub(crate) fn customer(n: u64, version: u64) -> Result<Row, Box<dyn Error>> {
    let random = |salt: u64| mix(n.wrapping_mul(31).wrapping_add(salt));
    let (id, given, family) = (id(n), pick(GIVEN, random(1)), family(random(4)));
    let phone = format!("+49{:010}", random(5) % 10_000_000_000);
    let body = format!(
        r#"{{"id":"{id}","name":{{"given":"{given}","family":"{family}"}},"phone":{{"raw":"{phone}","e164":"{phone}"}},"email":"{}.{n}@example.com","card":"29{:011}","tier":"silver","points":{},"home_store":"1","last_visit_at":"{}"}}"#,
        family.to_lowercase(),
        random(6) % 100_000_000_000,
        n % 900 + version,
        instant(random(7)),
    );
    row(kind::CUSTOMER, id, version, body)
}

/// What customer `n` does on the web.
pub(crate) fn profile(n: u64) -> Result<Row, Box<dyn Error>> {
    let random = |salt: u64| mix(n.wrapping_mul(37).wrapping_add(salt));
    let views: Vec<String> = (0..4)
        .map(|view| {
            let sku = random(view) % 5_000;
            format!(
                r#"{{"sku":"SKU-{sku:05}","at":"{}"}}"#,
                instant(random(view + 10))
            )
        })
        .collect();
    let at = instant(random(20));
    let body = format!(
        r#"{{"views":[{}],"affinities":[{{"department":"outdoor","weight":{}.5,"at":"{at}"}}],"last_seen_at":"{at}"}}"#,
        views.join(","),
        random(21) % 9,
    );
    row(kind::PROFILE, id(n), 1, body)
}

fn row(kind: &str, id: String, version: u64, body: String) -> Result<Row, Box<dyn Error>> {
    Ok(Row {
        kind: kind.to_owned(),
        id,
        version,
        body: RawValue::from_string(body)?,
    })
}
