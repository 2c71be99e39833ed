//! Reading: one item, several, and a range of sort keys.

use super::refusal::{read_refused, unreadable};
use super::{BODY, DynamoDbLedger, PARTITION, REVISION, SORT};
use crate::aws::patience::Patience;
use crate::ports::ledger::{Key, LedgerError, MAX_KEY_BYTES, Stored};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// The most keys in a `BatchGetItem`.
const KEYS_AT_ONCE: usize = 100;

/// An item as the service has it.
pub(super) type Item = HashMap<String, AttributeValue>;

impl DynamoDbLedger {
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        let call = self.client.get_item().table_name(&self.table);
        let call = call
            .key(PARTITION, AttributeValue::S(key.partition.clone()))
            .key(SORT, AttributeValue::S(key.sort.clone()));
        let answer = call.consistent_read(true).send().await;
        let item = answer.map_err(|error| read_refused(&error))?.item;
        item.as_ref().map(stored).transpose()
    }

    /// Each distinct key is asked for once: the service refuses a call that names one twice.
    pub(super) async fn batch_get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        let mut found: BTreeMap<&Key, Option<Stored>> =
            keys.iter().map(|key| (key, None)).collect();
        let distinct: Vec<Key> = found.keys().map(|key| (*key).clone()).collect();
        for some in distinct.chunks(KEYS_AT_ONCE) {
            for stored in self.get_some(some).await? {
                if let Some(place) = found.get_mut(&stored.key) {
                    *place = Some(stored);
                }
            }
        }
        let of = |key: &Key| found.get(key).cloned().flatten();
        Ok(keys.iter().map(of).collect())
    }

    /// The service answers as much as it likes and names the rest.
    async fn get_some(&self, keys: &[Key]) -> Result<Vec<Stored>, LedgerError> {
        let mut found = Vec::with_capacity(keys.len());
        let mut rest = Some(ask(keys.iter().map(name).collect())?);
        let mut patience = Patience::default();
        while let Some(asked) = rest.take() {
            let call = self.client.batch_get_item();
            let answer = call.request_items(&self.table, asked).send().await;
            let answer = answer.map_err(|error| read_refused(&error))?;
            let items = answer.responses.unwrap_or_default();
            for item in items.values().flatten() {
                found.push(stored(item)?);
            }
            let unprocessed = answer.unprocessed_keys.unwrap_or_default();
            rest = unprocessed.into_values().find(|left| !left.keys.is_empty());
            if rest.is_some() && !patience.wait().await {
                return Err(LedgerError::Unavailable("it answers in part".to_owned()));
            }
        }
        Ok(found)
    }

    /// A page of the service ends at 1 MB: asked on until there is enough.
    pub(super) async fn query(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        let (from, to) = (within_bounds(range.start), within_bounds(range.end));
        let mut page: Vec<Stored> = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let left = limit - page.len();
            let call = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .limit(i32::try_from(left + 2).unwrap_or(i32::MAX))
                .expression_attribute_values(":p", AttributeValue::S(partition.to_owned()))
                .expression_attribute_values(":to", AttributeValue::S(to.to_owned()))
                .set_exclusive_start_key(start.take());
            // No key is empty, and an empty one may not be asked for.
            let call = match from {
                "" => call.key_condition_expression("pk = :p AND sk <= :to"),
                from => call
                    .key_condition_expression("pk = :p AND sk BETWEEN :from AND :to")
                    .expression_attribute_values(":from", AttributeValue::S(from.to_owned())),
            };
            let answer = call.send().await;
            let answer = answer.map_err(|error| read_refused(&error))?;
            for item in answer.items.unwrap_or_default() {
                let stored = stored(&item)?;
                // The service's bounds are both inside, and no longer than a key.
                if range.contains(&stored.key.sort.as_str()) && page.len() < limit {
                    page.push(stored);
                }
            }
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || page.len() >= limit {
                return Ok(page);
            }
        }
    }
}

/// A bound that is longer than any key, cut to the longest: what that lets in too much is left out again.
fn within_bounds(bound: &str) -> &str {
    let mut end = bound.len().min(MAX_KEY_BYTES);
    while !bound.is_char_boundary(end) {
        end -= 1;
    }
    bound.get(..end).unwrap_or_default()
}

pub(super) fn name(key: &Key) -> Item {
    HashMap::from([
        (
            PARTITION.to_owned(),
            AttributeValue::S(key.partition.clone()),
        ),
        (SORT.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

fn ask(keys: Vec<Item>) -> Result<KeysAndAttributes, LedgerError> {
    let asked = KeysAndAttributes::builder().set_keys(Some(keys));
    let asked = asked.consistent_read(true).build();
    asked.map_err(|error| LedgerError::Unavailable(error.to_string()))
}

fn stored(item: &Item) -> Result<Stored, LedgerError> {
    let text = |name: &str| {
        let value = item.get(name).and_then(|value| value.as_s().ok());
        value.cloned().ok_or_else(|| unreadable(name))
    };
    let revision = item.get(REVISION).and_then(|value| value.as_n().ok());
    let revision = revision.and_then(|revision| revision.parse().ok());
    Ok(Stored {
        key: Key::new(text(PARTITION)?, text(SORT)?),
        revision: revision.ok_or_else(|| unreadable(REVISION))?,
        body: text(BODY)?,
    })
}
