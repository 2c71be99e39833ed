//! `GET /device/events`: signals as server-sent events, one JSON object each.

use super::{State, guard};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::api::device::Signal;
use futures_util::stream::{self, Stream};
use std::convert::Infallible;
use std::time::Duration;

/// A silent stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn listen(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    if !guard::is_ours(&headers) {
        return (StatusCode::FORBIDDEN, "not for other pages").into_response();
    }
    let Ok(place) = state.listeners.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many screens listen").into_response();
    };
    let listener = state.device.listen();
    // The place is given back when the screen goes and the stream is dropped.
    let signals = stream::unfold((listener, place), |(mut listener, place)| async move {
        let signal = listener.next().await?;
        Some((event(&signal), (listener, place)))
    });
    Sse::new(opened(signals))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

/// Says first that it listens: what changed while the screen was not connected it asks for now.
fn opened(
    signals: impl Stream<Item = Result<Event, Infallible>>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    use futures_util::StreamExt as _;
    stream::iter([event(&Signal::Everything)]).chain(signals)
}

fn event(signal: &Signal) -> Result<Event, Infallible> {
    let text = serde_json::to_string(signal).unwrap_or_default();
    Ok(Event::default().data(text))
}
