//! Starts programs that stay, waits until they are ready, and stops them all
//! together: on Ctrl-C, when one of them ends, and when we die ourselves.

mod spawn;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::{process, progress};
use spawn::{ended, open_log, read_lines, spawn};

/// How often we look whether a child ended or the user wants to stop.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a child may take to end by itself before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Programs that run together. Dropping it stops them.
pub(crate) struct Children {
    running: Vec<Running>,
    interrupted: Arc<AtomicBool>,
}

struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Children {
    /// None yet. From here on Ctrl-C is noticed instead of ending us at once.
    ///
    /// # Errors
    /// When the system takes no signal handler.
    pub(crate) fn new() -> Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(Self {
            running: Vec::new(),
            interrupted,
        })
    }

    /// Starts a program; both its outputs go to the file `log`.
    ///
    /// # Errors
    /// When it cannot be started or the log cannot be written.
    pub(crate) fn start(&mut self, name: &str, command: &Command, log: &Path) -> Result<()> {
        let out = open_log(log)?;
        let child = spawn(command, out.into(), log)?;
        self.adopt(name, child, log);
        Ok(())
    }

    /// Starts a program and returns its ready line, a JSON object with
    /// `"ready": true`, which it prints once it serves.
    ///
    /// # Errors
    /// When it ends first, takes longer than `within`, or the user stops us.
    pub(crate) fn start_ready(
        &mut self,
        name: &str,
        command: &Command,
        log: &Path,
        within: Duration,
    ) -> Result<Value> {
        let mut rest = open_log(log)?;
        let mut child = spawn(command, Stdio::piped(), log)?;
        let stdout = child.stdout.take();
        self.adopt(name, child, log);
        let (tell, ready) = channel();
        if let Some(stdout) = stdout {
            thread::spawn(move || read_lines(stdout, &tell, &mut rest));
        }
        self.wait_ready(name, &ready, log, within)
    }

    fn adopt(&mut self, name: &str, child: Child, log: &Path) {
        self.running.push(Running {
            name: name.to_owned(),
            child,
            log: log.to_path_buf(),
        });
    }

    fn wait_ready(
        &self,
        name: &str,
        ready: &Receiver<Value>,
        log: &Path,
        within: Duration,
    ) -> Result<Value> {
        let started_at = progress::now();
        loop {
            match ready.recv_timeout(LOOK_EVERY) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Disconnected) => bail!("{}", ended(name, log)),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.interrupted() {
                bail!("stopped while {name} was starting");
            }
            if started_at.elapsed() > within {
                bail!(
                    "{name} did not serve within {} s. Its log: {}",
                    within.as_secs(),
                    log.display()
                );
            }
        }
    }

    /// Waits until the user stops us or `last` (the window) is closed.
    ///
    /// # Errors
    /// When another program ends, or one with failure.
    pub(crate) fn wait(&mut self, last: Option<&str>) -> Result<()> {
        while !self.interrupted() {
            for running in &mut self.running {
                if let Some(status) = running.child.try_wait()? {
                    if status.success() && last == Some(running.name.as_str()) {
                        return Ok(());
                    }
                    if self.interrupted.load(Ordering::Relaxed) {
                        // Ctrl-C reaches the whole group: it ended as we will.
                        return Ok(());
                    }
                    bail!("{}", ended(&running.name, &running.log));
                }
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for running in &mut self.running {
            if matches!(running.child.try_wait(), Ok(None)) {
                // Asked first, so that databases are closed in order.
                let id = running.child.id().to_string();
                let _ = process::command("kill").args(["-TERM", &id]).status();
            }
        }
        let asked_at = progress::now();
        for running in &mut self.running {
            end(&mut running.child, asked_at);
        }
    }
}

fn end(child: &mut Child, asked_at: Instant) {
    while matches!(child.try_wait(), Ok(None)) {
        if asked_at.elapsed() > STOP_WITHIN {
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = process::command("sh");
        command.args(["-c", script]);
        command
    }

    fn start(script: &str, within: Duration) -> Result<Value> {
        let folder = tempfile::tempdir().unwrap();
        let mut children = Children::new().unwrap();
        let log = folder.path().join("program.log");
        children.start_ready("the program", &shell(script), &log, within)
    }

    #[test]
    fn the_ready_line_is_returned_and_other_lines_are_not() {
        let script = r#"echo hello; echo '{"ready":true,"addr":"here"}'; exec tail -f /dev/null"#;
        let line = start(script, Duration::from_secs(20)).unwrap();
        assert_eq!(line.get("addr"), Some(&Value::from("here")));
    }

    #[test]
    fn a_program_that_ends_first_shows_the_end_of_its_log() {
        let error = start("echo no disk >&2; exit 1", Duration::from_secs(20)).unwrap_err();
        assert!(error.to_string().starts_with("the program ended."));
        assert!(error.to_string().ends_with("no disk"));
    }

    #[test]
    fn a_program_that_never_serves_is_given_up() {
        let error = start("exec tail -f /dev/null", Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("did not serve within 0 s"));
    }

    #[test]
    fn dropping_ends_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("program.log");
        let mut children = Children::new().unwrap();
        let id = "echo \"{\\\"ready\\\":true,\\\"id\\\":$$}\"; exec tail -f /dev/null";
        let line = children
            .start_ready("the program", &shell(id), &log, Duration::from_secs(20))
            .unwrap();
        let process = Path::new("/proc").join(line["id"].to_string());
        assert!(process.exists());
        drop(children);
        assert!(!process.exists());
    }

    #[test]
    fn closing_the_window_is_no_failure_but_a_dead_server_is() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("program.log");
        let mut children = Children::new().unwrap();
        children.start("window", &shell("exit 0"), &log).unwrap();
        children.wait(Some("window")).unwrap();
        assert!(children.wait(None).is_err());
    }
}
