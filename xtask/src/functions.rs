//! `cargo xtask functions`: every function as a zip that Lambda takes, small, and what each weighs.
//!
//! The programs have a target folder of their own: their profile and their features are nobody else's.

mod zip;

use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};

use crate::progress::Steps;
use crate::{paths, process};

const PROFILE: &str = "lambda";
/// What a program of one function weighs at most, in bytes.
const GOAL_BYTES: u64 = 6_000_000;

/// `cargo xtask functions`.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Build these alone, without `aisle-` [default: all]
    names: Vec<String>,
}

/// A built program.
struct Built {
    name: String,
    program_bytes: u64,
    zip_bytes: u64,
}

/// Builds, packs and weighs.
///
/// # Errors
/// When there is no such function, or a build fails.
pub(crate) fn functions(options: &Options) -> Result<()> {
    let names = chosen(&all(&sources())?, &options.names)?;
    let mut steps = Steps::new(names.len());
    let mut built = Vec::new();
    for name in names {
        built.push(steps.step(&name, || build(&name))?);
    }
    println!("\n{}", table(&built));
    Ok(())
}

/// Where the programs' sources lie: one file for each function.
fn sources() -> PathBuf {
    paths::root().join("cloud-functions/src/bin")
}

/// The names of all programs of one function.
fn all(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).context("the sources of the programs")? {
        let file = entry?.file_name();
        let name = file.to_string_lossy();
        if let Some(name) = name.strip_suffix(".rs") {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn chosen(all: &[String], names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    let program = |name: &String| {
        let program = format!("aisle-{name}");
        match all.contains(&program) {
            true => Ok(program),
            false => bail!("there is no function {name}, but: {}", all.join(", ")),
        }
    };
    names.iter().map(program).collect()
}

fn build(name: &str) -> Result<Built> {
    let folder = paths::target().join(PROFILE);
    let mut cargo = process::cargo(["rustc", "--locked", "-p", "cloud-functions"]);
    cargo.args([
        "--no-default-features",
        "--features",
        features(name),
        "--profile",
        PROFILE,
    ]);
    cargo.arg("--target-dir").arg(&folder).args(["--bin", name]);
    // Tables of time zones are full of addresses. A program that lies where it was linked needs no list of them, which
    // is a sixth of it, and no time at its start to correct each.
    process::run(cargo.args(["--", "-C", "relocation-model=static"]))?;
    let program = std::fs::read(folder.join(PROFILE).join(name))?;
    let zipped = zip::of_one("bootstrap", &program)?;
    std::fs::write(folder.join(format!("{name}.zip")), &zipped)?;
    Ok(Built {
        name: name.to_owned(),
        program_bytes: program.len() as u64,
        zip_bytes: zipped.len() as u64,
    })
}

/// What a program is built with: the one that carries letters knows services that no other needs.
fn features(name: &str) -> &'static str {
    match name {
        "aisle-letters" => "delivery",
        _ => "aws",
    }
}

fn table(built: &[Built]) -> String {
    let mut table = String::from("| program | size | zip | <= 6 MB |\n|---|---|---|---|\n");
    for program in built {
        let small = match program.program_bytes <= GOAL_BYTES {
            true => "yes",
            false => "no",
        };
        let (size, zip) = (
            megabytes(program.program_bytes),
            megabytes(program.zip_bytes),
        );
        table.push_str(&format!(
            "| {} | {size} | {zip} | {small} |\n",
            program.name
        ));
    }
    table
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_are_those_that_have_a_source() {
        let all = all(&sources()).unwrap();
        assert!(all.contains(&"aisle-cart".to_owned()), "{all:?}");
        assert!(
            !all.contains(&"aisle-cloud".to_owned()),
            "it is not one function"
        );
        assert_eq!(chosen(&all, &["cart".to_owned()]).unwrap(), ["aisle-cart"]);
        let error = chosen(&all, &["carts".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("carts") && error.contains("aisle-cart"),
            "{error}"
        );
    }

    #[test]
    fn what_is_over_the_goal_is_said() {
        let built = |program_bytes| Built {
            name: "aisle-cart".to_owned(),
            program_bytes,
            zip_bytes: 2_345_678,
        };
        let table = table(&[built(5_999_999), built(6_000_001)]);
        assert!(
            table.contains("| aisle-cart | 5.99 MB | 2.34 MB | yes |"),
            "{table}"
        );
        assert!(
            table.contains("| aisle-cart | 6.00 MB | 2.34 MB | no |"),
            "{table}"
        );
    }
}
