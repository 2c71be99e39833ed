//! One function alone, as a small program: on Lambda, or HTTP on `PORT`, with events on `POST /events` or its own pump.

mod settings;

pub use settings::{Front, Settings, SettingsError, webhook_keys};

use super::app::{app, hardened};
use super::engine::{EngineError, Opened};
use super::events::with_events;
use super::folder::{FolderError, Lock};
use super::pump::{Policy, Pump, finish};
use super::serve::{ListenError, listen, say_ready, serve};
use super::stop::{Stop, on_signals};
use super::upkeep;
use crate::functions::Function;
use crate::ports::events::Consumer;
use axum::Router;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// The longest that a request waits for a feed to move: who moves it may be another function's program, which pokes
/// nobody here.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Why a function's program ends.
#[derive(Debug, thiserror::Error)]
pub enum SingleError {
    /// The environment.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The engines.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The port.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The network or stdout.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Where events are sent on to.
    #[cfg(feature = "sink")]
    #[error(transparent)]
    Sink(#[from] super::sink::SinkError),
    /// Events are to be sent on, and it does not know how.
    #[cfg(not(feature = "sink"))]
    #[error("AISLE_EVENTS_SINK is set, and this program was built without the feature `sink`")]
    NoSink,
    /// Lambda.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Lambda(#[from] crate::aws::lambda::LambdaError),
    /// Lambda runs it, and it does not know how.
    #[cfg(not(feature = "aws"))]
    #[error("AWS_LAMBDA_RUNTIME_API is set, and this program was built without the feature `aws`")]
    NotForLambda,
}

/// The whole `main` of a function's program. It is given the function itself, so that the linker leaves out all others.
#[must_use]
pub fn main(function: &'static Function) -> ExitCode {
    super::log::start();
    let code = match start(function) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(function = function.name, "{error}");
            ExitCode::FAILURE
        }
    };
    super::log::finish();
    code
}

fn start(function: &'static Function) -> Result<(), SingleError> {
    let settings = Settings::read(&|variable| std::env::var(variable).ok())?;
    let runtime = runtime(settings.front)?;
    runtime.block_on(async move {
        let opened = settings.engine.open(settings.webhook_keys.clone()).await?;
        match settings.front {
            Front::Lambda => on_lambda(function, &opened).await,
            Front::Port(address) => on_port(function, &settings, &opened, address).await,
        }
    })
}

/// Lambda gives a program one request at a time and a part of a processor: one thread starts sooner.
fn runtime(front: Front) -> std::io::Result<Runtime> {
    let mut builder = match front {
        Front::Lambda => Builder::new_current_thread(),
        Front::Port(_) => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

#[cfg(feature = "aws")]
async fn on_lambda(function: &'static Function, opened: &Opened) -> Result<(), SingleError> {
    Ok(crate::aws::lambda::run(function, &opened.wired).await?)
}

#[cfg(not(feature = "aws"))]
async fn on_lambda(_: &'static Function, _: &Opened) -> Result<(), SingleError> {
    Err(SingleError::NotForLambda)
}

async fn on_port(
    function: &'static Function,
    settings: &Settings,
    opened: &Opened,
    address: SocketAddr,
) -> Result<(), SingleError> {
    let stop = on_signals()?;
    let services = &opened.wired.services;
    services.poke.bound_waits(LONGEST_WAIT);
    if settings.pump {
        tokio::spawn(upkeep::run(function, services.clone(), stop.clone()));
    }
    let pumps = start_pumps(function, settings, opened, &stop)?;
    let sending = start_sending(settings, opened, &stop)?;
    let listener = listen(address).await?;
    say_ready(&listener)?;
    let router = hardened(routes(function, settings, opened), services);
    let served = serve(listener, router, &stop).await;
    for (_lock, pumps) in pumps.into_iter().chain(sending) {
        finish(pumps).await;
    }
    Ok(served?)
}

fn routes(function: &'static Function, settings: &Settings, opened: &Opened) -> Router {
    let services = &opened.wired.services;
    let router = app([function], services).router;
    match (function.consumer, settings.events) {
        (Some(consumer), Some(trust)) => with_events(router, consumer(services.clone()), trust),
        _ => router,
    }
}

type Pumping = (Option<Lock>, JoinSet<()>);

fn start_pumps(
    function: &Function,
    settings: &Settings,
    opened: &Opened,
    stop: &Stop,
) -> Result<Option<Pumping>, FolderError> {
    let Some(consumer) = function.consumer.filter(|_| settings.pump) else {
        return Ok(None);
    };
    let lock = opened.lock_pump(function.name)?;
    let consumer = consumer(opened.wired.services.clone());
    let pumps = pump_lanes(&consumer, Policy::default(), opened, stop);
    Ok(Some((lock, pumps)))
}

fn pump_lanes(
    consumer: &Arc<dyn Consumer>,
    policy: Policy,
    opened: &Opened,
    stop: &Stop,
) -> JoinSet<()> {
    let mut pumps = JoinSet::new();
    for lane in &opened.wired.lanes {
        let (consumer, clock) = (Arc::clone(consumer), opened.wired.services.clock.clone());
        let pump = Pump::new(Arc::clone(lane), consumer, clock, policy);
        pumps.spawn(pump.run(stop.clone()));
    }
    pumps
}

/// Sends events on, where the environment says so: one program of all does.
#[cfg(feature = "sink")]
fn start_sending(
    settings: &Settings,
    opened: &Opened,
    stop: &Stop,
) -> Result<Option<Pumping>, SingleError> {
    use super::sink::{self, Sink};
    let Some((address, token)) = settings.sink.clone() else {
        return Ok(None);
    };
    let sink: Arc<dyn Consumer> = Arc::new(Sink::new(&address, token)?);
    let lock = opened.lock_pump(sink::NAME)?;
    Ok(Some((
        lock,
        pump_lanes(&sink, Sink::policy(), opened, stop),
    )))
}

#[cfg(not(feature = "sink"))]
fn start_sending(
    settings: &Settings,
    _: &Opened,
    _: &Stop,
) -> Result<Option<Pumping>, SingleError> {
    match settings.sink {
        Some(_) => Err(SingleError::NoSink),
        None => Ok(None),
    }
}
