//! Two thousand customers who never lived.

use super::assets::Assets;
use super::chance::Chance;
use chrono::{DateTime, TimeDelta, Utc};
use domain::contact::Phone;
use domain::customer::{Channel, Consent, Customer, PersonName, Purpose, SizeFit};
use domain::gtin::check_digit;
use domain::ids::{CardNumber, CustomerId};
use domain::loyalty::Tier;
use domain::store::Store;

/// How many customers the demo has.
pub(super) const CUSTOMERS: usize = 2_000;
/// Of a hundred customers, how many live near each store.
const STORE_SHARES: [u32; 3] = [50, 30, 20];

/// A customer and what she likes.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) customer: Customer,
    /// One or two of the demo's tastes, by index.
    pub(super) tastes: Vec<usize>,
}

/// Draws everybody.
pub(super) fn draw(assets: &Assets, chance: &mut Chance, now: DateTime<Utc>) -> Vec<Person> {
    (1..=CUSTOMERS)
        .filter_map(|number| person(number, assets, chance, now))
        .collect()
}

fn person(
    number: usize,
    assets: &Assets,
    chance: &mut Chance,
    now: DateTime<Utc>,
) -> Option<Person> {
    let (given, family) = assets.draw_name(chance)?;
    let store = assets
        .stores
        .get(chance.weighted(&STORE_SHARES)?)
        .or(assets.stores.first())?;
    let mut tastes = vec![assets.draw_taste(chance)];
    if chance.percent(35) {
        tastes.push(assets.draw_taste(chance));
    }
    let sizes = sizes(chance);
    let since = now - TimeDelta::days(chance.between(30, 1_800));
    let customer = Customer {
        id: CustomerId::parse(format!("C-{number:05}")).ok()?,
        phone: chance.percent(88).then(|| phone(store, chance)),
        email: chance.percent(82).then(|| email(&given, &family, number)),
        card: Some(card(number)?),
        name: PersonName {
            given,
            family,
            preferred: None,
        },
        tier: Tier::Member,
        points: 0,
        home_store: store.id.clone(),
        since: Some(since),
        locale: Some(store.locale.clone()),
        sizes,
        wish_list: Vec::new(),
        consents: consents(chance, since),
        birthday: chance.percent(70).then(|| birthday(chance)),
        last_visit_at: None,
    };
    Some(Person { customer, tastes })
}

/// Nobody has such a number: in Germany 0199 is kept for networks' own use.
fn phone(store: &Store, chance: &mut Chance) -> Phone {
    Phone::new(
        &format!("0199 {:07}", chance.below(10_000_000)),
        Some(&store.country_code),
    )
}

/// `example.org` belongs to nobody (RFC 2606).
fn email(given: &str, family: &str, number: usize) -> String {
    let fold = |name: &str| domain::text::fold(name).replace(' ', "");
    format!("{}.{}{number}@example.org", fold(given), fold(family))
}

/// An EAN-13 of the prefix that loyalty cards have.
fn card(number: usize) -> Option<CardNumber> {
    let body = 290_000_000_000 + u64::try_from(number).ok()?;
    CardNumber::parse(format!("{body}{}", check_digit(body))).ok()
}

fn birthday(chance: &mut Chance) -> String {
    format!("{:02}-{:02}", chance.between(1, 12), chance.between(1, 28))
}

fn consents(chance: &mut Chance, at: DateTime<Utc>) -> Vec<Consent> {
    let said = [
        (Purpose::Marketing, Some(Channel::Email), 60, 20),
        (Purpose::Marketing, Some(Channel::Push), 25, 15),
        (Purpose::Personalisation, None, 85, 5),
    ];
    let consent = |(purpose, channel, yes, no)| {
        let drawn = chance.below(100);
        let answered = drawn < yes + no;
        answered.then(|| Consent {
            purpose,
            channel,
            granted: drawn < yes,
            at,
            wording: "join-2024-03".to_owned(),
        })
    };
    said.into_iter().filter_map(consent).collect()
}

fn sizes(chance: &mut Chance) -> Vec<SizeFit> {
    let clothes = chance
        .pick(&["XS", "S", "M", "L", "XL"])
        .copied()
        .unwrap_or("M");
    let shoes = chance.between(36, 46).to_string();
    let known = [("clothes", clothes.to_owned(), 60), ("shoes", shoes, 50)];
    let fit = |(of, size, percent): (&str, String, usize)| {
        chance.percent(percent).then(|| SizeFit {
            of: of.to_owned(),
            size,
        })
    };
    known.into_iter().filter_map(fit).collect()
}
