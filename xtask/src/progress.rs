//! Numbered steps with the seconds they took: what the user sees while we work.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The steps of one task, in the order in which they run.
pub(crate) struct Steps {
    planned: usize,
    started_at: Instant,
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    passed: bool,
}

impl Steps {
    /// A task of `planned` steps that starts now.
    pub(crate) fn new(planned: usize) -> Self {
        Self {
            planned,
            started_at: now(),
            done: Vec::new(),
        }
    }

    /// Runs one step; its name and the seconds so far are printed first.
    ///
    /// # Errors
    /// The step's own, with its number and name.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let number = self.done.len() + 1;
        let elapsed_s = self.started_at.elapsed().as_secs();
        println!("\n[{number}/{} · {elapsed_s} s] {name}", self.planned);
        let started_at = now();
        let result = work();
        self.done.push(Step {
            name: name.to_owned(),
            took: started_at.elapsed(),
            passed: result.is_ok(),
        });
        result.with_context(|| format!("step {number} ({name}) failed"))
    }

    /// The table of steps and their times, one line each.
    pub(crate) fn table(&self) -> String {
        let width = self.done.iter().map(|step| step.name.chars().count()).max();
        let width = width.unwrap_or(0);
        let mut table = String::new();
        for step in &self.done {
            let end = if step.passed { "" } else { "  failed" };
            let took_s = step.took.as_secs_f64();
            table.push_str(&format!("  {:width$}  {took_s:8.1} s{end}\n", step.name));
        }
        let total_s = self.started_at.elapsed().as_secs_f64();
        table.push_str(&format!("  {:width$}  {total_s:8.1} s\n", "All"));
        table
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "how long a build took is the clock's matter, and no rule depends on it"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_named_and_stays_in_the_table() {
        let mut steps = Steps::new(2);
        steps.step("First", || Ok(())).unwrap();
        let failed: Result<()> = steps.step("Second", || anyhow::bail!("no disk"));
        assert_eq!(
            format!("{:#}", failed.unwrap_err()),
            "step 2 (Second) failed: no disk"
        );
        let table = steps.table();
        assert!(table.contains("First "));
        assert!(table.lines().any(|line| line.ends_with("failed")));
    }
}
