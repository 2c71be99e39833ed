//! The copy of the workspace that mistakes are planted in, and programs that may hang.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::paths;

/// How often a running program is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Where the copy is built.
pub(super) fn target() -> PathBuf {
    paths::target().join("planted/target")
}

/// Makes the copy as the workspace is now; what did not change keeps its time, so that little is built anew.
pub(super) fn refresh() -> Result<PathBuf> {
    let to = paths::target().join("planted/workspace");
    for name in listed()? {
        copy(&paths::root().join(&name), &to.join(&name)).with_context(|| name.clone())?;
    }
    Ok(to)
}

/// The files that git knows or would take.
fn listed() -> Result<Vec<String>> {
    let arguments = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let list = crate::process::output(crate::process::command("git").args(arguments))?;
    let is_there = |name: &&str| paths::root().join(name).is_file();
    Ok(list.lines().filter(is_there).map(str::to_owned).collect())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let content = std::fs::read(from)?;
    if std::fs::read(to).is_ok_and(|there| there == content) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(to, content)?;
    Ok(())
}

/// Runs a program for so long at most. Whether it ended with success, and what it printed.
pub(super) fn run_for(command: &mut Command, patience: Duration) -> Result<(bool, String)> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("`{}` could not be started", crate::process::line(command)))?;
    let mut printed = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        // Whatever was printed before it ended.
        let _ = printed
            .as_mut()
            .map(|printed| printed.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut left = patience;
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break status.success();
        }
        if left.is_zero() {
            child.kill()?;
            child.wait()?;
            break false;
        }
        std::thread::sleep(LOOK_EVERY);
        left = left.saturating_sub(LOOK_EVERY);
    };
    let text = reader.join().unwrap_or_default();
    Ok((ended, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_hangs_is_ended() {
        let mut sleeper = Command::new("sleep");
        let (ended, _) = run_for(sleeper.arg("60"), LOOK_EVERY).unwrap();
        assert!(!ended);
        let mut speaker = Command::new("echo");
        let ran = run_for(speaker.arg("hello"), Duration::from_secs(30)).unwrap();
        assert_eq!(ran, (true, "hello\n".to_owned()));
    }

    #[test]
    fn what_did_not_change_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b/c"));
        std::fs::write(&from, "x").unwrap();
        copy(&from, &to).unwrap();
        let before = std::fs::metadata(&to).unwrap().modified().unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(std::fs::metadata(&to).unwrap().modified().unwrap(), before);
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "x");
    }
}
