//! `GET /v1/sync/pokes`: tells a device, as long as it listens, that feeds of its have moved.
//!
//! A poke is a hint: it says where to pull, never what changed. Where the stream breaks nothing is lost.

mod seats;

pub(super) use self::seats::Seats;
use super::grants::granted;
use super::snapshot::SnapshotRefusal;
use crate::devices;
use crate::http::{ApiError, Caller};
use crate::services::Services;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use domain::api::sync::{POKE, Scope};
use domain::ids::DeviceId;
use domain::problem::Problem;
use futures_util::stream::{self, Stream};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// Something is said at least this often, so that both sides know that the other is there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream ends after so long, which is as long as a token lives: whoever listens on shows a new one.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// A device that listens.
struct Listening {
    services: Services,
    device: DeviceId,
    pokes: Receiver<Scope>,
    seat: seats::Seat,
    over: Pin<Box<tokio::time::Sleep>>,
}

/// What is said next.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Moved(BTreeSet<Scope>),
    Nothing,
}

impl Listening {
    /// What the device may hold now; `None` once it was revoked.
    async fn granted(&self) -> Option<Vec<Scope>> {
        let state = devices::lookup(&*self.services.ledger, &self.device).await;
        let state = state.ok()??.value;
        (!state.revoked).then(|| granted(state.kind, &state.store))
    }

    /// Waits for something to say; `None` is the end.
    async fn next(&mut self) -> Option<Said> {
        let heartbeat = tokio::time::sleep(HEARTBEAT);
        tokio::pin!(heartbeat);
        loop {
            let moved = tokio::select! {
                () = self.seat.lost() => return None,
                () = &mut self.over => return None,
                () = &mut heartbeat => {
                    self.granted().await?;
                    return Some(Said::Nothing);
                }
                poke = self.pokes.recv() => match poke {
                    Ok(scope) => self.gather(scope),
                    // Some were missed: it may be any.
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return None,
                },
            };
            let granted: BTreeSet<Scope> = self.granted().await?.into_iter().collect();
            let ours = match moved {
                Some(moved) => moved.intersection(&granted).cloned().collect(),
                None => granted,
            };
            if !ours.is_empty() {
                return Some(Said::Moved(ours));
            }
        }
    }

    /// What moved at about the same time; `None` where some was missed.
    fn gather(&mut self, first: Scope) -> Option<BTreeSet<Scope>> {
        let mut moved = BTreeSet::from([first]);
        loop {
            match self.pokes.try_recv() {
                Ok(scope) => moved.insert(scope),
                Err(TryRecvError::Lagged(_)) => return None,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(moved),
            };
        }
    }
}

impl Said {
    fn event(&self) -> Event {
        match self {
            Self::Moved(scopes) => {
                let data = serde_json::to_string(scopes).unwrap_or_default();
                Event::default().event(POKE).data(data)
            }
            Self::Nothing => Event::default().comment("here"),
        }
    }
}

/// Begins to listen: from now on nothing is missed.
async fn listen(
    services: &Services,
    device: &DeviceId,
    seats: &Seats,
) -> Result<impl Stream<Item = Said> + use<>, SnapshotRefusal> {
    let listening = Listening {
        pokes: services.poke.listen(),
        services: services.clone(),
        device: device.clone(),
        seat: seats.take(device),
        over: Box::pin(tokio::time::sleep(LONGEST)),
    };
    if listening.granted().await.is_none() {
        return Err(SnapshotRefusal::Revoked);
    }
    Ok(stream::unfold(listening, |mut listening| async move {
        let said = listening.next().await?;
        Some((said, listening))
    }))
}

/// Says when feeds of the device move
///
/// Server-sent events named `poke`, whose data is a JSON list of scopes; a comment every 15 seconds. Pull once it is
/// open: what moved before is not said. Of several streams of one device the two newest stay open; a revoked device's
/// ends, and each ends after a quarter of an hour.
#[utoipa::path(
    get,
    path = "/v1/sync/pokes",
    tag = "sync",
    responses(
        (status = 200, description = "A stream of pokes", body = String, content_type = "text/event-stream"),
        (status = 403, description = "A revoked device's", body = Problem, content_type = "application/problem+json"),
        (status = 501, description = "A host of one function alone has no pokes", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn hear_pokes(
    State(services): State<Services>,
    Extension(seats): Extension<Seats>,
    Caller(caller): Caller,
) -> Result<Response, SnapshotRefusal> {
    if services.poke.is_bounded() {
        // Who listened would hear nothing of what other processes write, and would not ask.
        let status = StatusCode::NOT_IMPLEMENTED;
        let refusal = ApiError::new(status, "no-pokes", "Wait in the pull: nobody pokes here");
        return Ok(refusal.into_response());
    }
    let device = caller.device.ok_or(SnapshotRefusal::Revoked)?;
    let said = listen(&services, &device, &seats).await?;
    // The first line tells proxies and the device that the stream is open.
    let open = stream::iter([Said::Nothing]);
    let events = futures_util::StreamExt::chain(open, said);
    let events = futures_util::StreamExt::map(events, |said| Ok::<_, Infallible>(said.event()));
    Ok(Sse::new(events).into_response())
}

#[cfg(test)]
mod tests;
