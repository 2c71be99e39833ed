//! `cargo xtask bench`: measures, and prints one table. Nothing is asserted: a
//! figure says as much about the machine as about us.

mod start_up;
mod table;
mod wasm_size;

pub(crate) use table::table;

use anyhow::Result;
use clap::Args;
use serde::Deserialize;

use crate::progress::Steps;
use crate::setup::{self, Need};
use crate::{paths, process, ui};

/// What the program `bench` of package `aisle-tests` measures, by name.
const PROGRAMS: &[&str] = &[
    "carts",
    "cold-start",
    "customer-search",
    "event-to-card",
    "ingest",
    "import",
    "recommend",
    "sync",
    "sync-million",
];
const WASM_SIZE: &str = "wasm-size";
const START_UP: &str = "start-up";

/// `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// Measure these alone [default: all]
    names: Vec<String>,
}

/// One line of the table, as bench programs print it in JSON.
#[derive(Deserialize, Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    name: String,
    ours: String,
    #[serde(default)]
    baseline: String,
    #[serde(default)]
    goal: String,
}

/// Builds everything for speed, measures one after the other, prints the table.
///
/// # Errors
/// When a build or a measurement fails.
pub(crate) fn bench(options: &Options) -> Result<()> {
    let names = chosen(&options.names)?;
    let mut steps = Steps::new(3 + names.len());
    steps.step("Set up the machine", || setup::machine(Need::Test))?;
    steps.step("Build the screens", || {
        let (release, out) = (true, None);
        ui::ui(&ui::Options { release, out })
    })?;
    steps.step("Build the programs", build)?;
    let mut figures = Vec::new();
    for name in names {
        figures.extend(steps.step(name, || measure(name))?);
    }
    println!("\n{}", table(&figures));
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static str>> {
    let all = PROGRAMS.iter().copied().chain([WASM_SIZE, START_UP]);
    let all: Vec<&'static str> = all.collect();
    for name in names {
        if !all.contains(&name.as_str()) {
            anyhow::bail!("there is no measurement {name}, but: {}", all.join(", "));
        }
    }
    let wanted = |name: &&str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    Ok(all.into_iter().filter(wanted).collect())
}

fn build() -> Result<()> {
    let mut build = process::cargo(["build", "--release", "-p", "aisle-tests"]);
    build.args(["-p", "cloud-functions", "-p", "device", "--bin", "bench"]);
    process::run(build.args(["--bin", "aisle-cloud", "--bin", "aisle-device"]))
}

fn measure(name: &str) -> Result<Vec<Figure>> {
    match name {
        WASM_SIZE => wasm_size::measure(),
        START_UP => start_up::measure(),
        _ => {
            let mut program = process::command(paths::binary("release", "bench"));
            Ok(read(&process::output(program.arg(name))?))
        }
    }
}

/// The figures among a program's lines; other lines are shown as they are.
pub(crate) fn read(output: &str) -> Vec<Figure> {
    let mut figures = Vec::new();
    for line in output.lines() {
        match serde_json::from_str(line) {
            Ok(figure) => figures.push(figure),
            Err(_) => println!("{line}"),
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_among_other_lines() {
        let output = "making 1,000,000 customers\n\
                      {\"name\":\"search p99\",\"ours\":\"3 ms\",\"goal\":\"< 5 ms\"}\n";
        let figures = read(output);
        assert_eq!(figures.len(), 1);
        assert_eq!(figures[0].ours, "3 ms");
        assert_eq!(figures[0].baseline, "");
    }

    #[test]
    fn an_unknown_measurement_is_refused_with_the_known_ones() {
        assert_eq!(chosen(&[WASM_SIZE.to_owned()]).unwrap(), [WASM_SIZE]);
        assert_eq!(chosen(&[]).unwrap().len(), PROGRAMS.len() + 2);
        let error = chosen(&["speed".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("speed") && error.contains(START_UP));
    }
}
