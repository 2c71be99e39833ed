//! A whole store: the cloud with the demo store, tablets and kiosks, each a program of its own on files of its own.

use crate::demo;
use crate::paths;
use crate::program::Program;
use crate::stored::Stored;
use crate::until::until;
use anyhow::{Context as _, Result, anyhow, bail};
use domain::api::device::{
    Aged, CustomerCard, DeviceCall, MAX_ROWS, OpenCustomer, ReadStatus, Refusal, SearchCustomers,
    SignIn,
};
use domain::api::identity::{EnrolRequest, Enrolment, TokenResponse};
use domain::customer::Purpose;
use domain::ids::{AssociateId, CustomerId};
use domain::trace::{TRACEPARENT, TraceContext};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::process::Command;

/// A store in a folder of its own.
#[derive(Debug)]
pub struct World {
    folder: TempDir,
    cloud: Option<Program>,
    addr: String,
    /// What its programs find in their environment.
    variables: Vec<(String, String)>,
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
        let mut world = Self::laid_out().await?;
        world.start_cloud().await?;
        Ok(world)
    }

    /// A fresh copy of the demo store that no cloud serves yet.
    ///
    /// # Errors
    /// When there is no room for it.
    pub async fn laid_out() -> Result<Self> {
        let world = Self::empty()?;
        demo::copy_to(&world.cloud_folder()).await?;
        Ok(world)
    }

    /// A place where no cloud runs yet, and that knows nothing.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn empty() -> Result<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            cloud: None,
            addr: "127.0.0.1:0".to_owned(),
            variables: Vec::new(),
        })
    }

    /// Programs that are started from now on find this in their environment.
    pub fn set_variables(&mut self, variables: Vec<(String, String)>) {
        self.variables = variables;
    }

    /// Starts the cloud again after [`World::kill_cloud`], where it was before.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_cloud(&mut self) -> Result<()> {
        let data = self.cloud_folder();
        let shop = paths::screens("shop")
            .map_or_else(|_| String::new(), |path| path.display().to_string());
        let data = data.display().to_string();
        let mut args = vec!["serve", "--data", &data, "--listen", &self.addr];
        if !shop.is_empty() {
            args.extend(["--web", &shop]);
        }
        let log = self.folder.path().join("cloud.log");
        let cloud = Program::start_with("aisle-cloud", &args, &log, &self.variables).await?;
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

    /// The cloud's process.
    ///
    /// # Errors
    /// When it does not run.
    pub fn cloud_process(&self) -> Result<u32> {
        let process = self.cloud.as_ref().and_then(Program::process);
        process.ok_or_else(|| anyhow!("the cloud does not run"))
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

    /// The folder of the cloud.
    #[must_use]
    pub fn cloud_folder(&self) -> PathBuf {
        self.folder.path().join("cloud")
    }

    /// What the cloud keeps.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn stored(&self) -> Result<Stored> {
        Stored::open(&self.cloud_folder())
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
        let data = self.cloud_folder();
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

    /// What a tablet of store 1 shows to the cloud: a token of its own.
    ///
    /// # Errors
    /// When it cannot join.
    pub async fn tablet_token(&self) -> Result<String> {
        let enrol = EnrolRequest {
            code: self.enrolment_code("tablet").await?,
            nonce: "5eed".repeat(8),
        };
        let (client, url) = (client()?, self.cloud_url());
        let asked = client.post(format!("{url}/v1/identity/enrol")).json(&enrol);
        let joined: Enrolment = asked.send().await?.error_for_status()?.json().await?;
        let asked = client
            .post(format!("{url}/oauth2/token"))
            .basic_auth(joined.device, Some(joined.secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let token: TokenResponse = asked.send().await?.error_for_status()?.json().await?;
        Ok(token.access_token)
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
        let cloud = self.cloud_url();
        self.start_device_over(&cloud, name, kind, code).await
    }

    /// Starts a device that reaches the cloud at `cloud`: over a network that a test has in hand.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_device_over(
        &self,
        cloud: &str,
        name: &str,
        kind: &str,
        code: &str,
    ) -> Result<DeviceProgram> {
        let data = self.folder.path().join(name).display().to_string();
        let screens = paths::screens("app")?.display().to_string();
        let args = [
            "serve",
            "--data",
            &data,
            "--cloud",
            cloud,
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
        let program = Program::start_with("aisle-device", &args, &log, &self.variables).await?;
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
        self.answer_to(self.ask(call)).await
    }

    /// Calls it as a screen does whose tap began a trace.
    ///
    /// # Errors
    /// Its refusal, or a fault of the wire.
    pub async fn tap<C: DeviceCall>(&self, call: &C, trace: TraceContext) -> Result<C::Reply> {
        let asked = self.ask(call).header(TRACEPARENT, trace.to_string());
        self.answer_to(asked).await
    }

    fn ask<C: DeviceCall>(&self, call: &C) -> reqwest::RequestBuilder {
        let url = format!("{}/device/{}", self.url(), C::NAME);
        self.client.post(url).header("x-aisle", "1").json(call)
    }

    async fn answer_to<R: DeserializeOwned>(&self, asked: reqwest::RequestBuilder) -> Result<R> {
        let response = asked.send().await?;
        if response.status().is_success() {
            return Ok(response.json().await?);
        }
        Err(anyhow::Error::new(response.json::<Refusal>().await?))
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// When she may not.
    pub async fn sign_in(&self, (associate, pin): (&str, &str)) -> Result<()> {
        let call = SignIn {
            associate: AssociateId::parse(associate)?,
            pin: pin.to_owned(),
        };
        self.call(&call).await.map(|_| ())
    }

    /// A regular of the store who can be reached and lets herself be advised: the first of those seen last. Waits for
    /// the model that advises.
    ///
    /// # Errors
    /// When nobody is signed in, or nobody is known.
    pub async fn a_regular(&self) -> Result<CustomerCard> {
        until("a regular of the demo store", || self.find_regular()).await
    }

    async fn find_regular(&self) -> Result<Option<CustomerCard>> {
        let latest = SearchCustomers {
            query: String::new(),
            limit: MAX_ROWS,
        };
        for hit in self.call(&latest).await?.value.hits {
            let card = self.card(&hit.id).await?.value;
            let customer = &card.customer;
            let reachable = customer.phone.is_some() && customer.card.is_some();
            let advised = customer.consents_to(Purpose::Personalisation, None);
            if reachable && advised && !card.recommendations.is_empty() {
                return Ok(Some(card));
            }
        }
        Ok(None)
    }

    /// Opens a customer's card.
    ///
    /// # Errors
    /// When she is not known here.
    pub async fn card(&self, customer: &CustomerId) -> Result<Aged<CustomerCard>> {
        let customer = customer.clone();
        self.call(&OpenCustomer { customer }).await
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
