//! Items with their prices and stock, and the search over them.

use super::Replica;
use super::customers::read_row;
use super::store::{list, lookup, read};
use crate::error::ReplicaError;
use crate::search::Query;
use chrono::{DateTime, Utc};
use domain::api::content::ItemView;
use domain::api::device::{DepartmentTile, ItemHits, MAX_ROWS};
use domain::api::sync::kind;
use domain::gtin::Gtin;
use domain::ids::{DepartmentId, Sku, StyleId};
use domain::item::{Item, Price, Stock};
use rusqlite::{Connection, OptionalExtension};

impl Replica {
    /// An item.
    pub fn item(&self, sku: &Sku) -> Result<Option<Item>, ReplicaError> {
        self.read(|connection| lookup(connection, kind::ITEM, sku.as_str()))
    }

    /// The item with a bar code; the first by SKU where several have it.
    pub fn item_by_gtin(&self, gtin: Gtin) -> Result<Option<Item>, ReplicaError> {
        self.read(|connection| item_by_gtin(connection, gtin))
    }

    /// An item with its price at `now` and its stock.
    pub fn item_view(
        &self,
        sku: &Sku,
        now: DateTime<Utc>,
    ) -> Result<Option<ItemView>, ReplicaError> {
        self.read(|connection| {
            let item: Option<Item> = lookup(connection, kind::ITEM, sku.as_str())?;
            item.map(|item| view(connection, item, now)).transpose()
        })
    }

    /// Items of one style, by SKU; at most [`MAX_ROWS`].
    pub fn variants(
        &self,
        style: &StyleId,
        now: DateTime<Utc>,
    ) -> Result<Vec<ItemView>, ReplicaError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached(include_str!("sql/items_of_style.sql"))?;
            let mut rows = statement.query((style.as_str(), MAX_ROWS))?;
            let mut views = Vec::new();
            while let Some(row) = rows.next()? {
                let item = read(row.get_ref(0)?.as_str().unwrap_or_default());
                if let Some(item) = item {
                    views.push(view(connection, item, now)?);
                }
            }
            Ok(views)
        })
    }

    /// Items after a SKU, in the order of their SKUs: the catalogue, page by page; at most `limit` and [`MAX_LIST`](super::MAX_LIST).
    pub fn items(&self, after: Option<&Sku>, limit: usize) -> Result<Vec<Item>, ReplicaError> {
        let after = after.map_or("", |sku| sku.as_str());
        self.read(|connection| list(connection, kind::ITEM, after, limit))
    }

    /// What an item costs at `now`; `None` where no price is valid.
    pub fn price(&self, sku: &Sku, now: DateTime<Utc>) -> Result<Option<Price>, ReplicaError> {
        self.read(|connection| price(connection, sku, now))
    }

    /// How many of an item the store has.
    pub fn stock(&self, sku: &Sku) -> Result<Option<Stock>, ReplicaError> {
        self.read(|connection| stock(connection, sku))
    }

    /// Pieces of an item in the store, from memory; `None` where that is not known.
    pub fn on_hand(&self, sku: &Sku) -> Result<Option<i64>, ReplicaError> {
        Ok(self.loaded_search()?.items().on_hand(sku.as_str()))
    }

    /// The departments that have items, by their slugs; at most [`MAX_ROWS`].
    pub fn departments(&self) -> Result<Vec<DepartmentTile>, ReplicaError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached(include_str!("sql/list_departments.sql"))?;
            let mut rows = statement.query([MAX_ROWS])?;
            let mut tiles = Vec::new();
            while let Some(row) = rows.next()? {
                let department = DepartmentId::parse(row.get::<_, String>(0)?);
                let items = row.get(1)?;
                let first: Option<Item> = read_row(connection, row.get(2)?)?;
                tiles.extend(first.zip(department.ok()).map(|(first, department)| {
                    DepartmentTile {
                        department,
                        items,
                        art: first.art,
                        colour: first.colour,
                    }
                }));
            }
            Ok(tiles)
        })
    }

    /// Finds items by words, brand, colour, the beginning of their SKU, or a whole bar code; nothing typed lists
    /// them. What is in stock comes first. At most `limit` and [`MAX_ROWS`], from `offset` on.
    pub fn search_items(
        &self,
        typed: &str,
        department: Option<&DepartmentId>,
        offset: usize,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<ItemHits, ReplicaError> {
        let limit = limit.min(MAX_ROWS);
        if let Ok(gtin) = Gtin::parse(typed)
            && let Some(item) = self.item_by_gtin(gtin)?
            && department.is_none_or(|department| item.department == *department)
        {
            let hits = self.read(|connection| Ok(vec![view(connection, item, now)?]))?;
            return Ok(ItemHits {
                hits: hits.into_iter().skip(offset).take(limit).collect(),
                more: false,
            });
        }
        let department = department.map(|department| department.as_str());
        let search = self.loaded_search()?;
        let rows = search
            .items()
            .search(&Query::of_words(typed), department, offset, limit + 1);
        drop(search);
        self.read(|connection| {
            let mut hits = Vec::with_capacity(limit);
            for row in rows.iter().take(limit) {
                if let Some(item) = read_row(connection, *row)? {
                    hits.push(view(connection, item, now)?);
                }
            }
            Ok(ItemHits {
                hits,
                more: rows.len() > limit,
            })
        })
    }
}

fn item_by_gtin(connection: &Connection, gtin: Gtin) -> Result<Option<Item>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/item_by_gtin.sql"))?;
    let body: Option<String> = statement
        .query_row([gtin.to_string()], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| read(&body)))
}

fn stock(connection: &Connection, sku: &Sku) -> Result<Option<Stock>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/stock_by_sku.sql"))?;
    let body: Option<String> = statement
        .query_row([sku.as_str()], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| read(&body)))
}

fn view(connection: &Connection, item: Item, now: DateTime<Utc>) -> Result<ItemView, ReplicaError> {
    let stock = stock(connection, &item.sku)?;
    Ok(ItemView {
        price: price(connection, &item.sku, now)?,
        on_hand: stock.map(|stock| stock.on_hand),
        item,
    })
}

fn price(
    connection: &Connection,
    sku: &Sku,
    now: DateTime<Utc>,
) -> Result<Option<Price>, ReplicaError> {
    let price: Option<Price> = lookup(connection, kind::PRICE, sku.as_str())?;
    Ok(price.filter(|price| price.is_valid_at(now)))
}
