//! Starts one program with its log, and reads what it prints.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::Sender;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// How much of a log is shown when its program ended unexpectedly.
const TAIL_LINES: usize = 15;

/// Starts the program so that the kernel ends it when we die, however we die.
pub(super) fn spawn(command: &Command, stdout: Stdio, log: &Path) -> Result<Child> {
    let mut bound = if process::has("setpriv") {
        let mut setpriv = process::command("setpriv");
        setpriv.args(["--pdeathsig", "TERM", "--"]);
        setpriv.arg(command.get_program());
        setpriv
    } else {
        process::command(command.get_program())
    };
    bound.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bound.env(name, value),
            None => bound.env_remove(name),
        };
    }
    bound
        // A log is a file, not a terminal.
        .env("NO_COLOR", "1")
        .stdout(stdout)
        .stderr(open_log(log)?)
        .spawn()
        .with_context(|| format!("`{}` could not be started", process::line(command)))
}

pub(super) fn open_log(log: &Path) -> Result<File> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("{} cannot be written", log.display()))
}

/// Passes the ready line on and keeps reading to the end, so that the program
/// never waits for a reader.
pub(super) fn read_lines(stdout: ChildStdout, tell: &Sender<Value>, rest: &mut File) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        match serde_json::from_str::<Value>(&line) {
            Ok(object) if object.get("ready") == Some(&Value::Bool(true)) => {
                let _ = tell.send(object);
            }
            _ => {
                let _ = writeln!(rest, "{line}");
            }
        }
    }
}

pub(super) fn ended(name: &str, log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(TAIL_LINES)..);
    let tail = tail.unwrap_or_default().join("\n  ");
    format!("{name} ended. The end of {}:\n  {tail}", log.display())
}
