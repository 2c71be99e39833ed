//! Cuts a failing run short: as few actions, devices' troubles and faults as still show the same.

use super::ledger::Rates;
use super::plan::{Network, Plan};
use super::run::{Engines, Runner, Verdict};
use anyhow::Result;

/// The most runs that cutting may take.
const MAX_RUNS: usize = 600;

/// A run that was cut short.
#[derive(Debug, Clone)]
pub struct Short {
    /// What is left of the plan.
    pub plan: Plan,
    /// What comes of it, in words.
    pub verdict: Verdict,
}

/// The shortest run found that violates the same invariant.
///
/// # Errors
/// When the simulation itself breaks.
pub fn shrink(runner: &Runner, plan: &Plan, verdict: &Verdict) -> Result<Short> {
    let invariant = verdict
        .violations
        .first()
        .map(|violation| violation.invariant);
    let mut search = Search {
        runner,
        invariant: invariant.unwrap_or_default(),
        best: plan.clone(),
        left: MAX_RUNS,
    };
    search.without_faults();
    search.without_actions();
    search.without_faults();
    let verdict = runner.run(&search.best, Engines::Model, true)?;
    Ok(Short {
        plan: search.best,
        verdict,
    })
}

struct Search<'a> {
    runner: &'a Runner,
    invariant: &'static str,
    best: Plan,
    left: usize,
}

impl Search<'_> {
    /// Takes a plan over where it still fails in the same way.
    fn try_plan(&mut self, plan: Plan) -> bool {
        if self.left == 0 || plan == self.best {
            return false;
        }
        self.left -= 1;
        // A run that breaks the simulation itself shows something else.
        let Ok(verdict) = self.runner.run(&plan, Engines::Model, false) else {
            return false;
        };
        let fails = verdict
            .violations
            .iter()
            .any(|violation| violation.invariant == self.invariant);
        if fails {
            self.best = plan;
        }
        fails
    }

    /// Removes halves, quarters, … of the actions, as long as that goes (Zeller's delta debugging).
    fn without_actions(&mut self) {
        let mut size = self.best.actions.len().div_ceil(2);
        while size > 0 && self.left > 0 {
            let mut from = 0;
            let mut cut = false;
            while from < self.best.actions.len() {
                let mut plan = self.best.clone();
                let to = (from + size).min(plan.actions.len());
                plan.actions.drain(from..to);
                if self.try_plan(plan) {
                    cut = true;
                } else {
                    from = to;
                }
            }
            size = if size == 1 && !cut {
                0
            } else {
                (size / 2).max(1)
            };
        }
    }

    fn without_faults(&mut self) {
        let mut calm = self.best.clone();
        calm.calm();
        if self.try_plan(calm) {
            return;
        }
        let network: [fn(&mut Network); 7] = [
            |network| network.lost = 0,
            |network| network.refused = 0,
            |network| network.repeated = 0,
            |network| network.late = 0,
            |network| network.answer_lost = 0,
            |network| network.half = 0,
            |network| network.kill = 0,
        ];
        let ledger: [fn(&mut Rates); 5] = [
            |rates| rates.throttled = 0,
            |rates| rates.done_untold = 0,
            |rates| rates.lost_untold = 0,
            |rates| rates.paged = 0,
            |rates| rates.slow = 0,
        ];
        for without in network {
            let mut plan = self.best.clone();
            without(&mut plan.network);
            self.try_plan(plan);
        }
        for without in ledger {
            let mut plan = self.best.clone();
            without(&mut plan.ledger);
            self.try_plan(plan);
        }
    }
}
