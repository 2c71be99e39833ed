//! `pick.set`: pins or dismisses an item for a customer of the device's store, or takes that back.
//!
//! Customer and item are its natural key: whatever is pushed again, what stands so already is not said twice.

use super::notes::may_write;
use super::{Decision, Desk};
use crate::feed::{Move, entity_key};
use crate::ports::ledger::Condition;
use crate::table::{self, Row, TableError};
use domain::api::sync::{Scope, kind};
use domain::customer::{Customer, Purpose};
use domain::pick::{PickChange, Picks};

pub(super) async fn decide(desk: &Desk<'_>, args: &str) -> Result<Decision, TableError> {
    let change: PickChange = match serde_json::from_str(args) {
        Ok(change) => change,
        Err(error) => return Ok(Decision::rejected("pick-invalid", error)),
    };
    let customer = match may_write(desk, &change.customer, &change.author).await? {
        Ok(check) => check,
        Err(rejected) => return Ok(rejected),
    };
    // Taking back what was said is always taken.
    if change.verdict.is_some() && refuses(desk, &change).await? {
        return Ok(Decision::rejected(
            "personalisation-refused",
            "She does not want personal recommendations",
        ));
    }
    let key = entity_key(kind::PICKS, change.customer.as_str());
    let row: Option<Row<Picks>> = table::lookup(desk.ledger, &key).await?;
    let condition = row.as_ref().map_or(Condition::Absent, Row::unchanged);
    let mut picks = row.map(|row| row.value).unwrap_or_default();
    if !picks.set(&change) {
        return Ok(Decision::applied(Vec::new(), Vec::new()));
    }
    let body = serde_json::value::to_raw_value(&picks).map_err(|error| TableError::Corrupt {
        key: "new picks".to_owned(),
        reason: error.to_string(),
    })?;
    let moved = Move {
        scope: Scope::customers(desk.store),
        kind: kind::PICKS,
        id: change.customer.to_string(),
        body: Some(body),
        command: Some(desk.command.clone()),
        condition,
    };
    Ok(Decision::applied(vec![moved], vec![customer]))
}

async fn refuses(desk: &Desk<'_>, change: &PickChange) -> Result<bool, TableError> {
    let key = entity_key(kind::CUSTOMER, change.customer.as_str());
    let row: Option<Row<Customer>> = table::lookup(desk.ledger, &key).await?;
    Ok(row.is_some_and(|row| row.value.refuses(Purpose::Personalisation)))
}
