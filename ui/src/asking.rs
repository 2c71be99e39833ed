//! Asks the device and puts the answer where a screen shows it.

use crate::backend;
use crate::load::{Load, SKELETON_AFTER_MS, Ticket};
use domain::api::device::{DeviceCall, Refusal, Signal};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::time::Duration;

/// Asks again: what is shown stays until the answer is here.
pub(crate) fn ask<C>(into: RwSignal<Load<C::Reply>>, call: C)
where
    C: DeviceCall + 'static,
    C::Reply: Clone + Send + Sync + 'static,
{
    if let Some(ticket) = into.try_update(Load::ask) {
        follow(into, ticket, async move { backend::call(&call).await });
    }
}

/// Asks about something else: what is shown goes.
pub(crate) fn ask_anew<C>(into: RwSignal<Load<C::Reply>>, call: C)
where
    C: DeviceCall + 'static,
    C::Reply: Clone + Send + Sync + 'static,
{
    if let Some(ticket) = into.try_update(Load::ask_anew) {
        follow(into, ticket, async move { backend::call(&call).await });
    }
}

/// Waits for an answer and marks the question as slow meanwhile. A screen that is gone takes no answer.
pub(crate) fn follow<T: Clone + Send + Sync + 'static>(
    into: RwSignal<Load<T>>,
    ticket: Ticket,
    answer: impl Future<Output = Result<T, Refusal>> + 'static,
) {
    set_timeout(
        move || {
            into.try_maybe_update(|load| (load.is_slow(ticket), ()));
        },
        Duration::from_millis(SKELETON_AFTER_MS),
    );
    spawn_local(async move {
        let outcome = answer.await;
        into.try_maybe_update(|load| (load.answer(ticket, outcome), ()));
    });
}

/// What the rows that are shown were found by: what was typed when the newest question was answered.
pub(crate) fn answered<T>(load: RwSignal<Load<T>>, query: RwSignal<String>) -> Memo<String>
where
    T: Clone + Send + Sync + 'static,
{
    Memo::new(move |last: Option<&String>| {
        if load.with(Load::is_settled) {
            query.get_untracked()
        } else {
            last.cloned().unwrap_or_default()
        }
    })
}

/// Hears signals as long as the screen that asks is shown.
pub(crate) fn hear_here(listener: impl Fn(&Signal) + 'static) {
    let hearing = backend::hear(listener);
    on_cleanup(move || backend::unhear(hearing));
}
