//! A program of ours, running.

use crate::until::PATIENCE;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running program that said where it serves. Dropped, it is killed.
#[derive(Debug)]
pub struct Program {
    child: Child,
    addr: String,
    log: PathBuf,
}

#[derive(Deserialize)]
struct Ready {
    ready: bool,
    addr: String,
}

impl Program {
    /// Starts a program and waits for its `{"ready":true,"addr":…}`. What it logs goes to `log`.
    ///
    /// # Errors
    /// When it does not start, ends early, or says nothing; with the end of its log.
    pub async fn start(name: &str, args: &[&str], log: &Path) -> Result<Self> {
        Self::start_with(name, args, log, &[]).await
    }

    /// The same with variables of its environment.
    ///
    /// # Errors
    /// When it does not start, ends early, or says nothing; with the end of its log.
    pub async fn start_with(
        name: &str,
        args: &[&str],
        log: &Path,
        variables: &[(String, String)],
    ) -> Result<Self> {
        let stderr = std::fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .context("opening the log")?;
        let mut command = Command::new(crate::paths::program(name)?);
        command
            .args(args)
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let stdout = child.stdout.take().context("its output")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(PATIENCE * 3, lines.next_line()).await;
        let Ok(Ok(Some(line))) = first else {
            bail!(
                "{name} did not get ready; its log ends with:\n{}",
                tail(log)
            );
        };
        let ready: Ready =
            serde_json::from_str(&line).with_context(|| format!("{name} said {line}"))?;
        if !ready.ready {
            bail!("{name} says that it is not ready");
        }
        // What it prints later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            child,
            addr: ready.addr,
            log: log.to_owned(),
        })
    }

    /// Where it serves: `127.0.0.1:4170`.
    #[must_use]
    pub fn addr(&self) -> &str {
        &self.addr
    }

    /// Where it serves, as an address of the web.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Its process; `None` where it has ended.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it as a power cut would (SIGKILL), and waits until it is gone.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("killing it")
    }

    /// Asks it to end as a platform does (SIGTERM), and waits until it has; answers whether it ended well.
    ///
    /// # Errors
    /// When it cannot be asked, or does not end.
    pub async fn terminate(mut self) -> Result<bool> {
        let process = self.child.id().context("it has ended")?.to_string();
        let asked = Command::new("kill").args(["-TERM", &process]).status();
        if !asked.await?.success() {
            bail!("it cannot be asked to end");
        }
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        Ok(ended.context("it does not end")??.success())
    }

    /// The end of what it logged.
    #[must_use]
    pub fn log(&self) -> String {
        tail(&self.log)
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines
        .get(lines.len().saturating_sub(30)..)
        .unwrap_or_default()
        .join("\n")
}
