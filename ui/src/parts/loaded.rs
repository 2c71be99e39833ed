//! Draws something that was asked for, in each state that it can be in.

use crate::load::{Face, Load};
use crate::parts::notice;
use crate::words::Words;
use domain::api::device::Refusal;
use leptos::prelude::*;

/// Which state is drawn: the content is built once for as long as it is ready, and then only its parts change.
#[derive(Clone, PartialEq)]
enum State {
    Blank,
    Skeleton,
    Refused(Refusal),
    Ready,
}

/// Draws `load`: `ready` gets the newest answer as a signal.
pub(crate) fn loaded<T, V>(
    load: RwSignal<Load<T>>,
    words: &'static Words,
    retry: Callback<()>,
    ready: impl Fn(Signal<T>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let state = Memo::new(move |_| match load.with(Load::face) {
        Face::Blank => State::Blank,
        Face::Skeleton => State::Skeleton,
        Face::Refused(refusal) => State::Refused(refusal),
        Face::Ready(_) => State::Ready,
    });
    move || match state.get() {
        State::Blank => ().into_any(),
        State::Skeleton => notice::skeleton(6, words).into_any(),
        State::Refused(refusal) => notice::refused(&refusal, words, retry).into_any(),
        State::Ready => held(load).map(&ready).into_any(),
    }
}

/// The newest answer as a signal that keeps the last one for as long as it is read.
fn held<T>(load: RwSignal<Load<T>>) -> Option<Signal<T>>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let first = load.with_untracked(|load| load.ready().cloned())?;
    let newest = Memo::new(move |last: Option<&T>| {
        let newest = load.with(|load| load.ready().cloned());
        newest
            .or_else(|| last.cloned())
            .unwrap_or_else(|| first.clone())
    });
    Some(newest.into())
}
