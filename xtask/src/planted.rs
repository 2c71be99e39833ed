//! `cargo xtask planted`: plants one-line mistakes of the protocol, one after the other, in a copy of the workspace, and
//! shows what catches each.
//!
//! The mistakes are data: `tests/planted/*.toml`. The copy and its build lie below `target/planted`.

mod copy;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::{paths, process};

/// How many seeds a mistake has to survive.
const SEEDS: &str = "60";
/// How many races.
const RACES: &str = "150";
/// A check that takes longer is taken for one that hangs, which is caught, too.
const PATIENCE: Duration = Duration::from_secs(300);
/// The same of a build, which may have to build everything.
const BUILD_PATIENCE: Duration = Duration::from_secs(3_600);

/// `cargo xtask planted`.
#[derive(Args)]
pub(crate) struct Options {
    /// Plant these alone [default: all]
    names: Vec<String>,
}

/// The mistakes of one file.
#[derive(Deserialize)]
struct Planted {
    #[serde(default)]
    mistake: Vec<Mistake>,
}

/// One mistake.
#[derive(Deserialize, Debug, Clone)]
pub(crate) struct Mistake {
    /// What is wrong, in a few words joined by hyphens.
    name: String,
    /// The file, from the repository's root.
    file: String,
    /// What stands there, once.
    find: String,
    /// What stands there instead.
    replace: String,
    /// What should notice it.
    caught_by: String,
}

/// How [`Mistake::caught_by`] begins where a package's own tests are to notice.
const BY_A_TEST: &str = "a test";

/// How it begins where races for carts are.
const BY_RACES: &str = "the races";

/// Looks whether a planted mistake is noticed.
type Check = fn(&Path, &Mistake) -> Result<Caught>;

/// What caught a mistake.
enum Caught {
    By(String),
    /// It does not even build: it is no mistake that anybody could make.
    NotBuilt,
    Missed,
}

/// Plants, builds, checks, and prints what caught each.
///
/// # Errors
/// When a mistake was missed, or cannot be planted.
pub(crate) fn planted(options: &Options) -> Result<()> {
    let mistakes = chosen(read_all(&paths::root())?, &options.names)?;
    let root = copy::refresh()?;
    check_without(&root, &mistakes)?;
    let mut missed = Vec::new();
    for mistake in &mistakes {
        let caught = plant(&root, mistake)?;
        let line = match &caught {
            Caught::By(what) => format!("caught by {what}"),
            Caught::NotBuilt => "does not build".to_owned(),
            Caught::Missed => format!("MISSED, expected {}", mistake.caught_by),
        };
        println!("{:<44} {line}", mistake.name);
        if !matches!(caught, Caught::By(_)) {
            missed.push(mistake.name.as_str());
        }
    }
    println!(
        "{} of {} caught",
        mistakes.len() - missed.len(),
        mistakes.len()
    );
    if missed.is_empty() {
        return Ok(());
    }
    bail!("not caught: {}", missed.join(", "))
}

/// Every mistake, by file and then in its order.
fn read_all(root: &Path) -> Result<Vec<Mistake>> {
    let mut files: Vec<_> = std::fs::read_dir(root.join("tests/planted"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut mistakes = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let planted: Planted =
            toml::from_str(&text).with_context(|| format!("{}", file.display()))?;
        mistakes.extend(planted.mistake);
    }
    Ok(mistakes)
}

fn chosen(mistakes: Vec<Mistake>, names: &[String]) -> Result<Vec<Mistake>> {
    let known: BTreeMap<_, _> = mistakes
        .iter()
        .map(|mistake| (mistake.name.clone(), mistake))
        .collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains_key(*name)) {
        bail!("there is no mistake {unknown}");
    }
    let is_wanted = |mistake: &Mistake| names.is_empty() || names.contains(&mistake.name);
    Ok(mistakes.into_iter().filter(is_wanted).collect())
}

/// The text with the mistake in it; an error unless it fits in exactly one place.
fn apply(text: &str, mistake: &Mistake) -> Result<String> {
    match text.matches(&mistake.find).count() {
        1 => Ok(text.replacen(&mistake.find, &mistake.replace, 1)),
        count => bail!(
            "{}: its text stands {count} times in {}",
            mistake.name,
            mistake.file
        ),
    }
}

/// What fails without a mistake would seem to catch each.
fn check_without(root: &Path, mistakes: &[Mistake]) -> Result<()> {
    let by_package: BTreeMap<_, _> = mistakes
        .iter()
        .map(|mistake| (mistake.package(), mistake))
        .collect();
    for (package, mistake) in by_package {
        match test(root, mistake)? {
            Caught::Missed => {}
            Caught::NotBuilt => bail!("{package} does not build without a mistake"),
            Caught::By(what) => bail!("{package} fails without a mistake: {what}"),
        }
    }
    Ok(())
}

impl Mistake {
    /// The package that it is planted in.
    fn package(&self) -> &str {
        self.file.split('/').next().unwrap_or_default()
    }
}

fn plant(root: &Path, mistake: &Mistake) -> Result<Caught> {
    let file = root.join(&mistake.file);
    let text = std::fs::read_to_string(&file).with_context(|| mistake.file.clone())?;
    std::fs::write(&file, apply(&text, mistake)?)?;
    let caught = check(root, mistake);
    std::fs::write(&file, text)?;
    caught
}

/// The checks: seeds of the simulation, and the own tests of the package that was touched; first the one that should
/// notice.
fn check(root: &Path, mistake: &Mistake) -> Result<Caught> {
    let checks: [Check; 2] = if mistake.caught_by.starts_with(BY_RACES) {
        [races, test]
    } else if mistake.caught_by.starts_with(BY_A_TEST) {
        [test, simulate]
    } else {
        [simulate, test]
    };
    for check in checks {
        let caught = check(root, mistake)?;
        if !matches!(caught, Caught::Missed) {
            return Ok(caught);
        }
    }
    Ok(Caught::Missed)
}

fn simulate(root: &Path, _: &Mistake) -> Result<Caught> {
    run_seeds(root, &["--seeds", SEEDS, "--brief"])
}

fn races(root: &Path, _: &Mistake) -> Result<Caught> {
    run_seeds(root, &["--races", "--seeds", RACES, "--brief"])
}

fn run_seeds(root: &Path, options: &[&str]) -> Result<Caught> {
    let mut build = cargo(root, &["build", "-p", "aisle-tests", "--bin", "simulate"]);
    if !copy::run_for(&mut build, BUILD_PATIENCE)?.0 {
        return Ok(Caught::NotBuilt);
    }
    let mut simulate = Command::new(copy::target().join("debug/simulate"));
    let (survived, output) = copy::run_for(simulate.args(options), PATIENCE)?;
    if !survived {
        let what = first(&output, |line| line.trim_start().starts_with("seed "));
        return Ok(Caught::By(format!("the simulation: {what}")));
    }
    Ok(Caught::Missed)
}

fn test(root: &Path, mistake: &Mistake) -> Result<Caught> {
    let package = mistake.package();
    let mut build = cargo(root, &["test", "-p", package, "--lib", "--no-run"]);
    if !copy::run_for(&mut build, BUILD_PATIENCE)?.0 {
        return Ok(Caught::NotBuilt);
    }
    let mut tests = cargo(
        root,
        &[
            "test", "-p", package, "--lib", "--", "sync", "feed", "replica", "engine", "driver",
            "cart",
        ],
    );
    let (passed, output) = copy::run_for(&mut tests, PATIENCE)?;
    if !passed {
        let what = first(&output, |line| line.ends_with("FAILED"));
        return Ok(Caught::By(format!("a test: {what}")));
    }
    Ok(Caught::Missed)
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = process::cargo(arguments.iter().copied());
    command
        .current_dir(root)
        .env("CARGO_TARGET_DIR", copy::target())
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    command
}

/// The first line that tells what broke.
fn first(output: &str, is_it: impl Fn(&str) -> bool) -> String {
    let line = output.lines().find(|line| is_it(line));
    line.unwrap_or("it broke or hung")
        .trim()
        .chars()
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_fits_in_one_place_and_has_a_name_of_its_own() {
        let root = paths::root();
        let mistakes = read_all(&root).unwrap();
        let names: std::collections::BTreeSet<_> =
            mistakes.iter().map(|mistake| &mistake.name).collect();
        assert_eq!(names.len(), mistakes.len());
        assert!(mistakes.len() >= 40, "{}", mistakes.len());
        for mistake in &mistakes {
            let text = std::fs::read_to_string(root.join(&mistake.file)).unwrap();
            let planted = apply(&text, mistake).unwrap();
            assert_ne!(planted, text, "{}", mistake.name);
            assert!(!mistake.caught_by.is_empty(), "{}", mistake.name);
        }
    }

    #[test]
    fn a_mistake_that_fits_nowhere_or_twice_is_refused() {
        let mistake = Mistake {
            name: "m".into(),
            file: "f".into(),
            find: "x".into(),
            replace: "y".into(),
            caught_by: "i01".into(),
        };
        assert_eq!(apply("a x b", &mistake).unwrap(), "a y b");
        assert!(apply("a b", &mistake).is_err());
        assert!(apply("x x", &mistake).is_err());
    }
}
