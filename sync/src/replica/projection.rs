//! What look-ups and searches need of an entity, read from its body once, when it comes.

use super::carts::{CartBody, CartOrderBody, put_cart, put_order};
use super::rows::Rows;
use crate::error::ReplicaError;
use crate::search::{CustomerEntry, IndexChange, ItemEntry};
use chrono::{DateTime, Utc};
use domain::api::sync::kind;
use domain::item::{Item, Stock};
use domain::text::fold;
use serde::Deserialize;
use std::borrow::Cow;

/// An entity of a kind that screens look up. All others lie as they came.
pub(super) enum Projection {
    Customer {
        words: String,
        phone: Option<String>,
        card: Option<String>,
        email: Option<String>,
        visit: u32,
    },
    Seen {
        customer: String,
        at: i64,
    },
    History {
        customer: String,
        at: i64,
    },
    Item(Box<Item>),
    Stock(Stock),
    Cart {
        customer: Option<String>,
        open: bool,
        at: i64,
    },
    CartOrder {
        receipt: String,
    },
}

impl Projection {
    /// Reads what look-ups need. `None` for kinds without look-ups, and for bodies that this program cannot read: those
    /// are kept, found by their id, and read by a program that can.
    pub(super) fn read(kind_name: &str, id: &str, body: &str) -> Option<Self> {
        match kind_name {
            kind::CUSTOMER => parse(kind_name, body, |customer: &CustomerBody<'_>| {
                customer.id == id
            })
            .map(|customer| of_customer(&customer)),
            kind::PROFILE => {
                let profile = parse(kind_name, body, |_: &ProfileBody| true)?;
                let at = millis(profile.last_seen_at?);
                let customer = id.to_owned();
                Some(Self::Seen { customer, at })
            }
            kind::NOTE => {
                let note = parse(kind_name, body, |note: &NoteBody<'_>| note.id == id)?;
                Some(Self::History {
                    customer: note.customer.into_owned(),
                    at: millis(note.written_at),
                })
            }
            kind::ORDER => {
                let order = parse(kind_name, body, |order: &OrderBody<'_>| order.id == id)?;
                Some(Self::History {
                    customer: order.customer?.into_owned(),
                    at: millis(order.placed_at),
                })
            }
            kind::ITEM => parse(kind_name, body, |item: &Item| item.sku.as_str() == id)
                .map(|item| Self::Item(Box::new(item))),
            kind::STOCK => parse(kind_name, body, |stock: &Stock| {
                Stock::entity_id(&stock.store, &stock.sku) == id
            })
            .map(Self::Stock),
            kind::CART => {
                parse(kind_name, body, |cart: &CartBody<'_>| cart.is(id)).map(CartBody::project)
            }
            kind::CART_ORDER => {
                parse(kind_name, body, |order: &CartOrderBody<'_>| order.is(id))?.project()
            }
            _ => None,
        }
    }

    /// Writes the look-ups of an entity.
    pub(super) fn put(self, rows: &mut Rows<'_>, row: i64, kind: i64) -> Result<(), ReplicaError> {
        match self {
            Self::Customer {
                words,
                phone,
                card,
                email,
                visit,
            } => {
                rows.execute(
                    include_str!("sql/put_customer.sql"),
                    (row, &words, &phone, &card, &email, visit),
                )?;
                let entry = CustomerEntry {
                    words,
                    phone,
                    card,
                    visit,
                };
                rows.index.push(IndexChange::Customer { row, entry });
                Ok(())
            }
            Self::Seen { customer, at } => {
                rows.execute(include_str!("sql/put_seen.sql"), (row, customer, at))
            }
            Self::History { customer, at } => rows.execute(
                include_str!("sql/put_history.sql"),
                (row, kind, customer, at),
            ),
            Self::Item(item) => put_item(rows, row, &item),
            Self::Stock(stock) => {
                rows.execute(
                    include_str!("sql/put_stock.sql"),
                    (row, stock.sku.as_str(), stock.on_hand),
                )?;
                rows.index.push(IndexChange::Stock {
                    sku: stock.sku.into(),
                    on_hand: Some(stock.on_hand),
                });
                Ok(())
            }
            Self::Cart { customer, open, at } => {
                put_cart(rows.connection, row, customer.as_deref(), open, at)
            }
            Self::CartOrder { receipt } => put_order(rows.connection, row, &receipt),
        }
    }
}

impl Rows<'_> {
    /// Takes the look-ups of an entity away.
    pub(super) fn unproject(
        &mut self,
        row: i64,
        kind_name: &str,
        id: &str,
    ) -> Result<(), ReplicaError> {
        let sql = match kind_name {
            kind::CUSTOMER => {
                self.index.push(IndexChange::CustomerGone { row });
                include_str!("sql/delete_customer.sql")
            }
            kind::ITEM => {
                self.index.push(IndexChange::ItemGone { row });
                include_str!("sql/delete_item.sql")
            }
            kind::STOCK => {
                self.index.push(IndexChange::Stock {
                    sku: Stock::sku_of(id).to_owned(),
                    on_hand: None,
                });
                include_str!("sql/delete_stock.sql")
            }
            kind::PROFILE => include_str!("sql/delete_seen.sql"),
            kind::CART => include_str!("sql/delete_cart.sql"),
            kind::CART_ORDER => include_str!("sql/delete_cart_order.sql"),
            kind::NOTE | kind::ORDER => include_str!("sql/delete_history.sql"),
            _ => return Ok(()),
        };
        self.execute(sql, [row])
    }
}

/// Instants are stored as milliseconds since 1970.
pub(super) const fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The body as its type, where it is one and is what its key says.
fn parse<'b, T: Deserialize<'b>>(
    kind_name: &str,
    body: &'b str,
    fits: impl Fn(&T) -> bool,
) -> Option<T> {
    match serde_json::from_str(body) {
        Ok(value) if fits(&value) => return Some(value),
        Ok(_) => tracing::warn!(
            kind = kind_name,
            "an entity whose body has another id is kept unread"
        ),
        // The error's text could quote personal data.
        Err(error) => tracing::warn!(
            kind = kind_name,
            column = error.column(),
            "an entity that this version cannot read is kept as it came"
        ),
    }
    None
}

/// What look-ups need of a [`domain::customer::Customer`]: a first sync reads a million of them, and passes over the rest.
#[derive(Deserialize)]
struct CustomerBody<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
    #[serde(borrow)]
    name: NameBody<'b>,
    #[serde(default, borrow)]
    phone: Option<PhoneBody<'b>>,
    #[serde(default, borrow)]
    email: Option<Cow<'b, str>>,
    #[serde(default, borrow)]
    card: Option<Cow<'b, str>>,
    #[serde(default)]
    last_visit_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct NameBody<'b> {
    #[serde(default, borrow)]
    given: Cow<'b, str>,
    #[serde(default, borrow)]
    family: Cow<'b, str>,
    #[serde(default, borrow)]
    preferred: Option<Cow<'b, str>>,
}

#[derive(Deserialize)]
struct PhoneBody<'b> {
    #[serde(borrow)]
    raw: Cow<'b, str>,
    #[serde(default, borrow)]
    e164: Option<Cow<'b, str>>,
}

/// Of a [`domain::profile::Profile`].
#[derive(Deserialize)]
struct ProfileBody {
    #[serde(default)]
    last_seen_at: Option<DateTime<Utc>>,
}

/// Of a [`domain::note::Note`].
#[derive(Deserialize)]
struct NoteBody<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
    #[serde(borrow)]
    customer: Cow<'b, str>,
    written_at: DateTime<Utc>,
}

/// Of a [`domain::order::Order`].
#[derive(Deserialize)]
struct OrderBody<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
    #[serde(default, borrow)]
    customer: Option<Cow<'b, str>>,
    placed_at: DateTime<Utc>,
}

fn of_customer(customer: &CustomerBody<'_>) -> Projection {
    let NameBody {
        given,
        family,
        preferred,
    } = &customer.name;
    let preferred = preferred.as_deref().unwrap_or_default();
    let words = fold_quickly(&format!("{given} {family} {preferred}"));
    let digits = customer.phone.as_ref().map(|phone| {
        let number = phone.e164.as_deref().unwrap_or(&phone.raw);
        number.chars().filter(char::is_ascii_digit).collect()
    });
    let card = customer.card.as_deref().map(fold_card);
    let email = customer.email.as_deref();
    let visit = customer.last_visit_at.map_or(0, |at| at.timestamp().max(0));
    let filled = |text: &String| !text.is_empty();
    Projection::Customer {
        words,
        phone: digits.filter(filled),
        card: card.filter(filled),
        email: email
            .map(|email| email.trim().to_lowercase())
            .filter(filled),
        visit: u32::try_from(visit).unwrap_or(u32::MAX),
    }
}

/// [`fold`], with a short way for plain letters.
fn fold_quickly(text: &str) -> String {
    if !text.is_ascii() {
        return fold(text);
    }
    let mut folded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'\'' | b'`' => {}
            _ if byte.is_ascii_alphanumeric() => folded.push(char::from(byte.to_ascii_lowercase())),
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A card's number as people type it: without spaces, dashes and case.
pub(super) fn fold_card(number: &str) -> String {
    fold_quickly(number).replace(' ', "")
}

fn put_item(rows: &mut Rows<'_>, row: i64, item: &Item) -> Result<(), ReplicaError> {
    let entry = ItemEntry {
        sku: item.sku.as_str().to_owned(),
        department: item.department.as_str().to_owned(),
        title: fold(&item.title),
        words: format!("{} {}", item.search_text(), fold_card(item.sku.as_str())),
    };
    rows.execute(
        include_str!("sql/put_item.sql"),
        (
            row,
            &entry.sku,
            item.gtin.map(|gtin| gtin.to_string()),
            item.style.as_ref().map(|style| style.as_str()),
            &entry.department,
            &entry.title,
            &entry.words,
        ),
    )?;
    rows.index.push(IndexChange::Item { row, entry });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_leads_where_the_long_one_does(text in "[ -~]{0,40}") {
            prop_assert_eq!(fold_quickly(&text), fold(&text));
        }
    }
}
