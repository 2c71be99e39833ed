//! Does from time to time what functions have to do from time to time.

use super::stop::Stop;
use crate::functions::Function;
use crate::services::Services;
use crate::telemetry as observed;
use std::time::Duration;
use tracing::Instrument as _;

/// How long it rests between two rounds.
const REST: Duration = Duration::from_secs(60);

/// Does a function's upkeep, now and then again, until it is stopped. What is under way at a stop may be cut off.
pub async fn run(function: &'static Function, services: Services, stop: Stop) {
    let Some(upkeep) = function.upkeep else {
        return;
    };
    loop {
        tokio::select! {
            () = stop.wait() => return,
            () = upkeep(services.clone()).instrument(observed::upkeep(function.name)) => {}
        }
        tokio::select! {
            () = stop.wait() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}
