//! Before a screen can be shown: the device is asked, does not answer, or belongs to no store.

use crate::load::Face;
use crate::parts::{languages::languages, notice};
use crate::tablet::Tablet;
use domain::api::device::{Status, Warning};
use leptos::prelude::*;

/// While the device has not said what it is.
pub(crate) fn waiting(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let face = Memo::new(move |_| tablet.status.with(crate::load::Load::face));
    view! {
        <main class="door">
            {move || match face.get() {
                Face::Skeleton => notice::skeleton(4, words).into_any(),
                Face::Refused(_) => silent(tablet).into_any(),
                Face::Blank | Face::Ready(_) => ().into_any(),
            }}
        </main>
    }
}

/// The device program is not there.
fn silent(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    view! {
        <div class="state" role="alert" data-testid="no-device">
            <svg class="state-art" aria-hidden="true" focusable="false"><use href="#charger"></use></svg>
            <h2>{words.no_device}</h2>
            <button class="button button-primary" on:click=move |_| tablet.refresh()>{words.try_again}</button>
        </div>
    }
}

/// Whether something keeps everybody out.
pub(crate) fn is_barred(status: &Status) -> bool {
    let bars = |warning: &Warning| matches!(warning, Warning::Revoked | Warning::NotEnrolled);
    status.warnings.iter().any(bars)
}

/// What keeps everybody out: a device that belongs to no store, or no longer.
pub(crate) fn barred(tablet: Tablet, warnings: &[Warning]) -> Option<impl IntoView + use<>> {
    let words = tablet.words();
    let has = |warning: Warning| warnings.contains(&warning);
    let (title, help) = if has(Warning::Revoked) {
        (words.revoked, words.revoked_help)
    } else if has(Warning::NotEnrolled) {
        (words.not_enrolled, words.not_enrolled_help)
    } else {
        return None;
    };
    Some(view! {
        <main class="door" data-testid="barred">
            {notice::empty("lantern", title.to_owned(), help)}
            {languages(tablet.lang.get_untracked(), words.language, move |lang| tablet.speak(lang))}
        </main>
    })
}
