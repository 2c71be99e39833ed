//! A shopper says who she is: her card under the scanner, or her phone number.

use crate::model::pin::Digits;
use crate::parts::icon::icon;
use crate::parts::keypad::{Key, keypad};
use crate::parts::notice;
use crate::screens::kiosk::Kiosk;
use crate::tablet::Tablet;
use crate::words::Words;
use domain::api::content::Identify;
use domain::api::device::{Refusal, RefusalCode};
use leptos::prelude::*;

/// The screen.
pub(crate) fn identify(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.words();
    let digits = RwSignal::new(Digits::phone());
    let ready = Signal::derive(move || digits.with(|digits| digits.done().is_some()));
    let press = Callback::new(move |key| match key {
        Key::Digit(digit) => {
            kiosk.complaint.set(None);
            digits.update(|digits| digits.key(digit));
        }
        Key::Back => digits.update(Digits::back),
        Key::Enter => {
            let phone = digits.with_untracked(|digits| digits.done().map(str::to_owned));
            if let Some(phone) = phone {
                kiosk.identify(tablet, Identify::Phone(phone));
            }
        }
    });
    view! {
        <div class="identify" data-testid="kiosk-identify-screen">
            <div class="identify-words">
                <h1>{words.identify_title}</h1>
                <p class="identify-card">{icon("card")} {words.identify_card}</p>
                <p class="soft">{words.identify_phone}</p>
                <p class="identify-number figure" dir="ltr" role="status" data-testid="phone-number">{move || digits.with(Digits::grouped)}</p>
                <p class="danger" role="alert" data-testid="identify-complaint">{move || kiosk.complaint.get()}</p>
                <p class="small soft">{words.guest_promise}</p>
            </div>
            {keypad(words, words.find_me, ready, press)}
        </div>
    }
}

/// Why she was not recognised.
#[must_use]
pub(crate) fn complaint(refusal: &Refusal, words: &Words) -> String {
    match refusal.code {
        RefusalCode::NotFound | RefusalCode::Invalid => words.guest_unknown.to_owned(),
        _ => notice::sentence(refusal, words).to_owned(),
    }
}
