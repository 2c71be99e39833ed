//! What associates said of recommendations for a customer: what the cloud confirmed, and over it what is on its way.

use super::Replica;
use super::rebase::Noted;
use super::store::{MAX_LIST, lookup};
use crate::error::ReplicaError;
use domain::api::sync::kind;
use domain::ids::CustomerId;
use domain::pick::{PickChange, Picks};
use rusqlite::Connection;

impl Replica {
    /// The picks for a customer. What was said here counts at once; the cloud's own replaces it when it arrives.
    pub fn picks(&self, customer: &CustomerId) -> Result<Picks, ReplicaError> {
        self.read(|connection| {
            // One transaction: a page that arrives in between would lose what was said, or keep it twice.
            let transaction = connection.unchecked_transaction()?;
            let kept: Option<Picks> = lookup(&transaction, kind::PICKS, customer.as_str())?;
            let mut picks = kept.unwrap_or_default();
            for said in list_picked(&transaction, customer)? {
                let change: Option<PickChange> = said.args().filter(|_| said.is_ahead());
                if let Some(change) = change {
                    picks.set(&change);
                }
            }
            Ok(picks)
        })
    }
}

fn list_picked(connection: &Connection, customer: &CustomerId) -> Result<Vec<Noted>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_picked.sql"))?;
    let picked = statement.query_map((customer.as_str(), MAX_LIST), Noted::of_row)?;
    Ok(picked.collect::<Result<_, _>>()?)
}
