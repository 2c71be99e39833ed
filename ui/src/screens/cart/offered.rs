//! What is shown to hand a cart over, and for how long it is good.

use crate::backend::clock;
use crate::model::cart::code;
use crate::parts::qr::qr;
use crate::tablet::Tablet;
use domain::api::device::Offered;
use domain::cart::Shown;
use leptos::prelude::*;
use std::time::Duration;

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(500);
/// How long each picture of a capsule stays: a camera needs two or three looks.
const PICTURE: Duration = Duration::from_millis(1_400);

/// The code, or the pictures. `again` makes another.
pub(crate) fn offered(tablet: Tablet, what: Signal<Offered>, again: Callback<()>) -> impl IntoView {
    move || match what.get() {
        Offered::Code { shown, qr } => code(tablet, &shown, &qr, again).into_any(),
        Offered::Capsule { frames } => capsule(tablet, frames).into_any(),
    }
}

fn code(
    tablet: Tablet,
    shown: &Shown,
    address: &str,
    again: Callback<()>,
) -> impl IntoView + use<> {
    let words = tablet.cart_words();
    let ends_at = clock::now() + chrono::TimeDelta::seconds(shown.expires_in.into());
    let now = ticking();
    let left = Memo::new(move |_| {
        let left = (ends_at - now.get()).num_seconds().max(0);
        u32::try_from(left).unwrap_or_default()
    });
    let over = Memo::new(move |_| left.get() == 0);
    let grouped = code::grouped(&shown.code);
    let spelled: String = shown
        .code
        .chars()
        .flat_map(|letter| [letter, ' '])
        .collect();
    let drawn = qr(address, words.qr_label);
    view! {
        <div class="hand-code" class:hand-over-over=move || over.get()>
            <p class="soft">{words.hand_scan}</p>
            {drawn}
            <p class="soft">{words.hand_type}</p>
            <p class="hand-letters figure" dir="ltr" data-testid="hand-code" aria-label=spelled>{grouped}</p>
            <p class="figure" role="timer" data-testid="hand-left">{move || if over.get() {
                words.code_ended.to_owned()
            } else {
                (words.ends_in)(&code::clock(left.get()))
            }}</p>
            <button type="button" class="button button-primary" class:unseen=move || !over.get() data-testid="hand-again"
                on:click=move |_| again.run(())>{words.new_code}</button>
        </div>
    }
}

fn capsule(tablet: Tablet, frames: Vec<String>) -> impl IntoView {
    let words = tablet.cart_words();
    let of = u32::try_from(frames.len()).unwrap_or_default();
    let index = RwSignal::new(0_u32);
    let paused = RwSignal::new(false);
    let next = move || index.update(|index| *index = index.saturating_add(1) % of.max(1));
    let timer = set_interval_with_handle(
        move || {
            if !paused.get_untracked() {
                next();
            }
        },
        PICTURE,
    );
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    let drawn = move || {
        let text = frames.get(usize::try_from(index.get()).unwrap_or_default());
        text.map(|text| qr(text, words.qr_label))
    };
    view! {
        <div class="hand-code" data-testid="hand-capsule-shown">
            <p class="soft">{words.capsule_help}</p>
            {drawn}
            <p class="figure" data-testid="hand-picture">{move || (words.picture)(index.get().saturating_add(1), of)}</p>
            <div class="line" class:unseen={of < 2}>
                <button type="button" class="button" aria-pressed=move || paused.get().to_string()
                    on:click=move |_| paused.update(|paused| *paused = !*paused)>{words.pause}</button>
                <button type="button" class="button" on:click=move |_| { paused.set(true); next(); }>{words.next_picture}</button>
            </div>
        </div>
    }
}

/// The time, twice a second, for as long as what asks is shown.
pub(crate) fn ticking() -> RwSignal<chrono::DateTime<chrono::Utc>> {
    let now = RwSignal::new(clock::now());
    let timer = set_interval_with_handle(
        move || {
            now.try_set(clock::now());
        },
        TICK,
    );
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    now
}
