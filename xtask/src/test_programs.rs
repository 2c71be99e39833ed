//! Builds the test programs once and runs them in the order that finds faults
//! soonest: the packages' own first, the scenarios with their browsers last.
//!
//! Each program is started as `cargo test` starts it, without asking cargo
//! again: while scenarios run, nothing holds cargo's lock.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{process, python};

/// The test target that needs a display, browsers and all programs.
const SCENARIOS: &str = "scenarios";

/// A screen as large as a tablet's.
const SCREEN: &str = "-screen 0 1280x800x24";

/// Built test programs, ready to run.
pub(crate) struct TestPrograms {
    selection: Vec<String>,
    programs: Vec<Program>,
}

struct Program {
    name: String,
    file: PathBuf,
    package: PathBuf,
}

/// How many tests ended how.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// The part of cargo's messages that we read.
#[derive(Deserialize)]
struct Message {
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl TestPrograms {
    /// Builds the tests of the selected packages.
    ///
    /// # Errors
    /// When they do not compile.
    pub(crate) fn build(selection: &[&str]) -> Result<Self> {
        let mut build = process::cargo(["test", "--no-run"]);
        build.args(["--message-format", "json-render-diagnostics"]);
        let messages = process::output(build.args(selection))?;
        Ok(Self {
            selection: selection.iter().map(|&word| word.to_owned()).collect(),
            programs: messages.lines().filter_map(Program::read).collect(),
        })
    }

    /// Runs all but the scenarios.
    ///
    /// # Errors
    /// When a program fails; the following ones do not run.
    pub(crate) fn run_units(&self, count: &mut Count) -> Result<()> {
        let units = self
            .programs
            .iter()
            .filter(|program| !program.is_scenarios());
        for program in units {
            println!("Testing {}", program.name);
            counted(&mut program.command(&program.file), count)?;
        }
        Ok(())
    }

    /// Runs the examples in the libraries' documentation.
    ///
    /// # Errors
    /// When one fails.
    pub(crate) fn run_examples(&self, count: &mut Count) -> Result<()> {
        let mut examples = process::cargo(["test", "--doc", "--quiet"]);
        counted(examples.args(&self.selection), count)
    }

    /// Runs the scenarios on a display and a message bus of their own.
    ///
    /// # Errors
    /// When one fails.
    pub(crate) fn run_scenarios(&self, count: &mut Count) -> Result<()> {
        for program in self
            .programs
            .iter()
            .filter(|program| program.is_scenarios())
        {
            let mut command = program.command(Path::new("dbus-run-session"));
            command.args(["--", "xvfb-run", "-a", "-s", SCREEN]);
            counted(command.arg(&program.file), count)?;
        }
        Ok(())
    }
}

impl Program {
    fn read(line: &str) -> Option<Self> {
        let message: Message = serde_json::from_str(line).ok()?;
        message.profile.filter(|profile| profile.test)?;
        Some(Self {
            name: message.target?.name,
            file: message.executable?,
            package: message.manifest_path?.parent()?.to_path_buf(),
        })
    }

    fn is_scenarios(&self) -> bool {
        self.name == SCENARIOS
    }

    /// `program` in the folder and with the variable that cargo gives tests.
    fn command(&self, program: &Path) -> Command {
        let mut command = process::command(program);
        command
            .current_dir(&self.package)
            .env("CARGO_MANIFEST_DIR", &self.package);
        let fakes = python::fakes_folder();
        if fakes.exists() {
            // Whoever needs one fails without it from now on.
            command.env("AISLE_FAKES", fakes);
        }
        command
    }
}

/// Runs a test program, shows what it prints, and adds up its results.
fn counted(command: &mut Command, count: &mut Count) -> Result<()> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{}` could not be started", process::line(command)))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            count.add(&line);
        }
    }
    let status = child.wait()?;
    process::check(command, status)
}

impl Count {
    /// Adds a line like `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let Some((_, numbers)) = result.split_once(". ") else {
            return;
        };
        for part in numbers.split("; ") {
            match part.split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                Some((number, "ignored")) => self.skipped += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(
            out,
            "Tests: {passed} passed, {failed} failed, {skipped} skipped"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut count = Count::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            count.add(line);
        }
        assert_eq!(count.to_string(), "Tests: 7 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn only_test_programs_are_taken_from_cargos_messages() {
        let test = r#"{"reason":"compiler-artifact","manifest_path":"/a/domain/Cargo.toml",
            "target":{"name":"domain"},"profile":{"test":true},"executable":"/t/domain-1"}"#;
        let program = Program::read(test).unwrap();
        assert_eq!(program.package, Path::new("/a/domain"));
        assert!(!program.is_scenarios());
        assert!(Program::read(&test.replace("true", "false")).is_none());
        assert!(Program::read(r#"{"reason":"build-finished","success":true}"#).is_none());
    }

    #[test]
    fn a_failing_program_is_an_error_and_is_counted() {
        let mut shell = process::command("sh");
        shell.args([
            "-c",
            "echo 'test result: FAILED. 1 passed; 1 failed'; exit 101",
        ]);
        let mut count = Count::default();
        assert!(counted(&mut shell, &mut count).is_err());
        assert_eq!((count.passed, count.failed), (1, 1));
    }
}
