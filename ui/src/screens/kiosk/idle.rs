//! Watches whether somebody is at the kiosk, warns, and wipes.

use crate::backend::clock;
use crate::idle::{Patience, Phase};
use crate::model::trail::Stop;
use crate::parts::modal::modal;
use crate::screens::kiosk::Kiosk;
use crate::tablet::Tablet;
use chrono::{DateTime, Utc};
use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(250);
/// The ring's radius, in the drawing's own units.
const RADIUS: f64 = 44.0;

/// Follows touches and keys; gives where the kiosk stands.
pub(crate) fn watch(tablet: Tablet, kiosk: Kiosk, here: Memo<Stop>) -> ReadSignal<Phase> {
    let patience = Patience::from_query(&window().location().search().unwrap_or_default());
    let touched = StoredValue::new(clock::now());
    let (phase, set_phase) = signal(Phase::Awake);
    let touch = move || touched.set_value(clock::now());
    let handles = [
        window_event_listener(ev::pointerdown, move |_| touch()),
        window_event_listener(ev::keydown, move |_| touch()),
        window_event_listener(ev::wheel, move |_| touch()),
        window_event_listener(ev::touchmove, move |_| touch()),
    ];
    let tick = move || {
        let next = match patience.phase(seconds_since(touched.get_value())) {
            // Nobody is asked whether she is still there before she has begun.
            Phase::Warning { .. } if here.get_untracked() == Stop::Attract => Phase::Awake,
            Phase::Over => {
                touch();
                kiosk.wipe(tablet);
                Phase::Awake
            }
            phase => phase,
        };
        if phase.get_untracked() != next {
            set_phase.set(next);
        }
    };
    let interval = set_interval_with_handle(tick, TICK);
    on_cleanup(move || {
        handles.into_iter().for_each(|handle| handle.remove());
        if let Ok(interval) = interval {
            interval.clear();
        }
    });
    phase
}

fn seconds_since(at: DateTime<Utc>) -> f64 {
    let passed_ms = (clock::now() - at).num_milliseconds().max(0);
    f64::from(u32::try_from(passed_ms).unwrap_or(u32::MAX)) / 1_000.0
}

/// The warning: a ring that closes, and one button. A touch anywhere is as good.
pub(crate) fn warning(tablet: Tablet, kiosk: Kiosk, phase: ReadSignal<Phase>) -> impl IntoView {
    let words = tablet.words();
    let patience = Patience::from_query(&window().location().search().unwrap_or_default());
    let left_s = move || match phase.get() {
        Phase::Warning { left_s } => left_s,
        Phase::Awake | Phase::Over => 0.0,
    };
    let around = 2.0 * std::f64::consts::PI * RADIUS;
    let gap = move || {
        format!(
            "{:.1}",
            around * (1.0 - (left_s() / patience.warn_s).clamp(0.0, 1.0))
        )
    };
    let seconds = Memo::new(move |_| left_s().ceil() as u32);
    let inside = view! {
        <div class="idle">
            <div class="idle-ring">
                <svg viewBox="0 0 100 100" aria-hidden="true" focusable="false">
                    <circle class="ring-ground" cx="50" cy="50" r=RADIUS.to_string()></circle>
                    <circle class="ring-left" cx="50" cy="50" r=RADIUS.to_string()
                        stroke-dasharray=format!("{around:.1}") stroke-dashoffset=gap></circle>
                </svg>
                <span class="display figure" role="timer" aria-label=move || (words.seconds_left)(seconds.get())>{seconds}</span>
            </div>
            <h1>{words.still_there}</h1>
            <p class="soft">{words.still_there_help}</p>
            // Any touch or key says that she is here; the button is what people look for.
            <button class="button button-primary button-wide" data-testid="idle-stay">{words.i_am_here}</button>
            <button class="button button-quiet button-wide" on:click=move |_| kiosk.wipe(tablet)>{words.start_over}</button>
        </div>
    };
    modal(
        "dialog",
        words.still_there,
        "idle-warning",
        Callback::new(|()| ()),
        inside,
    )
}
