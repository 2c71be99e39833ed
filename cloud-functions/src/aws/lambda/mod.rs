//! A function on Lambda: requests of an HTTP API, batches of a stream, and a schedule, by the shape of what comes.
//!
//! Lambda gives a program one event at a time, and stops it between two: whatever has to be done is done before the
//! answer. Nobody here hears what another instance writes, so nothing waits long for news.

mod answer;
mod request;
mod rounds;
mod shape;
#[cfg(test)]
mod tests;

use crate::functions::Function;
use crate::host::app::{app, hardened};
use crate::host::wiring::Wired;
use crate::services::Services;
use answer::Answer;
use axum::Router;
use chrono::{DateTime, Utc};
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use rounds::Rounds;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use shape::Shape;
use std::sync::Arc;
use std::time::Duration;

/// What the runtime reads, and is no use without.
const NEEDED: [&str; 3] = [
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// What is left of an invocation's time for answering, in milliseconds.
const MARGIN_MS: i64 = 500;

/// The longest that a request waits for a feed to move: the writer is another instance, whose poke does not come here.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Why a function does not go on.
#[derive(Debug, thiserror::Error)]
pub enum LambdaError {
    /// The environment is not Lambda's.
    #[error("{0} is not set, or makes no sense, as it does on Lambda")]
    Environment(&'static str),
    /// The Runtime API.
    #[error("Lambda's Runtime API: {0}")]
    Runtime(String),
}

/// Why an event was not dealt with; Lambda tells whoever sent it, or delivers it again.
#[derive(Debug, thiserror::Error)]
enum EventError {
    #[error("this function takes requests, schedules and its stream, and that is none of them")]
    Unknown,
    #[error("the request cannot be read: {0}")]
    Request(String),
    #[error("this function takes no events")]
    NoConsumer,
    #[error("the answer cannot be written: {0}")]
    Answer(String),
    #[error("not everything was taken: {0}")]
    Behind(String),
}

impl From<EventError> for Diagnostic {
    fn from(error: EventError) -> Self {
        let kind = match error {
            EventError::Unknown => "UnknownEvent",
            EventError::Request(_) => "InvalidRequest",
            EventError::NoConsumer => "NoConsumer",
            EventError::Answer(_) => "InvalidAnswer",
            EventError::Behind(_) => "Behind",
        };
        Self {
            error_type: kind.to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// The function, as events find it.
struct Host {
    function: &'static Function,
    services: Services,
    router: Router,
    rounds: Option<Rounds>,
}

/// Takes events until Lambda ends the process.
///
/// # Errors
/// Where Lambda is not there.
pub async fn run(function: &'static Function, wired: &Wired) -> Result<(), LambdaError> {
    check_environment(&|name| std::env::var(name).ok())?;
    let host = Arc::new(Host::new(function, wired));
    let take = move |event: LambdaEvent<Box<RawValue>>| {
        let host = Arc::clone(&host);
        async move {
            let taken = host.take(&event.payload, &event.context).await;
            telemetry::flush().await;
            taken
        }
    };
    let ran = lambda_runtime::run(service_fn(take)).await;
    ran.map_err(|error| LambdaError::Runtime(error.to_string()))
}

/// The runtime panics where these are missing.
fn check_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<(), LambdaError> {
    let missing = NEEDED.into_iter().find(|name| variable(name).is_none());
    let memory = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
    let is_number = memory.is_some_and(|memory| memory.parse::<i32>().is_ok());
    match missing {
        Some(name) => Err(LambdaError::Environment(name)),
        None if !is_number => Err(LambdaError::Environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")),
        None => Ok(()),
    }
}

impl Host {
    fn new(function: &'static Function, wired: &Wired) -> Self {
        let services = wired.services.clone();
        let router = app([function], &services).router;
        Self {
            function,
            router: hardened(router, &services),
            rounds: function
                .consumer
                .map(|consumer| Rounds::new(consumer, wired)),
            services,
        }
    }

    async fn take(&self, event: &RawValue, context: &Context) -> Result<Box<RawValue>, EventError> {
        let until = end(context);
        match shape::recognise(event.get()) {
            Some(Shape::Http) => self.answer(event, context, until).await,
            Some(Shape::Schedule) => self.look_after(until).await,
            Some(Shape::Stream(records)) => {
                let rounds = self.rounds.as_ref().ok_or(EventError::NoConsumer)?;
                encode(&rounds.take(&records, until).await)
            }
            None => Err(EventError::Unknown),
        }
    }

    async fn answer(
        &self,
        event: &RawValue,
        context: &Context,
        until: DateTime<Utc>,
    ) -> Result<Box<RawValue>, EventError> {
        let left = until - self.services.clock.now();
        let left = left.to_std().unwrap_or_default();
        self.services.poke.bound_waits(LONGEST_WAIT.min(left / 2));
        let trace = context.xray_trace_id.as_deref();
        let request = request::read(event.get(), trace).map_err(EventError::Request)?;
        let answering = Answer::of(self.router.clone(), request);
        let answered = tokio::time::timeout(left, answering).await;
        encode(&answered.unwrap_or_else(|_| Answer::too_slow()))
    }

    /// What a schedule is for: upkeep, and events of which no record told.
    async fn look_after(&self, until: DateTime<Utc>) -> Result<Box<RawValue>, EventError> {
        let caught_up = match &self.rounds {
            Some(rounds) => rounds.catch_up(until).await,
            None => Ok(()),
        };
        if let Some(upkeep) = self.function.upkeep {
            upkeep(self.services.clone()).await;
        }
        caught_up.map_err(EventError::Behind)?;
        encode(&())
    }
}

fn encode(answer: &impl Serialize) -> Result<Box<RawValue>, EventError> {
    to_raw_value(answer).map_err(|error| EventError::Answer(error.to_string()))
}

/// When an event has to be over, with time left to answer.
fn end(context: &Context) -> DateTime<Utc> {
    let deadline = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let end = DateTime::from_timestamp_millis(deadline.saturating_sub(MARGIN_MS));
    end.unwrap_or(DateTime::<Utc>::MAX_UTC)
}
