//! The last hour of one store, minute by minute.

use crate::clicks::Heard;
use chrono::{DateTime, Utc};
use domain::api::board::{BOARD_MINUTES, Tile};
use domain::event::{Action, Event, Who};
use domain::ids::Sku;
use domain::money::{Currency, Money};
use domain::profile::ACTIVE_MINUTES;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Shoppers that are told apart at one time: the figure never shows more.
pub(super) const MAX_SHOPPERS: usize = 4_000;
/// Items per minute that are told apart, over all minutes. With the longest ids that is 210 KB.
pub(super) const MAX_ITEMS: usize = 1_500;
/// Hexadecimal digits of a shopper's hash: enough to tell [`MAX_SHOPPERS`] apart.
const HASH_DIGITS: usize = 12;

/// The last hour of a store.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Window {
    /// The place in the log of the last event that was counted.
    pub(super) through: u64,
    /// The newest event.
    #[serde(default)]
    pub(super) newest_event_at: Option<DateTime<Utc>>,
    /// By minutes since 1970.
    minutes: BTreeMap<i64, Minute>,
    /// When each shopper who is here was seen last, in seconds since 1970, by the hash of who she is.
    shoppers: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Minute {
    #[serde(default)]
    views: u32,
    #[serde(default)]
    adds: u32,
    #[serde(default)]
    orders: u32,
    /// In minor units of the store's currency.
    #[serde(default)]
    sales: i64,
    #[serde(default)]
    shoppers: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    items: BTreeMap<Sku, u32>,
}

impl Window {
    /// Counts an event once, in the minute in which it happened. Orders in another currency than the store's are
    /// orders, and no part of its sales.
    pub(super) fn count(&mut self, heard: &Heard, currency: Currency, now: DateTime<Utc>) {
        if heard.is_counted(self.through) {
            return;
        }
        self.through = self.through.max(heard.sequence);
        let event = &heard.event;
        let at = event.at.min(now);
        if minute_of(at) < first_minute(now) {
            return;
        }
        self.newest_event_at = self.newest_event_at.max(Some(at));
        self.count_shopper(&event.who, at, now);
        self.count_action(event, minute_of(at), currency);
    }

    /// Drops what is over.
    pub(super) fn prune(&mut self, now: DateTime<Utc>) {
        self.minutes = self.minutes.split_off(&first_minute(now));
        let since = here_since(now);
        self.shoppers.retain(|_, seen| *seen >= since);
    }

    fn minute(&mut self, minute: i64) -> &mut Minute {
        self.minutes.entry(minute).or_default()
    }

    fn count_action(&mut self, event: &Event, minute: i64, currency: Currency) {
        match &event.action {
            Action::ProductViewed(product) => {
                self.minute(minute).views += 1;
                self.count_item(minute, &product.sku);
            }
            Action::ProductAdded(_) => self.minute(minute).adds += 1,
            Action::OrderCompleted { total, .. } => {
                let minute = self.minute(minute);
                minute.orders += 1;
                let sale = total.filter(|total| total.currency == currency);
                minute.sales = minute
                    .sales
                    .saturating_add(sale.map_or(0, |total| total.minor));
            }
            _ => {}
        }
    }

    fn count_shopper(&mut self, who: &Who, at: DateTime<Utc>, now: DateTime<Utc>) {
        let Some(who) = hash(who) else { return };
        let seen = self.shoppers.get(&who).copied();
        if seen.is_none_or(|seen| seen.div_euclid(60) < minute_of(at)) {
            self.minute(minute_of(at)).shoppers += 1;
        }
        let is_here = at.timestamp() >= here_since(now);
        let has_room = seen.is_some() || self.shoppers.len() < MAX_SHOPPERS;
        if is_here && has_room {
            self.shoppers
                .insert(who, at.timestamp().max(seen.unwrap_or(i64::MIN)));
        }
    }

    fn count_item(&mut self, minute: i64, sku: &Sku) {
        let is_known = self.minute(minute).items.contains_key(sku);
        if is_known || self.has_room_for_an_item() {
            *self.minute(minute).items.entry(sku.clone()).or_default() += 1;
        }
    }

    /// Where there is no room, an item that was looked at once makes some; the oldest first.
    fn has_room_for_an_item(&mut self) -> bool {
        let items: usize = self.minutes.values().map(|minute| minute.items.len()).sum();
        items < MAX_ITEMS || self.minutes.values_mut().any(Minute::forget_an_item)
    }

    /// Shoppers with an event in the last [`ACTIVE_MINUTES`], and in each minute.
    pub(super) fn shoppers_now(&self, now: DateTime<Utc>) -> Tile {
        let since = here_since(now);
        let here = self.shoppers.values().filter(|seen| **seen >= since);
        Tile {
            value: i64::try_from(here.count()).unwrap_or(i64::MAX),
            ..self.tile(now, |minute| i64::from(minute.shoppers))
        }
    }

    pub(super) fn views(&self, now: DateTime<Utc>) -> Tile {
        self.tile(now, |minute| i64::from(minute.views))
    }

    pub(super) fn adds(&self, now: DateTime<Utc>) -> Tile {
        self.tile(now, |minute| i64::from(minute.adds))
    }

    pub(super) fn orders(&self, now: DateTime<Utc>) -> Tile {
        self.tile(now, |minute| i64::from(minute.orders))
    }

    pub(super) fn sales(&self, now: DateTime<Utc>, currency: Currency) -> (Money, Vec<i64>) {
        let tile = self.tile(now, |minute| minute.sales);
        (Money::new(tile.value, currency), tile.minutes)
    }

    fn tile(&self, now: DateTime<Utc>, figure: impl Fn(&Minute) -> i64) -> Tile {
        let minutes: Vec<i64> = (first_minute(now)..=minute_of(now))
            .map(|minute| self.minutes.get(&minute).map_or(0, &figure))
            .collect();
        Tile {
            value: minutes.iter().fold(0, |sum: i64, n| sum.saturating_add(*n)),
            minutes,
        }
    }

    /// The items looked at most, with their views; ties by SKU.
    pub(super) fn top_items(&self, now: DateTime<Utc>, limit: usize) -> Vec<(&Sku, u32)> {
        let mut views: BTreeMap<&Sku, u32> = BTreeMap::new();
        for minute in self
            .minutes
            .range(first_minute(now)..)
            .map(|(_, minute)| minute)
        {
            for (sku, count) in &minute.items {
                let sum = views.entry(sku).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
        let mut top: Vec<_> = views.into_iter().collect();
        top.sort_by_key(|(_, views)| std::cmp::Reverse(*views));
        top.truncate(limit);
        top
    }
}

impl Minute {
    fn forget_an_item(&mut self) -> bool {
        let rare = self.items.iter().find(|(_, views)| **views == 1);
        let rare = rare.map(|(sku, _)| sku.clone());
        rare.is_some_and(|sku| self.items.remove(&sku).is_some())
    }
}

fn minute_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

/// The first of the [`BOARD_MINUTES`] that end with now's.
fn first_minute(now: DateTime<Utc>) -> i64 {
    minute_of(now) - i64::try_from(BOARD_MINUTES).unwrap_or(60) + 1
}

fn here_since(now: DateTime<Utc>) -> i64 {
    now.timestamp() - ACTIVE_MINUTES * 60
}

/// The browser rather than the customer: signing in does not make one shopper two.
fn hash(who: &Who) -> Option<String> {
    let text = match who {
        Who {
            anonymous: Some(anonymous),
            ..
        } => format!("a/{anonymous}"),
        Who {
            customer: Some(customer),
            ..
        } => format!("c/{customer}"),
        Who { .. } => return None,
    };
    let digest = format!("{:x}", Sha256::digest(text));
    digest.get(..HASH_DIGITS).map(str::to_owned)
}
