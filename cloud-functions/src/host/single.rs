//! One function alone, as a small program: HTTP on `PORT`, events on `POST /events`, or its own pump.

mod settings;

pub use settings::{Settings, SettingsError, webhook_keys};

use super::app::{app, hardened};
use super::events::with_events;
use super::folder::{DataFolder, FolderError, Lock};
use super::pump::{Policy, Pump};
use super::serve::{GRACE, ListenError, listen, say_ready, serve};
use super::stop::{Stop, on_signals};
use super::upkeep;
use super::wiring::{self, Wired};
use crate::engines::sqlite::OpenError;
use crate::functions::{self, Function};
use std::process::ExitCode;
use tokio::task::JoinHandle;

/// Why a function's program ends.
#[derive(Debug, thiserror::Error)]
pub enum SingleError {
    /// There is no function of that name.
    #[error("there is no function {0}")]
    Unknown(String),
    /// The environment.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A database in it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The port.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The network or stdout.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The whole `main` of the program of function `name`.
#[must_use]
pub fn main(name: &str) -> ExitCode {
    super::log::start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ran = runtime
        .map_err(SingleError::from)
        .and_then(|runtime| runtime.block_on(run(name)));
    let code = match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(function = name, "{error}");
            ExitCode::FAILURE
        }
    };
    super::log::finish();
    code
}

async fn run(name: &str) -> Result<(), SingleError> {
    let function = functions::lookup(name).ok_or_else(|| SingleError::Unknown(name.to_owned()))?;
    let settings = Settings::read(&|variable| std::env::var(variable).ok())?;
    let stop = on_signals()?;
    let folder = DataFolder::open(&settings.data)?;
    let _lock = folder.lock_shared()?;
    let wired = wiring::open_with(&folder, settings.webhook_keys.clone())?;
    if settings.pump {
        tokio::spawn(upkeep::run(function, wired.services.clone(), stop.clone()));
    }
    let pump = start_pump(function, &settings, &folder, &wired, &stop)?;
    let router = app([function], &wired.services).router;
    let router = match (function.consumer, settings.events_token) {
        (Some(consumer), Some(token)) => {
            with_events(router, consumer(wired.services.clone()), &token)
        }
        _ => router,
    };
    let listener = listen(settings.address).await?;
    say_ready(&listener)?;
    let served = serve(listener, hardened(router, &wired.services), &stop).await;
    if let Some((_lock, pump)) = pump {
        match tokio::time::timeout(GRACE, pump).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the pump broke down"),
            Err(_) => tracing::warn!("the pump did not finish its batch, which will come again"),
        }
    }
    Ok(served?)
}

type Pumping = (Lock, JoinHandle<()>);

fn start_pump(
    function: &Function,
    settings: &Settings,
    folder: &DataFolder,
    wired: &Wired,
    stop: &Stop,
) -> Result<Option<Pumping>, FolderError> {
    let Some(consumer) = function.consumer.filter(|_| settings.pump) else {
        return Ok(None);
    };
    let lock = folder.lock_pump(function.name)?;
    let consumer = consumer(wired.services.clone());
    let clock = wired.services.clock.clone();
    let pump = Pump::new(wired.backlog.clone(), consumer, clock, Policy::default());
    Ok(Some((lock, tokio::spawn(pump.run(stop.clone())))))
}
