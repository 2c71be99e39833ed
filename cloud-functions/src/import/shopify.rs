//! Shopify's exports: products (help.shopify.com/manual/products/import-export/using-csv) and customers.

use super::merchant::{Product, clip, shelf};
use super::rows::{self, Fields};
use super::summary::RowError;
use super::{Row, Sink};
use chrono::{DateTime, Utc};
use domain::contact::{Phone, fold_email};
use domain::customer::{Channel, Consent, Customer, PersonName, Purpose};
use domain::gtin::Gtin;
use domain::ids::{CustomerId, Sku, StyleId};
use domain::item::Item;
use domain::loyalty::Tier;
use domain::money::Money;
use domain::store::Store;

/// What the first row of a product says for the rows of its variants.
#[derive(Debug, Clone, Default)]
struct Parent {
    handle: String,
    title: String,
    description: String,
    brand: String,
    product_type: String,
    tags: String,
}

/// Reads every variant. Rows of a product follow each other; only the first has a title. Rows with nothing but another
/// picture are passed over.
pub(super) fn read_products(text: &str, store: &Store, sink: Sink<'_>) -> Result<(), String> {
    let mut parent = Parent::default();
    rows::each(text, b',', &mut |number, fields| match fields {
        Err(error) => sink(number, Err(error)),
        Ok(row) => {
            adopt(&mut parent, &row);
            let is_variant = row.any(&["variant sku", "variant price"]).is_some();
            if is_variant {
                sink(number, variant(&row, &parent, store));
            }
        }
    })
}

fn adopt(parent: &mut Parent, row: &Fields<'_>) {
    let text = |name: &str| row.any(&[name]).unwrap_or_default().to_owned();
    if row.any(&["title"]).is_some() || text("handle") != parent.handle {
        *parent = Parent {
            handle: text("handle"),
            title: text("title"),
            description: without_tags(&text("body (html)")),
            brand: text("vendor"),
            product_type: row
                .any(&["type", "product category", "custom product type"])
                .unwrap_or("other")
                .to_owned(),
            tags: text("tags"),
        };
    }
}

fn variant(row: &Fields<'_>, parent: &Parent, store: &Store) -> Result<Row, RowError> {
    if parent.title.is_empty() {
        return Err(RowError::new(
            "title",
            "is missing on the first row of the product",
        ));
    }
    let (department, category) = shelf(&parent.product_type);
    let option = |wanted: &[&str]| {
        let named = [
            ("option1 name", "option1 value"),
            ("option2 name", "option2 value"),
            ("option3 name", "option3 value"),
        ];
        let is_wanted = |name: &&str| wanted.contains(&name.to_lowercase().as_str());
        named
            .into_iter()
            .find(|(name, _)| row.any(&[name]).as_ref().is_some_and(is_wanted))
            .and_then(|(_, value)| row.any(&[value]))
    };
    let sku = row
        .read::<Sku>(&["variant sku"])?
        .ok_or_else(|| RowError::new("variant sku", "is missing"))?;
    // Shopify writes a leading apostrophe to keep spreadsheets from eating zeros.
    let gtin = row
        .any(&["variant barcode"])
        .map(|code| code.trim_start_matches('\''));
    let money = |name: &'static str| match row.any(&[name]) {
        Some(text) => Money::parse_decimal(text, store.currency)
            .map(Some)
            .map_err(|error| RowError::new(name, error)),
        None => Ok(None),
    };
    let (price, was) = (money("variant price")?, money("variant compare at price")?);
    let item = Item {
        sku,
        gtin: gtin
            .map(Gtin::parse)
            .transpose()
            .map_err(|error| RowError::new("variant barcode", error))?,
        style: StyleId::parse(parent.handle.as_str()).ok(),
        title: clip(&parent.title, 150),
        description: clip(&parent.description, 5_000),
        brand: clip(&parent.brand, 70),
        department,
        category,
        colour: clip(option(&["color", "colour"]).unwrap_or_default(), 100),
        size: clip(option(&["size"]).unwrap_or_default(), 100),
        art: String::new(),
        tags: parent
            .tags
            .split(',')
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .take(20)
            .map(|tag| clip(tag, 40))
            .collect(),
        replenishable: false,
    };
    let was = was.filter(|was| price.is_some_and(|price| was.minor > price.minor));
    let on_hand = row.read::<i64>(&["variant inventory qty"])?;
    Ok(Row::Product(Box::new(Product {
        item,
        price,
        was,
        validity: None,
        on_hand,
    })))
}

/// The words of a description, without its markup.
fn without_tags(html: &str) -> String {
    let mut inside = false;
    let text: String = html
        .chars()
        .filter_map(|c| match c {
            '<' => {
                inside = true;
                Some(' ')
            }
            '>' if inside => {
                inside = false;
                None
            }
            c => (!inside).then_some(c),
        })
        .collect();
    text.replace("&amp;", "&")
        .replace("&nbsp;", " ")
        .replace("&quot;", "\"")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads a customer. A row with neither name, e-mail nor phone is nobody.
pub(super) fn read_customer(row: &Fields<'_>, store: &Store) -> Result<Row, RowError> {
    let email = match row.any(&["email"]) {
        Some(text) => Some(fold_email(text).ok_or_else(|| {
            RowError::new("email", format!("`{}` is not an address", clip(text, 60)))
        })?),
        None => None,
    };
    let country_code = Some(store.country_code.as_str()).filter(|code| !code.is_empty());
    let phone = row
        .any(&["phone", "default address phone"])
        .map(|raw| Phone::new(raw.trim_start_matches('\''), country_code));
    let name = PersonName {
        given: clip(row.any(&["first name"]).unwrap_or_default(), 100),
        family: clip(row.any(&["last name"]).unwrap_or_default(), 100),
        preferred: None,
    };
    let raw_id = row
        .any(&["customer id", "id"])
        .map(|id| id.trim_start_matches('\'').to_owned());
    let natural = || {
        email
            .clone()
            .or_else(|| phone.as_ref().and_then(|phone| phone.e164.clone()))
    };
    let id = raw_id
        .or_else(natural)
        .ok_or_else(|| RowError::new("email", "a customer needs an id, an e-mail or a phone"))?;
    Ok(Row::Customer(Box::new(Customer {
        id: CustomerId::parse(id).map_err(|error| RowError::new("customer id", error))?,
        name,
        consents: consents(row),
        phone,
        email,
        card: row.read(&["card", "loyalty card"])?,
        tier: Tier::Member,
        points: 0,
        home_store: store.id.clone(),
        since: row
            .any(&["created at"])
            .and_then(|at| DateTime::parse_from_rfc3339(at).ok())
            .map(|at| at.to_utc()),
        locale: None,
        sizes: Vec::new(),
        wish_list: Vec::new(),
        birthday: None,
        last_visit_at: None,
    })))
}

/// Shopify exports the state of a consent without its instant: it counts as said before anything that Aisle hears.
fn consents(row: &Fields<'_>) -> Vec<Consent> {
    let said = [
        (
            Channel::Email,
            &["accepts email marketing", "accepts marketing"][..],
        ),
        (Channel::Sms, &["accepts sms marketing"][..]),
    ];
    let consent = |(channel, names): (Channel, &[&str])| {
        let granted = row
            .any(names)
            .map(|text| matches!(text.to_lowercase().as_str(), "yes" | "true"))?;
        let wording = "shopify-export".to_owned();
        Some(Consent {
            purpose: Purpose::Marketing,
            channel: Some(channel),
            granted,
            at: DateTime::<Utc>::UNIX_EPOCH,
            wording,
        })
    };
    said.into_iter().filter_map(consent).collect()
}
