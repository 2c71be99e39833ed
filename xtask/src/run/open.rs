//! Starts the store's programs in their order and says where they are.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Plan, address, program};
use crate::supervise::Children;
use crate::{paths, process};

/// How long a program may take to serve; the first start makes the demo store.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// A device that serves its screens to a browser.
#[derive(Clone, Copy)]
enum Host {
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

fn url(port: u16) -> String {
    format!("http://{}", address(port))
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
