//! A whole store: the cloud with the demo store, tablets and kiosks, each a program of its own on files of its own.

use crate::paths;
use crate::program::Program;
use crate::until::until;
use anyhow::{Context as _, Result, anyhow, bail};
use domain::api::device::{DeviceCall, ReadStatus, Refusal, SignIn};
use domain::ids::AssociateId;
use serde::Deserialize;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::OnceCell;

/// The demo store, seeded once for all scenarios of a run.
static SEEDED: OnceCell<TempDir> = OnceCell::const_new();

/// A store in a folder of its own.
#[derive(Debug)]
pub struct World {
    folder: TempDir,
    cloud: Option<Program>,
    addr: String,
}

/// A device's program.
#[derive(Debug)]
pub struct DeviceProgram {
    program: Program,
    client: reqwest::Client,
}

impl World {
    /// Starts the cloud on a fresh copy of the demo store.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start() -> Result<Self> {
        let seeded = SEEDED.get_or_try_init(seed).await?;
        let folder = tempfile::tempdir()?;
        copy(seeded.path(), &folder.path().join("cloud"))?;
        let mut world = Self {
            folder,
            cloud: None,
            addr: "127.0.0.1:0".to_owned(),
        };
        world.start_cloud().await?;
        Ok(world)
    }

    /// Starts the cloud again after [`World::kill_cloud`], where it was before.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_cloud(&mut self) -> Result<()> {
        let data = self.folder.path().join("cloud");
        let shop = paths::screens("shop")
            .map_or_else(|_| String::new(), |path| path.display().to_string());
        let data = data.display().to_string();
        let mut args = vec!["serve", "--data", &data, "--listen", &self.addr];
        if !shop.is_empty() {
            args.extend(["--web", &shop]);
        }
        let cloud =
            Program::start("aisle-cloud", &args, &self.folder.path().join("cloud.log")).await?;
        self.addr = cloud.addr().to_owned();
        self.cloud = Some(cloud);
        Ok(())
    }

    /// Kills the cloud as a power cut would.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill_cloud(&mut self) -> Result<()> {
        self.cloud
            .take()
            .ok_or_else(|| anyhow!("the cloud does not run"))?
            .kill()
            .await
    }

    /// The cloud's address on the web.
    #[must_use]
    pub fn cloud_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The world's folder: the cloud's data is in `cloud`, each device's under its name.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the cloud logged last.
    #[must_use]
    pub fn cloud_log(&self) -> String {
        self.cloud.as_ref().map(Program::log).unwrap_or_default()
    }

    /// A one-time code for a new device of store 1.
    ///
    /// # Errors
    /// When the cloud makes none.
    pub async fn enrolment_code(&self, kind: &str) -> Result<String> {
        #[derive(Deserialize)]
        struct Code {
            code: String,
        }
        let data = self.folder.path().join("cloud");
        let mut command = Command::new(paths::program("aisle-cloud")?);
        command
            .args(["enrol", "--store", "1", "--kind", kind, "--data"])
            .arg(data);
        let output = command.output().await?;
        if !output.status.success() {
            bail!(
                "no enrolment code: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let code: Code = serde_json::from_slice(&output.stdout).context("the enrolment code")?;
        Ok(code.code)
    }

    /// Starts a device of `kind` (`tablet`, `kiosk`) under a name, enrolled, and waits for its first sync.
    ///
    /// # Errors
    /// When it does not start or sync.
    pub async fn device(&self, name: &str, kind: &str) -> Result<DeviceProgram> {
        let code = self.enrolment_code(kind).await?;
        let device = self.start_device(name, kind, &code).await?;
        device.wait_until_complete().await?;
        Ok(device)
    }

    /// Starts a device; on a folder that was enrolled before, the code is not used.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_device(&self, name: &str, kind: &str, code: &str) -> Result<DeviceProgram> {
        let data = self.folder.path().join(name).display().to_string();
        let screens = paths::screens("app")?.display().to_string();
        let cloud = self.cloud_url();
        let args = [
            "serve",
            "--data",
            &data,
            "--cloud",
            &cloud,
            "--listen",
            "127.0.0.1:0",
            "--ui",
            &screens,
            "--kind",
            kind,
            "--code",
            code,
        ];
        let log = self.folder.path().join(format!("{name}.log"));
        let program = Program::start("aisle-device", &args, &log).await?;
        Ok(DeviceProgram {
            program,
            client: client()?,
        })
    }
}

impl DeviceProgram {
    /// Its address on the web.
    #[must_use]
    pub fn url(&self) -> String {
        self.program.url()
    }

    /// What it logged last.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }

    /// Kills it as a power cut would.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(self) -> Result<()> {
        self.program.kill().await
    }

    /// Calls it as a screen does.
    ///
    /// # Errors
    /// Its refusal, or a fault of the wire.
    pub async fn call<C: DeviceCall>(&self, call: &C) -> Result<C::Reply> {
        let url = format!("{}/device/{}", self.url(), C::NAME);
        let response = self
            .client
            .post(url)
            .header("x-aisle", "1")
            .json(call)
            .send()
            .await?;
        if response.status().is_success() {
            return Ok(response.json().await?);
        }
        Err(anyhow::Error::new(response.json::<Refusal>().await?))
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// When she may not.
    pub async fn sign_in(&self, associate: &str, pin: &str) -> Result<()> {
        let call = SignIn {
            associate: AssociateId::parse(associate)?,
            pin: pin.to_owned(),
        };
        self.call(&call).await.map(|_| ())
    }

    /// Waits until everything was pulled once.
    ///
    /// # Errors
    /// When it takes too long; with the end of its log.
    pub async fn wait_until_complete(&self) -> Result<()> {
        let look = || async { Ok(self.call(&ReadStatus {}).await?.sync.complete.then_some(())) };
        until("the first sync", look)
            .await
            .with_context(|| self.log())
    }
}

/// A client for loopback that never looks for a proxy.
///
/// # Errors
/// When it cannot be made.
pub fn client() -> Result<reqwest::Client> {
    // Already there from an earlier call: the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// Seeds the demo store by starting the cloud once.
async fn seed() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(paths::program("aisle-cloud")?);
    command
        .args(["seed", "--data"])
        .arg(folder.path())
        .stdout(Stdio::null());
    let output = command.output().await?;
    if !output.status.success() {
        bail!(
            "the demo store could not be seeded: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
