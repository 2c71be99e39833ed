//! Runs other programs to their end and says in a sentence what went wrong.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths;

/// A command in the repository's root with no standard input: nothing that we
/// start may wait for an answer that nobody gives.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).stdin(Stdio::null());
    command
}

/// The cargo that started us, with the given arguments.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Runs a command whose output the user sees.
///
/// # Errors
/// When it cannot be started or does not end with success.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("`{}` could not be started", line(command)))?;
    check(command, status)
}

/// Runs a command and returns what it printed on standard output.
///
/// # Errors
/// When it cannot be started, does not end with success or prints no UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` could not be started", line(command)))?;
    check(command, output.status)?;
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed no UTF-8", line(command)))
}

/// An error with the command's line unless it ended with success.
///
/// # Errors
/// When `status` is not success.
pub(crate) fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// The command as one would type it, for messages.
pub(crate) fn line(command: &Command) -> String {
    let mut line = short(command.get_program());
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn short(program: &OsStr) -> String {
    let path = PathBuf::from(program);
    path.file_name()
        .unwrap_or(program)
        .to_string_lossy()
        .into_owned()
}

/// Whether a program of this name is on the `PATH`.
pub(crate) fn has(program: &str) -> bool {
    let Some(path) = env::var_os("PATH") else {
        return false;
    };
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether a window can be opened here.
pub(crate) fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_named_in_the_error() {
        let error = run(&mut command("false")).unwrap_err();
        assert!(error.to_string().starts_with("`false` ended with"));
    }

    #[test]
    fn a_missing_program_is_named_in_the_error() {
        let error = output(&mut command("no-such-program-here")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`no-such-program-here` could not be started"
        );
    }

    #[test]
    fn the_line_leaves_out_the_programs_folder() {
        let mut long = command("/usr/bin/cargo");
        long.args(["build", "--release"]);
        assert_eq!(line(&long), "cargo build --release");
    }
}
