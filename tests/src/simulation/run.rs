//! Runs plans.

use super::counts::Figures;
use super::ledger::{Model, Store};
use super::plan::Plan;
use super::serial;
use super::trace::Trace;
use super::violation::Violation;
use super::world::World;
use anyhow::{Context, Result};
use cloud_functions::engines::memory::MemoryLedger;
use cloud_functions::engines::sqlite::SqliteLedger;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// On which engine the ledger lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engines {
    /// The model of DynamoDB.
    Model,
    /// The engine in memory.
    Memory,
    /// SQLite in a folder of its own.
    Sqlite,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What did not hold; nothing where all is well.
    pub violations: Vec<Violation>,
    /// What was done.
    pub figures: Figures,
    /// How many steps it took.
    pub steps: u64,
    /// The same where the cloud holds the same, whatever devices' clocks say.
    pub timeless: u64,
    /// The same for the same run, to the byte.
    pub hash: u64,
    /// What happened, where it was asked for.
    pub lines: Vec<String>,
}

/// Runs plans, one after the other, in one thread.
pub struct Runner {
    runtime: tokio::runtime::Runtime,
}

impl Runner {
    /// A runner.
    ///
    /// # Errors
    /// When there is no runtime.
    pub fn new() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .max_blocking_threads(1)
            .build()
            .context("a runtime")?;
        Ok(Self { runtime })
    }

    /// What runs it.
    pub(super) const fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    /// Runs a plan.
    ///
    /// # Errors
    /// When the simulation itself breaks; what does not hold is in the verdict.
    pub fn run(&self, plan: &Plan, engine: Engines, in_words: bool) -> Result<Verdict> {
        let trace = if in_words {
            Trace::in_words()
        } else {
            Trace::default()
        };
        let folder = tempfile::tempdir()?;
        let store = open(engine, folder.path())?;
        let plan = plan.clone();
        let run = async {
            let mut world = World::new(plan, store, trace).await?;
            world.run().await?;
            let verdict = Verdict {
                violations: std::mem::take(&mut world.violations),
                figures: world.figures(),
                steps: world.trace.steps,
                timeless: super::projection::timeless(&world.history()),
                hash: world.trace.hash(),
                lines: world.trace.lines().to_vec(),
            };
            anyhow::Ok(verdict)
        };
        self.runtime.block_on(tokio::task::unconstrained(run))
    }

    /// What a cloud on an engine answers to the requests of a seed, asked one after the other: statuses and bodies.
    ///
    /// # Errors
    /// When the cloud cannot be set up or asked.
    pub fn answers(
        &self,
        seed: u64,
        requests: usize,
        engine: Engines,
    ) -> Result<Vec<(u16, Vec<u8>)>> {
        let folder = tempfile::tempdir()?;
        let store = open(engine, folder.path())?;
        self.runtime
            .block_on(serial::answers(store, seed, requests))
    }
}

fn open(engine: Engines, folder: &Path) -> Result<Store> {
    Ok(match engine {
        Engines::Model => Store::Model(Box::new(Mutex::new(Model::default()))),
        Engines::Memory => Store::Engine(Arc::new(MemoryLedger::default())),
        Engines::Sqlite => {
            let file = folder.join("ledger.db");
            Store::Engine(Arc::new(SqliteLedger::open(&file)?))
        }
    })
}
