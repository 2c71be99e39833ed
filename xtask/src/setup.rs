//! Installs what the machine lacks, and says what before it does.
//!
//! Looks first, and does nothing where all is there: the second run of a
//! command asks no network and no password.

use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::{node, process};

/// What a task needs from the machine besides Rust and a C compiler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The cloud and the device host: C compilers for SQLite and OpenSSL.
    Build,
    /// [`Need::Build`], and WebKit to build and open the window.
    Window,
    /// [`Need::Window`], and browsers, a display and a notification daemon.
    Test,
}

/// SQLCipher builds OpenSSL, which is configured by a Perl program.
const BUILD: &[&str] = &["build-essential", "perl", "pkg-config"];
const WINDOW: &[&str] = &[
    "file",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
    "librsvg2-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
];
const TEST: &[&str] = &[
    "brotli",
    "chromium",
    "chromium-driver",
    "dbus",
    "dbus-x11",
    "dunst",
    "fonts-dejavu-core",
    "fonts-noto-core",
    "imagemagick",
    "libnotify-bin",
    "postgresql",
    "procps",
    "python3-venv",
    "strace",
    "webkit2gtk-driver",
    "x11-utils",
    "xauth",
    "xdotool",
    "xvfb",
];

const WASM: &str = "wasm32-unknown-unknown";

impl Need {
    fn packages(self) -> Vec<&'static str> {
        let lists: &[&[&str]] = match self {
            Self::Build => &[BUILD],
            Self::Window => &[BUILD, WINDOW],
            Self::Test => &[BUILD, WINDOW, TEST],
        };
        lists.concat()
    }
}

/// Installs the system packages and the wasm target that `need` lacks.
///
/// # Errors
/// When something is missing and cannot be installed from here; the message
/// says what to type.
pub(crate) fn machine(need: Need) -> Result<()> {
    system_packages(need)?;
    wasm_target()
}

fn system_packages(need: Need) -> Result<()> {
    let mut wanted = need.packages();
    if need == Need::Test && !node::is_here() {
        wanted.extend(["nodejs", "npm"]);
    }
    if !process::has("dpkg-query") {
        println!("This is not Debian or Ubuntu. What their packages hold must be here:");
        println!("  {}", wanted.join(" "));
        return Ok(());
    }
    let missing = missing(&wanted, &installed(&wanted)?);
    if missing.is_empty() {
        println!("System packages: all {} are here.", wanted.len());
        return Ok(());
    }
    println!("Installing with apt-get: {}", missing.join(" "));
    let apt = Apt::new(&missing)?;
    apt.run(&["update"])?;
    apt.run(
        &[
            &["install", "-y", "--no-install-recommends"],
            missing.as_slice(),
        ]
        .concat(),
    )
}

/// What dpkg knows of these packages, one `name status` a line.
fn installed(wanted: &[&str]) -> Result<String> {
    // It ends with failure as soon as one name is unknown to it, and prints
    // what it knows all the same.
    let output = process::command("dpkg-query")
        .args(["-W", "-f", "${Package} ${Status}\n"])
        .args(wanted)
        .output()
        .context("`dpkg-query` could not be started")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn missing<'a>(wanted: &[&'a str], installed: &str) -> Vec<&'a str> {
    let here: Vec<&str> = installed
        .lines()
        .filter_map(|line| line.strip_suffix(" install ok installed"))
        .collect();
    wanted
        .iter()
        .copied()
        .filter(|name| !here.contains(name))
        .collect()
}

/// How apt-get is started by whoever we are.
struct Apt {
    through_sudo: bool,
}

impl Apt {
    fn new(missing: &[&str]) -> Result<Self> {
        let root = process::output(process::command("id").arg("-u"))?.trim() == "0";
        if !root && !process::has("sudo") {
            bail!(
                "only root can install packages, and `sudo` is not here. As root, type: \
                 apt-get update && apt-get install -y --no-install-recommends {}",
                missing.join(" ")
            );
        }
        let through_sudo = !root;
        Ok(Self { through_sudo })
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let mut command = process::command(if self.through_sudo { "sudo" } else { "env" });
        if self.through_sudo {
            // The one program that may ask the user for something.
            command.stdin(Stdio::inherit()).arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        process::run(command.args(arguments))
            .context("the system packages could not be installed: is the network there?")
    }
}

fn wasm_target() -> Result<()> {
    if !process::has("rustup") {
        println!("No rustup here: the Rust in use must know the target {WASM}.");
        return Ok(());
    }
    let targets =
        process::output(process::command("rustup").args(["target", "list", "--installed"]))?;
    if targets.lines().any(|target| target == WASM) {
        return Ok(());
    }
    println!("Installing with rustup: the target {WASM}");
    process::run(process::command("rustup").args(["target", "add", WASM]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fully_installed_packages_count() {
        let dpkg = "perl install ok installed\n\
                    chromium deinstall ok config-files\n\
                    xvfb install ok half-configured\n";
        let wanted = ["perl", "chromium", "xvfb", "dunst"];
        assert_eq!(missing(&wanted, dpkg), ["chromium", "xvfb", "dunst"]);
    }

    #[test]
    fn a_larger_need_contains_the_smaller() {
        let test = Need::Test.packages();
        for package in Need::Window.packages() {
            assert!(test.contains(&package));
        }
        assert!(!Need::Build.packages().contains(&"libwebkit2gtk-4.1-dev"));
    }
}
