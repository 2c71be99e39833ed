//! `cargo xtask run`: from a fresh clone to a store that one can walk into.

use std::net::TcpListener;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::progress::Steps;
use crate::setup::{self, Need};
use crate::supervise::Children;
use crate::{paths, process, ui};

/// How long a program may take to serve; the first start makes the demo store.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// `cargo xtask run`.
#[derive(Args)]
pub(crate) struct Options {
    /// Serve the app to a browser even where a window could be opened
    #[arg(long)]
    browser: bool,
    /// The folder that holds all data [default: data in the repository]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A retailer's own files to import first: product feeds, customers,
    /// orders, fences
    #[arg(long, value_name = "FILE", num_args = 1..)]
    import: Vec<PathBuf>,
    /// The first of three ports in a row
    #[arg(long, default_value_t = 4170, value_parser = clap::value_parser!(u16).range(1..=65533))]
    port: u16,
}

/// What is to be started where: all decided before anything is done.
struct Plan {
    data: PathBuf,
    import: Vec<PathBuf>,
    port: u16,
    window: bool,
}

/// A device that serves its screens to a browser.
#[derive(Clone, Copy)]
enum Host {
    Tablet,
    Kiosk,
}

/// Sets up, builds, starts and stays until Ctrl-C or until the window closes.
///
/// # Errors
/// When a file or a port is not to be had, a build fails or a program ends.
pub(crate) fn run(options: &Options) -> Result<()> {
    let plan = Plan::new(options)?;
    let mut children = Children::new()?;
    let mut steps = Steps::new(if plan.import.is_empty() { 4 } else { 5 });
    let need = if plan.window {
        Need::Window
    } else {
        Need::Build
    };
    steps.step("Set up the machine", || setup::machine(need))?;
    steps.step("Build the screens", || {
        let (release, out) = (true, None);
        ui::ui(&ui::Options { release, out })
    })?;
    steps.step("Build the programs", || plan.build())?;
    if !plan.import.is_empty() {
        steps.step("Import", || plan.import())?;
    }
    steps.step("Start", || plan.start(&mut children))?;
    children.wait(plan.window.then_some("the window"))?;
    println!("\nStopping.");
    Ok(())
}

impl Plan {
    fn new(options: &Options) -> Result<Self> {
        let data = options.data.clone();
        let data = data.unwrap_or_else(|| paths::root().join("data"));
        let plan = Self {
            data: absolute(data)?,
            import: readable(&options.import)?,
            port: options.port,
            window: !options.browser && process::has_display(),
        };
        for port in plan.port..=plan.port.saturating_add(2) {
            free(port)?;
        }
        Ok(plan)
    }

    fn build(&self) -> Result<()> {
        let mut build = process::cargo(["build", "--release"]);
        build.args(["--package", "cloud-functions", "--bin", "aisle-cloud"]);
        build.args(["--package", "device", "--bin", "aisle-device"]);
        if self.window {
            build.args(["--package", "aisle", "--bin", "aisle"]);
        }
        process::run(&mut build)
    }

    fn import(&self) -> Result<()> {
        let mut import = program("aisle-cloud", "import", &self.data);
        process::run(import.args(&self.import))
    }

    fn start(&self, children: &mut Children) -> Result<()> {
        let mut cloud = program("aisle-cloud", "serve", &self.data);
        cloud.args(["--listen", &address(self.port), "--demo", "--web"]);
        cloud.arg(paths::ui().join("shop"));
        children.start_ready("aisle-cloud", &cloud, &self.log("cloud"), READY_WITHIN)?;
        if self.window {
            self.start_window(children)?;
        } else {
            self.start_host(children, Host::Tablet)?;
        }
        self.start_host(children, Host::Kiosk)?;
        println!("{}", self.welcome());
        Ok(())
    }

    fn start_window(&self, children: &mut Children) -> Result<()> {
        let mut window = process::command(paths::binary("release", "aisle"));
        window.arg("--data").arg(self.data.join("tablet"));
        window.args(["--cloud", &url(self.port), "--code", &self.code("tablet")?]);
        children.start("the window", &window, &self.log("window"))
    }

    fn start_host(&self, children: &mut Children, host: Host) -> Result<()> {
        let kind = host.kind();
        let mut device = program("aisle-device", "serve", &self.data.join(kind));
        device.args(["--cloud", &url(self.port), "--kind", kind]);
        device.args(["--listen", &address(self.port_of(host))]);
        device.args(["--code", &self.code(kind)?, "--ui"]);
        device.arg(paths::ui().join("app"));
        children.start_ready("aisle-device", &device, &self.log(kind), READY_WITHIN)?;
        Ok(())
    }

    /// A one-time code with which a device of this kind joins store 1.
    fn code(&self, kind: &str) -> Result<String> {
        let mut enrol = program("aisle-cloud", "enrol", &self.data);
        let line = process::output(enrol.args(["--store", "1", "--kind", kind]))?;
        let answer: Value = serde_json::from_str(&line)
            .with_context(|| format!("`aisle-cloud enrol` printed no JSON but {line:?}"))?;
        let code = answer.get("code").and_then(Value::as_str);
        Ok(code
            .context("`aisle-cloud enrol` printed no code")?
            .to_owned())
    }

    fn port_of(&self, host: Host) -> u16 {
        self.port + host.offset()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.data.join("logs").join(name).with_extension("log")
    }

    fn welcome(&self) -> String {
        let (tablet, kiosk) = (
            url(self.port_of(Host::Tablet)),
            url(self.port_of(Host::Kiosk)),
        );
        let (associate, manager) = if self.window {
            ("the window".to_owned(), "the window, Board".to_owned())
        } else {
            (format!("{tablet}/associate"), format!("{tablet}/manager"))
        };
        let shop = url(self.port);
        let data = self.data.display();
        format!(
            "\nAisle is open.\n  \
             Associate  {associate}\n  \
             Manager    {manager}\n  \
             Kiosk      {kiosk}/kiosk\n  \
             Demo shop  {shop}/shop/\n\n  \
             Data and logs: {data}\n  \
             Ctrl-C stops everything."
        )
    }
}

impl Host {
    fn kind(self) -> &'static str {
        match self {
            Self::Tablet => "tablet",
            Self::Kiosk => "kiosk",
        }
    }

    /// How far after the cloud's port this device listens.
    fn offset(self) -> u16 {
        match self {
            Self::Tablet => 1,
            Self::Kiosk => 2,
        }
    }
}

/// One of our programs with its sub-command and data folder.
fn program(name: &str, subcommand: &str, data: &Path) -> Command {
    let mut command = process::command(paths::binary("release", name));
    command.arg(subcommand).arg("--data").arg(data);
    command
}

fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn url(port: u16) -> String {
    format!("http://{}", address(port))
}

fn readable(files: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::with_capacity(files.len());
    for file in files {
        if !file.is_file() {
            bail!("there is no file {} to import", file.display());
        }
        found.push(absolute(file)?);
    }
    Ok(found)
}

fn free(port: u16) -> Result<()> {
    TcpListener::bind(address(port)).map(drop).with_context(|| {
        format!(
            "port {port} of this machine is not free. Stop the program that uses it, \
             or choose three other ports in a row with `--port N`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(window: bool) -> Plan {
        Plan {
            data: PathBuf::from("data"),
            import: Vec::new(),
            port: 4170,
            window,
        }
    }

    #[test]
    fn a_taken_port_is_named_with_what_to_do() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = free(port).unwrap_err().to_string();
        assert!(error.contains(&format!("port {port} ")) && error.contains("--port"));
    }

    #[test]
    fn a_missing_import_is_named_before_anything_starts() {
        let error = readable(&[PathBuf::from("nowhere/orders.csv")]).unwrap_err();
        assert!(error.to_string().contains("nowhere/orders.csv"));
    }

    #[test]
    fn every_address_is_printed() {
        let welcome = plan(false).welcome();
        for address in [
            "http://127.0.0.1:4171/associate",
            "http://127.0.0.1:4171/manager",
            "http://127.0.0.1:4172/kiosk",
            "http://127.0.0.1:4170/shop/",
        ] {
            assert!(welcome.contains(address), "{address}");
        }
        assert!(plan(true).welcome().contains("the window"));
    }
}
