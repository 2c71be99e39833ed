//! The trace that a tap begins: everything that the page asks because of it says so. Its ids are random, and nobody's.

use super::clock;
use chrono::{DateTime, TimeDelta, Utc};
use domain::trace::TraceContext;
use leptos::ev;
use leptos::prelude::window_event_listener;
use std::cell::Cell;

/// For how long what is asked counts as caused by the last tap, in seconds: later it is the page's own doing.
const CAUSES_FOR_S: i64 = 10;

/// A trace, and when it was begun.
type Tap = (TraceContext, DateTime<Utc>);

thread_local! {
    static LAST: Cell<Option<Tap>> = const { Cell::new(None) };
}

/// Begins a trace with each tap and each key, for as long as the page lives.
pub fn begin_traces() {
    let _ = window_event_listener(ev::pointerdown, |_| begin());
    let _ = window_event_listener(ev::keydown, |_| begin());
}

/// What a request is caused by.
pub(super) fn trace() -> TraceContext {
    still(LAST.get(), clock::now()).unwrap_or_else(new)
}

fn begin() {
    LAST.set(Some((new(), clock::now())));
}

fn new() -> TraceContext {
    let [trace, span] = [clock::random_bits(), clock::random_bits()];
    TraceContext::begin(trace, span.first_chunk().copied().unwrap_or_default())
}

/// The tap, as long as it causes something.
fn still(tap: Option<Tap>, now: DateTime<Utc>) -> Option<TraceContext> {
    let (trace, at) = tap?;
    let causes = TimeDelta::zero()..TimeDelta::seconds(CAUSES_FOR_S);
    causes.contains(&(now - at)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_causes_what_follows_it_soon() {
        let at: DateTime<Utc> = "2026-05-17T10:00:00Z".parse().unwrap();
        let trace = TraceContext::begin([1; 16], [1; 8]);
        let after = |seconds| still(Some((trace, at)), at + TimeDelta::seconds(seconds));
        assert_eq!((after(0), after(9)), (Some(trace), Some(trace)));
        assert_eq!((after(10), after(-1)), (None, None));
        assert_eq!(still(None, at), None);
    }
}
