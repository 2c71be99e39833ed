//! Customers, their profiles and orders, and the search over them.

use super::Replica;
use super::projection::fold_card;
use super::store::{MAX_LIST, lookup, read};
use crate::error::ReplicaError;
use crate::search::{CustomerIndex, Found, Query, mark_words};
use chrono::{DateTime, Utc};
use domain::api::device::{CustomerHit, CustomerHits, MAX_ROWS};
use domain::api::sync::kind;
use domain::customer::{Customer, Purpose};
use domain::ids::{CardNumber, CustomerId};
use domain::item::Item;
use domain::order::Order;
use domain::profile::Profile;
use rusqlite::{Connection, OptionalExtension};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A piece shorter than this is not looked for in e-mail addresses and cards.
const MIN_PIECE: usize = 3;

impl Replica {
    /// A customer.
    pub fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, ReplicaError> {
        self.read(|connection| lookup(connection, kind::CUSTOMER, id.as_str()))
    }

    /// Whose loyalty card it is; the oldest customer where several have it.
    pub fn customer_by_card(&self, card: &CardNumber) -> Result<Option<Customer>, ReplicaError> {
        let card = fold_card(card.as_str());
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached(include_str!("sql/customer_by_card.sql"))?;
            let body: Option<String> = statement.query_row([card], |row| row.get(0)).optional()?;
            Ok(body.and_then(|body| read(&body)))
        })
    }

    /// What somebody does on the web.
    pub fn profile(&self, id: &CustomerId) -> Result<Option<Profile>, ReplicaError> {
        self.read(|connection| lookup(connection, kind::PROFILE, id.as_str()))
    }

    /// Somebody's orders, newest first, at most `limit` and [`MAX_LIST`].
    pub fn orders(&self, id: &CustomerId, limit: usize) -> Result<Vec<Order>, ReplicaError> {
        self.read(|connection| list_history(connection, id, kind::ORDER, limit))
    }

    /// How many customers are here.
    pub fn count_customers(&self) -> Result<u64, ReplicaError> {
        Ok(self.loaded_search()?.customers().len())
    }

    /// Finds customers by parts of their names, telephone, e-mail or card, as they are typed; at most `limit` and
    /// [`MAX_ROWS`]. Nothing typed lists who was here or browsed lately.
    pub fn search_customers(
        &self,
        typed: &str,
        limit: usize,
    ) -> Result<CustomerHits, ReplicaError> {
        let limit = limit.min(MAX_ROWS);
        let query = Query::of_person(typed);
        let search = self.loaded_search()?;
        let index = search.customers();
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let found = if typed.trim().is_empty() {
                list_recent(&transaction, index, limit)?
            } else {
                search_customers(&transaction, index, &query, limit)?
            };
            let mut hits = Vec::with_capacity(limit);
            for found in found.iter().take(limit) {
                hits.extend(read_hit(&transaction, *found, &query)?);
            }
            Ok(CustomerHits {
                hits,
                more: found.len() > limit,
                known: index.len(),
            })
        })
    }
}

/// Her own number first, where that is what was typed; words and numbers by the index; then, for what was typed in one
/// piece, e-mail addresses and cards that begin so.
fn search_customers(
    connection: &Connection,
    index: &CustomerIndex,
    query: &Query,
    limit: usize,
) -> Result<Vec<Found>, ReplicaError> {
    let mut found = Vec::new();
    if !query.is_email() && !query.is_empty() {
        found = index.search(query, limit + 1);
    }
    if let Some(hers) = by_id(connection, query)? {
        found.retain(|other| *other != hers);
        found.insert(0, hers);
    }
    let Some(piece) = query
        .piece
        .as_deref()
        .filter(|piece| piece.len() >= MIN_PIECE)
    else {
        return Ok(found);
    };
    let lookups = [
        (include_str!("sql/emails_from.sql"), piece.to_owned()),
        (include_str!("sql/cards_from.sql"), fold_card(piece)),
    ];
    for (sql, beginning) in lookups {
        if found.len() > limit || beginning.len() < MIN_PIECE {
            continue;
        }
        for row in rows_from(connection, sql, &beginning, limit + 1)? {
            if !found.contains(&Found { row }) {
                found.push(Found { row });
            }
        }
    }
    Ok(found)
}

/// The customer whose number was typed whole, in either case.
fn by_id(connection: &Connection, query: &Query) -> Result<Option<Found>, ReplicaError> {
    let Some(piece) = &query.piece else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(include_str!("sql/row_by_id.sql"))?;
    for id in [piece.clone(), piece.to_uppercase()] {
        let row = statement.query_row((kind::CUSTOMER, id), |row| row.get(0));
        if let Some(row) = row.optional()? {
            return Ok(Some(Found { row }));
        }
    }
    Ok(None)
}

fn rows_from(
    connection: &Connection,
    sql: &str,
    beginning: &str,
    limit: usize,
) -> Result<Vec<i64>, ReplicaError> {
    let end = format!("{beginning}{}", char::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((beginning, end, limit), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Who was here or browsed, the latest first. Who does not want her browsing used is not listed by it.
fn list_recent(
    connection: &Connection,
    index: &CustomerIndex,
    limit: usize,
) -> Result<Vec<Found>, ReplicaError> {
    let mut latest: BTreeMap<i64, i64> = BTreeMap::new();
    for found in index.recent(limit + 1) {
        latest.insert(found.row, i64::from(index.visit_of(found)));
    }
    let mut statement = connection.prepare_cached(include_str!("sql/recently_seen.sql"))?;
    let seen = statement.query_map([limit + 1], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    for seen in seen {
        let (row, at) = seen?;
        let customer: Option<Customer> = read_row(connection, row)?;
        if customer.is_some_and(|customer| !customer.refuses(Purpose::Personalisation)) {
            let visit = i64::from(index.visit_of(Found { row }));
            latest.insert(row, visit.max(at / 1_000));
        }
    }
    let mut order: Vec<(i64, i64)> = latest.into_iter().collect();
    order.sort_by_key(|(row, at)| (std::cmp::Reverse(*at), *row));
    order.truncate(limit + 1);
    Ok(order.into_iter().map(|(row, _)| Found { row }).collect())
}

fn read_hit(
    connection: &Connection,
    found: Found,
    query: &Query,
) -> Result<Option<CustomerHit>, ReplicaError> {
    let Some(customer) = read_row::<Customer>(connection, found.row)? else {
        return Ok(None);
    };
    let name = customer.name.full();
    let matched = mark_words(&name, &query.words);
    Ok(Some(CustomerHit {
        matched_by: matched_by(&customer, query, !matched.is_empty()),
        looked_at: looked_at(connection, &customer)?,
        id: customer.id,
        name,
        matched,
        tier: customer.tier,
        last_visit_at: customer.last_visit_at,
    }))
}

/// What matched beside the name: a number, an e-mail address, or the name that she prefers.
fn matched_by(customer: &Customer, query: &Query, by_name: bool) -> Option<String> {
    let id = customer.id.as_str();
    if query
        .piece
        .as_deref()
        .is_some_and(|piece| piece.eq_ignore_ascii_case(id))
    {
        return Some(id.to_owned());
    }
    let card = customer.card.as_ref().map(|card| fold_card(card.as_str()));
    if query.has_number() {
        let phone = customer.phone.as_ref().map(|phone| phone.digits());
        if let Some(phone) = phone.filter(|phone| query.matches_number(phone)) {
            return Some(mask(&phone));
        }
        return customer.card.as_ref().map(ToString::to_string);
    }
    if by_name && !query.is_email() {
        return None;
    }
    let piece = query.piece.as_deref()?;
    let email = customer.email.as_deref().map(str::to_lowercase);
    if let Some(email) = email.filter(|email| email.starts_with(piece)) {
        return Some(email);
    }
    if card.is_some_and(|card| card.starts_with(&fold_card(piece))) {
        return customer.card.as_ref().map(ToString::to_string);
    }
    let preferred = customer.name.preferred.clone();
    preferred.filter(|name| !mark_words(name, &query.words).is_empty())
}

/// The last four digits: enough to recognise, too little to copy.
fn mask(digits: &str) -> String {
    let from = digits.len().saturating_sub(4);
    format!("… {}", digits.get(from..).unwrap_or_default())
}

/// The last thing that she looked at, where she lets it be used.
fn looked_at(
    connection: &Connection,
    customer: &Customer,
) -> Result<Option<(String, DateTime<Utc>)>, ReplicaError> {
    if customer.refuses(Purpose::Personalisation) {
        return Ok(None);
    }
    let profile: Option<Profile> = lookup(connection, kind::PROFILE, customer.id.as_str())?;
    let Some(view) = profile.and_then(|profile| profile.views.into_iter().next()) else {
        return Ok(None);
    };
    let item: Option<Item> = lookup(connection, kind::ITEM, view.sku.as_str())?;
    Ok(item.map(|item| (item.title, view.at)))
}

/// A customer's notes or orders, newest first.
pub(super) fn list_history<T: DeserializeOwned>(
    connection: &Connection,
    customer: &CustomerId,
    kind: &str,
    limit: usize,
) -> Result<Vec<T>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_history.sql"))?;
    let mut rows = statement.query((customer.as_str(), kind, limit.min(MAX_LIST)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(read(row.get_ref(0)?.as_str().unwrap_or_default()));
    }
    Ok(found)
}

/// The entity in a row, where it is there and readable.
pub(super) fn read_row<T: DeserializeOwned>(
    connection: &Connection,
    row: i64,
) -> Result<Option<T>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/read_row.sql"))?;
    let body: Option<String> = statement.query_row([row], |row| row.get(0)).optional()?;
    Ok(body.and_then(|body| read(&body)))
}
