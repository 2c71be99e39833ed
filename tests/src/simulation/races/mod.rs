//! Devices that race for carts, for the last piece of an item, and for a code; with a payment provider that declines,
//! keeps silent and changes its mind late.
//!
//! The cart function is the real one, in several instances, over the simulated ledger: each of its ledger operations
//! is a turn, and what goes on between two turns of one call is drawn from the seed. Calls are killed between turns,
//! repeated while the first is under way, and asked again after their answer was lost. When everything has come to
//! rest, what people were told is held against what lies in the ledger, in the drawer and on the shelf. Tablets sell
//! without the cloud too, from what it allotted to them, and tell it later.

mod acts;
mod ask;
mod away;
mod checks;
mod client;
mod money;
mod provider;
mod rest;
mod told;
mod world;

use super::ledger::{Model, Store};
use super::run::{Runner, Verdict};
use super::trace::Trace;
use anyhow::Result;
use std::sync::Mutex;
use world::Races;

/// How many requests devices make in a race of usual length.
pub const RACE_OPERATIONS: u64 = 160;

impl Runner {
    /// Runs the race of a seed: `operations` requests of four devices on three carts.
    ///
    /// # Errors
    /// When the simulation itself breaks; what does not hold is in the verdict.
    pub fn race(&self, seed: u64, operations: u64, in_words: bool) -> Result<Verdict> {
        let trace = if in_words {
            Trace::in_words()
        } else {
            Trace::default()
        };
        let run = async {
            let store = Store::Model(Box::new(Mutex::new(Model::default())));
            let mut races = Races::new(store, seed, trace).await?;
            races.run(operations).await?;
            anyhow::Ok(races.verdict())
        };
        self.runtime().block_on(tokio::task::unconstrained(run))
    }
}
