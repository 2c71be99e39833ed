//! Starts the store's programs in their order and says where they are.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Plan, address, program, welcome};
use crate::supervise::Children;
use crate::{paths, process};

/// How long a program may take to serve; the first start makes the demo store.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// The store of the demo that both devices join.
pub(super) const STORE: &str = "1";

/// A device that serves its screens to a browser.
#[derive(Clone, Copy)]
pub(super) enum Host {
    Tablet,
    Kiosk,
}

impl Plan {
    /// Starts the cloud, then its devices, and prints the addresses.
    ///
    /// # Errors
    /// When one does not come to serve; what was started is in `children`.
    pub(super) fn start(&self, children: &mut Children) -> Result<()> {
        let mut cloud = program("aisle-cloud", "serve", &self.data);
        cloud.args(["--listen", &address(self.port), "--demo", "--live", "--web"]);
        cloud.arg(paths::ui().join("shop"));
        children.start_ready("aisle-cloud", &cloud, &self.log("cloud"), READY_WITHIN)?;
        if self.window {
            self.start_window(children)?;
        } else {
            self.start_host(children, Host::Tablet)?;
        }
        self.start_host(children, Host::Kiosk)?;
        println!("{}", welcome::welcome(self)?);
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

    /// A one-time code with which a device of this kind joins the store.
    fn code(&self, kind: &str) -> Result<String> {
        let mut enrol = program("aisle-cloud", "enrol", &self.data);
        let line = process::output(enrol.args(["--store", STORE, "--kind", kind]))?;
        let answer: Value = serde_json::from_str(&line)
            .with_context(|| format!("`aisle-cloud enrol` printed no JSON but {line:?}"))?;
        let code = answer.get("code").and_then(Value::as_str);
        Ok(code
            .context("`aisle-cloud enrol` printed no code")?
            .to_owned())
    }

    pub(super) fn port_of(&self, host: Host) -> u16 {
        self.port + host.offset()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.data.join("logs").join(name).with_extension("log")
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

/// The address of a port of this machine.
pub(super) fn url(port: u16) -> String {
    format!("http://{}", address(port))
}
