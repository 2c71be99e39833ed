//! A desktop: whether there is a display, and its notices by a real notification daemon (dunst) on the session bus of the
//! test.

use crate::until::until;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::process::Stdio;
use tokio::process::{Child, Command};

/// Whether there is a display, which a window needs. Outside continuous integration its absence is no fault.
///
/// # Errors
/// When there is none where there has to be one.
pub fn has_display() -> Result<bool> {
    if std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty()) {
        return Ok(true);
    }
    if std::env::var_os("CI").is_some() {
        bail!("no DISPLAY: the window cannot be tested")
    }
    println!("no DISPLAY, and a window needs one; `cargo xtask test` brings its own");
    Ok(false)
}

/// A running notification daemon. Dropped, it is killed.
#[derive(Debug)]
pub struct Notices {
    _daemon: Child,
}

impl Notices {
    /// Starts the daemon and waits until it owns its name on the bus.
    ///
    /// # Errors
    /// When there is no display or bus, or the daemon does not start.
    pub async fn start() -> Result<Self> {
        let mut command = Command::new("dunst");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let daemon = command
            .spawn()
            .context("starting dunst: `cargo xtask test` installs it")?;
        until("the notification daemon", || async {
            let owned = dbus_send(
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.Notifications",
            )
            .await?;
            Ok(owned.contains("boolean true").then_some(()))
        })
        .await?;
        Ok(Self { _daemon: daemon })
    }

    /// Waits for a notice whose text has `part`.
    ///
    /// # Errors
    /// When none comes.
    pub async fn wait_for(&self, part: &str) -> Result<()> {
        until(&format!("a notice with “{part}”"), || async {
            Ok(history().await?.contains(part).then_some(()))
        })
        .await
    }
}

/// Everything that was shown or waits to be, as text.
async fn history() -> Result<String> {
    // History holds what was closed: close what is shown first.
    Command::new("dunstctl").arg("close-all").status().await?;
    let output = Command::new("dunstctl").arg("history").output().await?;
    let history: Value = serde_json::from_slice(&output.stdout)?;
    Ok(history.to_string())
}

async fn dbus_send(method: &str, argument: &str) -> Result<String> {
    let target = [
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.DBus",
        "/org/freedesktop/DBus",
    ];
    let output = Command::new("dbus-send")
        .args(target)
        .arg(method)
        .arg(argument)
        .output()
        .await?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
