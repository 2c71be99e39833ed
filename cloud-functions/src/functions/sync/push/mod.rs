//! `POST /v1/sync/push`: a device's commands, each decided once.

mod batch;
mod decide;
mod outcome;
mod reading;
mod refusal;

use self::refusal::PushRefusal;
use super::packed::{self, Packed};
use crate::devices::{self, DeviceState};
use crate::http::Caller;
use crate::services::Services;
use crate::table::Row;
use crate::telemetry::figures;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::access::Principal;
use domain::api::sync::{
    CommandResult, CommandStatus, MAX_COMMANDS, PushRequest, PushResponse, SCHEMA,
};
use domain::ids::DeviceId;
use domain::problem::Problem;

/// Decides the commands in their order. What was decided stays decided when a later one cannot be: the device pushes
/// again from there.
async fn push(
    services: &Services,
    caller: &Principal,
    request: &PushRequest,
) -> Result<PushResponse, PushRefusal> {
    check(caller, request)?;
    let results = decide::decide(services, &request.device, &request.commands).await?;
    count(&results);
    Ok(PushResponse {
        last_cseq: state(services, &request.device).await?.value.last_cseq,
        results,
    })
}

/// Each decision has a figure.
fn count(results: &[CommandResult]) {
    for result in results {
        let figure = match result.status {
            CommandStatus::Applied => &figures::PUSH_APPLIED,
            CommandStatus::Duplicate => &figures::PUSH_DUPLICATE,
            CommandStatus::Rejected => &figures::PUSH_REJECTED,
            CommandStatus::Superseded => &figures::PUSH_SUPERSEDED,
        };
        figure.add(1, &[]);
    }
}

/// Refuses, before anything is written, what is no push of this device.
fn check(caller: &Principal, request: &PushRequest) -> Result<(), PushRefusal> {
    if caller.device.as_ref() != Some(&request.device) {
        return Err(PushRefusal::WrongDevice);
    }
    if request.schema != SCHEMA {
        return Err(PushRefusal::Schema);
    }
    if request.commands.len() > MAX_COMMANDS {
        return Err(PushRefusal::TooMany);
    }
    if request.first_cseq == 0 {
        return Err(PushRefusal::NoNumber);
    }
    let numbers = request.first_cseq..=u64::MAX;
    let misplaced = request
        .commands
        .iter()
        .zip(numbers)
        .find(|(command, number)| command.cseq != *number);
    match misplaced {
        Some((_, expected)) => Err(PushRefusal::Gap { expected }),
        None => Ok(()),
    }
}

/// The device as it is now: it may be revoked between two of its commands.
async fn state(services: &Services, device: &DeviceId) -> Result<Row<DeviceState>, PushRefusal> {
    let row = devices::lookup(&*services.ledger, device).await?;
    row.filter(|row| !row.value.revoked)
        .ok_or(PushRefusal::Revoked)
}

/// Decides a device's commands
///
/// Commands are numbered by the device, without a gap from 1. A repeat of what was done is a
/// `duplicate`, with the numbers of then; what is refused is `rejected`, the same each time, and never holds up the
/// next. The request may be zstd-compressed; the answer is, where `accept-encoding` names zstd.
#[utoipa::path(
    post,
    path = "/v1/sync/push",
    tag = "sync",
    request_body = PushRequest,
    responses(
        (status = 200, description = "A decision for each command", body = PushResponse),
        (status = 403, description = "Another device's, or a revoked one's", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`cseq-gap`: a number is missing, `command-mismatch`: this number had another command; `expected` says the next number", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too many commands", body = Problem, content_type = "application/problem+json"),
        (status = 426, description = "Another schema is served", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn push_commands(
    State(services): State<Services>,
    Caller(caller): Caller,
    headers: HeaderMap,
    Packed(request): Packed<PushRequest>,
) -> Result<Response, PushRefusal> {
    let response = push(&services, &caller, &request).await?;
    Ok(packed::json(&headers, &response).await)
}

#[cfg(test)]
mod batches;
#[cfg(test)]
mod carts;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod picks;
#[cfg(test)]
mod sales;
#[cfg(test)]
mod tests;
