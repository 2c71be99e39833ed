//! `POST /v1/sync/pull`: what changed since the cursors of a device.

mod page;
mod plan;
mod refusal;
mod share;

use self::page::Page;
use self::plan::Plan;
use self::refusal::PullRefusal;
use super::grants::granted;
use super::packed::{self, Packed};
use crate::devices::{self, DeviceState};
use crate::feed::Head;
use crate::http::Caller;
use crate::ports::wait::until_moved;
use crate::services::Services;
use axum::extract::State;
use axum::response::Response;
use domain::api::sync::{Checkpoint, MAX_CHANGES, MAX_WAIT_MS, PullLine, PullRequest, Scope};
use domain::ids::DeviceId;
use domain::problem::Problem;
use std::time::Duration;

/// One look at the feeds.
struct Look {
    plan: Plan,
    page: Page,
    last_cseq: u64,
}

impl Look {
    /// Whether the device learns something from it.
    fn is_news(&self) -> bool {
        !self.plan.access.is_empty() || self.page.changes > 0 || !self.page.sums.is_empty()
    }
}

/// Answers at once where there is something new, else when a granted feed moves or the wait is over.
async fn pull(
    services: &Services,
    device: &DeviceId,
    request: &PullRequest,
) -> Result<Vec<u8>, PullRefusal> {
    plan::check(request)?;
    let wait = Duration::from_millis(request.wait_ms.min(MAX_WAIT_MS));
    let wait = services.poke.bounded(wait);
    // Listening begins before the first look: a change between look and wait is not missed.
    let mut pokes = services.poke.listen();
    let mut end = std::pin::pin!(tokio::time::sleep(wait));
    let mut over = wait.is_zero();
    loop {
        let state = state(services, device).await?;
        let scopes = granted(state.kind, &state.store);
        let look = look(services, &scopes, &state, request).await?;
        if over || look.is_news() {
            return encode(services, look);
        }
        over = !until_moved(&mut pokes, &scopes, end.as_mut()).await;
    }
}

/// The device as it is now: it may be revoked while it waits.
async fn state(services: &Services, device: &DeviceId) -> Result<DeviceState, PullRefusal> {
    let row = devices::lookup(&*services.ledger, device).await?;
    row.map(|row| row.value)
        .filter(|state| !state.revoked)
        .ok_or(PullRefusal::Revoked)
}

async fn look(
    services: &Services,
    scopes: &[Scope],
    state: &DeviceState,
    request: &PullRequest,
) -> Result<Look, PullRefusal> {
    let heads = crate::feed::read_all_heads(&*services.ledger, scopes).await?;
    let heads: Vec<(&Scope, Head)> = scopes.iter().zip(heads).collect();
    let plan = plan::plan(&heads, request)?;
    let limit = request.limit.clamp(1, MAX_CHANGES);
    let page = page::collect(&*services.ledger, &plan.stands, limit, request.verify).await?;
    Ok(Look {
        plan,
        page,
        last_cseq: state.last_cseq,
    })
}

/// The lines in their order: grants and revocations, offers, changes, one checkpoint.
fn encode(services: &Services, look: Look) -> Result<Vec<u8>, PullRefusal> {
    let mut lines = Vec::new();
    for line in &look.plan.access {
        page::write_line(&mut lines, line)?;
    }
    lines.extend(look.page.lines);
    let checkpoint = PullLine::Checkpoint(Checkpoint {
        cursors: look.page.cursors,
        sums: look.page.sums,
        last_cseq: look.last_cseq,
        server_time: services.clock.now(),
        more: look.page.more,
    });
    page::write_line(&mut lines, &checkpoint)?;
    Ok(lines)
}

/// Answers what changed since the device's cursors
///
/// Waits up to `wait_ms` where there is nothing new. The answer is always zstd-compressed, one JSON document a line:
/// grants and revocations, then offers, then changes, then one checkpoint. Revoked and granted in one answer means: begin
/// this feed anew, with nothing. An offer means: the feed goes on from this snapshot. The request may be
/// zstd-compressed too.
#[utoipa::path(
    post,
    path = "/v1/sync/pull",
    tag = "sync",
    request_body = PullRequest,
    responses(
        (status = 200, description = "Lines, `content-encoding: zstd`", body = PullLine, content_type = "application/x-ndjson"),
        (status = 400, description = "A cursor's scope is not one", body = Problem, content_type = "application/problem+json"),
        (status = 426, description = "Another schema is served", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn pull_changes(
    State(services): State<Services>,
    Caller(caller): Caller,
    Packed(request): Packed<PullRequest>,
) -> Result<Response, PullRefusal> {
    let device = caller.device.ok_or(PullRefusal::Revoked)?;
    let lines = pull(&services, &device, &request).await?;
    let packed = packed::compress(lines).await;
    let packed = packed.map_err(|error| PullRefusal::Encoding(error.to_string()))?;
    Ok(packed::lines(packed))
}

#[cfg(test)]
mod tests;
