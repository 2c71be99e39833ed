//! Every function, every pump and the shop's files in one process on one folder.

use super::app::{App, app, hardened};
use super::folder::{DataFolder, FolderError, Lock};
use super::pump::{Policy, Pump, finish};
use super::serve::serve;
use super::stop::Stop;
use super::upkeep;
use super::web::with_shop;
use super::wiring::{self, Wired};
use crate::carts::HookKey;
use crate::demo;
use crate::engines::sqlite::OpenError;
use crate::functions::{self, identity};
use crate::http::Grant;
use crate::services::Services;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Why the cloud does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A database in it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The folder of the web app.
    #[error("{path} has no index.html: build the screens first, or leave --web out")]
    NoWeb {
        /// Which folder.
        path: PathBuf,
    },
}

/// The cloud in one process.
pub struct Embedded {
    wired: Wired,
    web: Option<PathBuf>,
    /// Whether it is a demo: letters that it would have sent can be read.
    demo: bool,
    _lock: Lock,
}

impl Embedded {
    /// Opens the folder and takes it for itself.
    ///
    /// # Errors
    /// What [`StartError`] lists.
    pub fn open(data: &Path, web: Option<PathBuf>) -> Result<Self, StartError> {
        Self::open_with(data, web, Vec::new())
    }

    /// The same, where the payment provider is believed what it signs with one of the keys.
    ///
    /// # Errors
    /// What [`StartError`] lists.
    pub fn open_with(
        data: &Path,
        web: Option<PathBuf>,
        hook_keys: Vec<HookKey>,
    ) -> Result<Self, StartError> {
        if let Some(path) = web.clone().filter(|web| !web.join("index.html").is_file()) {
            return Err(StartError::NoWeb { path });
        }
        let folder = DataFolder::open(data)?;
        let lock = folder.lock_alone()?;
        Ok(Self {
            wired: wiring::open_with(&folder, hook_keys)?,
            web,
            demo: false,
            _lock: lock,
        })
    }

    /// The same as a demo: whoever reaches it reads the letters that it would have sent.
    #[must_use]
    pub fn as_demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }

    /// What the functions in here are given.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.wired.services
    }

    /// Who may call what.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        app(functions::all(), self.services()).grants
    }

    /// Serves and pumps until it is stopped.
    ///
    /// # Errors
    /// Where the listener fails.
    pub async fn run(self, listener: TcpListener, stop: Stop) -> std::io::Result<()> {
        self.settle_issuer(&listener).await?;
        let pumps = self.start_pumps(&stop);
        let App { router, .. } = app(functions::all(), self.services());
        let router = match &self.web {
            Some(folder) => with_shop(router, folder),
            None => router,
        };
        let router = match self.demo {
            true => demo::with_letters(router, self.services()),
            false => router,
        };
        let served = serve(listener, hardened(router, self.services()), &stop).await;
        finish(pumps).await;
        served
    }

    /// The issuer is where it is reached: a client that reads its metadata finds its keys.
    async fn settle_issuer(&self, listener: &TcpListener) -> std::io::Result<()> {
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let issuer = format!("http://{address}");
        if let Err(error) = identity::settle_issuer(self.services(), &issuer).await {
            tracing::error!(%error, "the issuer keeps its earlier address");
        }
        Ok(())
    }

    fn start_pumps(&self, stop: &Stop) -> JoinSet<()> {
        let services = self.services();
        let mut pumps = JoinSet::new();
        for consumer in functions::all().iter().filter_map(|f| f.consumer) {
            let backlog = self.wired.backlog.clone();
            let (consumer, clock) = (consumer(services.clone()), services.clock.clone());
            let pump = Pump::new(backlog, consumer, clock, Policy::default());
            pumps.spawn(pump.run(stop.clone()));
        }
        for function in functions::all() {
            pumps.spawn(upkeep::run(function, services.clone(), stop.clone()));
        }
        pumps
    }
}
