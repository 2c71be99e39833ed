//! Writing: all or nothing, each write with its condition.

use super::read::name;
use super::refusal::{Refused, refused};
use super::{BODY, DynamoDbLedger, REVISION};
use crate::aws::patience::Patience;
use crate::ports::ledger::{Condition, Key, LedgerError, Write};
use crate::telemetry::figures::THROTTLED;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};
use std::collections::HashMap;

/// That no item is there.
const ABSENT: &str = "attribute_not_exists(pk)";
/// That it is as it was seen.
const UNCHANGED: &str = "#r = :seen";
/// Whatever was there, its revision grows.
const GROW: &str = "SET #b = :b, #r = if_not_exists(#r, :none) + :one";

impl DynamoDbLedger {
    /// A write that stands in another's way is cancelled as a whole: made again, under another token, for a while.
    pub(super) async fn transact(&self, batch: &[Write]) -> Result<(), LedgerError> {
        let (items, places) = self.items(batch).map_err(|error| unbuilt(&error))?;
        if items.is_empty() {
            return Ok(());
        }
        let mut patience = Patience::default();
        loop {
            let call = self.client.transact_write_items();
            // The token of all tries of this call is drawn by the client.
            let call = call.set_transact_items(Some(items.clone()));
            let Err(error) = call.send().await else {
                return Ok(());
            };
            match refused(&error) {
                Refused::Conflict { place } => {
                    let index = places.get(place).copied().unwrap_or(place);
                    return Err(LedgerError::Conflict { index });
                }
                Refused::NotNow(reason) if !patience.wait().await => {
                    return Err(LedgerError::Unavailable(reason));
                }
                Refused::NotNow(_) => THROTTLED.add(1, &[]),
                Refused::Other(error) => return Err(error),
            }
        }
    }

    /// The writes as the service takes them, and of each its place in the batch: what checks nothing is left out.
    fn items(&self, batch: &[Write]) -> Result<(Vec<TransactWriteItem>, Vec<usize>), BuildError> {
        let mut items = Vec::with_capacity(batch.len());
        let mut places = Vec::with_capacity(batch.len());
        for (place, write) in batch.iter().enumerate() {
            if let Some(item) = self.item(write)? {
                items.push(item);
                places.push(place);
            }
        }
        Ok((items, places))
    }

    fn item(&self, write: &Write) -> Result<Option<TransactWriteItem>, BuildError> {
        let item = TransactWriteItem::builder();
        Ok(Some(match write {
            Write::Put {
                key,
                body,
                condition: Condition::Any,
            } => item.update(self.grow(key, body)?).build(),
            Write::Put {
                key,
                body,
                condition,
            } => item.put(self.put(key, body, *condition)?).build(),
            // Nothing is to be deleted where nothing may be there.
            Write::Delete {
                key,
                condition: Condition::Absent,
            }
            | Write::Check {
                key,
                condition: Condition::Absent,
            } => item.condition_check(self.check(key, None)?).build(),
            Write::Check {
                condition: Condition::Any,
                ..
            } => return Ok(None),
            Write::Check {
                key,
                condition: Condition::Revision(seen),
            } => item.condition_check(self.check(key, Some(*seen))?).build(),
            Write::Delete { key, condition } => item.delete(self.delete(key, *condition)?).build(),
        }))
    }

    fn grow(&self, key: &Key, body: &str) -> Result<Update, BuildError> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(name(key)))
            .update_expression(GROW)
            .expression_attribute_names("#b", BODY)
            .expression_attribute_names("#r", REVISION)
            .expression_attribute_values(":b", AttributeValue::S(body.to_owned()))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .build()
    }

    /// The revision after it follows from the one that was seen.
    fn put(&self, key: &Key, body: &str, condition: Condition) -> Result<Put, BuildError> {
        let next = match condition {
            Condition::Revision(seen) => seen.saturating_add(1),
            Condition::Absent | Condition::Any => 1,
        };
        let mut item = name(key);
        item.insert(REVISION.to_owned(), number(next));
        item.insert(BODY.to_owned(), AttributeValue::S(body.to_owned()));
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        match condition {
            Condition::Revision(seen) => put
                .condition_expression(UNCHANGED)
                .expression_attribute_names("#r", REVISION)
                .expression_attribute_values(":seen", number(seen))
                .build(),
            Condition::Absent | Condition::Any => put.condition_expression(ABSENT).build(),
        }
    }

    fn delete(&self, key: &Key, condition: Condition) -> Result<Delete, BuildError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(name(key)));
        match condition {
            Condition::Revision(seen) => delete
                .condition_expression(UNCHANGED)
                .expression_attribute_names("#r", REVISION)
                .expression_attribute_values(":seen", number(seen))
                .build(),
            Condition::Absent | Condition::Any => delete.build(),
        }
    }

    /// That the item is at a revision; `None` is that it is not there.
    fn check(&self, key: &Key, revision: Option<u64>) -> Result<ConditionCheck, BuildError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(name(key)));
        match revision {
            None => check.condition_expression(ABSENT).build(),
            Some(seen) => check
                .condition_expression(UNCHANGED)
                .set_expression_attribute_names(Some(HashMap::from([(
                    "#r".to_owned(),
                    REVISION.to_owned(),
                )])))
                .expression_attribute_values(":seen", number(seen))
                .build(),
        }
    }
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn unbuilt(error: &BuildError) -> LedgerError {
    LedgerError::Unavailable(format!("the write cannot be said: {error}"))
}
