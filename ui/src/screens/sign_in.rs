//! Sign-in: faces of the tablet's team, then a PIN.

use crate::backend;
use crate::model::age;
use crate::model::pin::Digits;
use crate::parts::face::face;
use crate::parts::icon::directed;
use crate::parts::keypad::{Key, keypad};
use crate::parts::languages::languages;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::tablet::Tablet;
use domain::access::Role;
use domain::api::device::{Face, Refusal, RefusalCode, SignIn, Status};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The screen. The team may still be on its way to the tablet: faces join while others are tapped.
pub(crate) fn sign_in(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let chosen: RwSignal<Option<Face>> = RwSignal::new(None);
    let store = move || {
        tablet
            .status
            .with(|status| Some(status.ready()?.store.as_ref()?.name.clone()))
    };
    view! {
        <main class="sign-in" data-testid="sign-in">
            <p class="label sign-in-store">{store}</p>
            {move || match chosen.get() {
                None => faces(tablet, chosen).into_any(),
                Some(face) => pin(tablet, face, chosen).into_any(),
            }}
            {languages(tablet.lang.get_untracked(), words.language, move |lang| tablet.speak(lang))}
        </main>
    }
}

fn faces(tablet: Tablet, chosen: RwSignal<Option<Face>>) -> impl IntoView {
    let words = tablet.words();
    let team = Memo::new(move |_| {
        let team = |status: &Status| status.team.clone();
        tablet
            .status
            .with(|status| status.ready().map(team).unwrap_or_default())
    });
    let nobody = Memo::new(move |_| team.with(Vec::is_empty));
    move || {
        if nobody.get() {
            notice::empty("lantern", words.no_team.to_owned(), words.no_team_help).into_any()
        } else {
            let faces = rows(
                team.into(),
                |face| face.id.clone(),
                move |face| one(tablet, face, chosen),
            );
            view! {
                <h1>{words.who_works}</h1>
                <ul class="sign-in-faces" role="list">{faces}</ul>
            }
            .into_any()
        }
    }
}

fn one(tablet: Tablet, somebody: Signal<Face>, chosen: RwSignal<Option<Face>>) -> impl IntoView {
    let words = tablet.words();
    let inside = move || {
        let somebody = somebody.get();
        let manager = (somebody.role == Role::Manager).then_some(words.manager_tag);
        view! {
            {face(&somebody.name, &somebody.colour)}
            <span class="sign-in-name">{somebody.name}</span>
            <span class="small soft">{manager}</span>
        }
    };
    let testid = somebody.with_untracked(|somebody| format!("face-{}", somebody.id));
    view! {
        <li>
            <button class="button sign-in-face" data-testid=testid
                on:click=move |_| chosen.set(Some(somebody.get_untracked()))>{inside}</button>
        </li>
    }
}

/// What a PIN pad is doing.
#[derive(Clone, Copy)]
struct Pad {
    tablet: Tablet,
    digits: RwSignal<Digits>,
    busy: RwSignal<bool>,
    refusal: RwSignal<Option<Refusal>>,
}

impl Pad {
    fn press(self, who: &Face, key: Key) {
        if self.busy.get_untracked() {
            return;
        }
        match key {
            Key::Digit(digit) => {
                self.refusal.set(None);
                self.digits.update(|digits| digits.key(digit));
            }
            Key::Back => self.digits.update(Digits::back),
            Key::Enter => self.submit(who),
        }
    }

    fn submit(self, who: &Face) {
        let pin = self
            .digits
            .with_untracked(|digits| digits.done().map(str::to_owned));
        let Some(pin) = pin else { return };
        let call = SignIn {
            associate: who.id.clone(),
            pin,
        };
        self.busy.set(true);
        spawn_local(async move {
            let outcome = backend::call(&call).await;
            self.busy.try_set(false);
            self.digits.try_update(Digits::clear);
            match outcome {
                Ok(_) => self.tablet.refresh(),
                Err(refusal) => {
                    self.refusal.try_set(Some(refusal));
                }
            }
        });
    }

    fn complaint(self) -> Option<String> {
        let words = self.tablet.words();
        let refusal = self.refusal.get()?;
        Some(match (refusal.code, refusal.retry_at) {
            (RefusalCode::Locked, Some(at)) => {
                (words.locked)(&(words.age)(age::until(at, self.tablet.now())))
            }
            _ => notice::sentence(&refusal, words).to_owned(),
        })
    }
}

fn pin(tablet: Tablet, who: Face, chosen: RwSignal<Option<Face>>) -> impl IntoView {
    let words = tablet.words();
    let pad = Pad {
        tablet,
        digits: RwSignal::new(Digits::pin()),
        busy: RwSignal::new(false),
        refusal: RwSignal::new(None),
    };
    let (name, colour, title) = (
        who.name.clone(),
        who.colour.clone(),
        (words.pin_of)(&who.name),
    );
    let ready = Signal::derive(move || {
        pad.digits.with(|digits| digits.done().is_some()) && !pad.busy.get()
    });
    let press = Callback::new(move |key| pad.press(&who, key));
    view! {
        <div class="pin" data-testid="pin-pad">
            {face(&name, &colour)}
            <h1 tabindex="-1">{title}</h1>
            {dots(tablet, pad)}
            <p class="pin-complaint danger" role="alert" data-testid="pin-complaint">{move || pad.complaint()}</p>
            {keypad(words, words.sign_in, ready, press)}
            <button class="button button-quiet" data-testid="someone-else" on:click=move |_| chosen.set(None)>
                {directed("back")} {words.someone_else}
            </button>
        </div>
    }
}

/// One dot for each digit; at least as many places as the shortest PIN has.
fn dots(tablet: Tablet, pad: Pad) -> impl IntoView {
    let words = tablet.words();
    let count = Memo::new(move |_| pad.digits.with(Digits::len));
    let places = move || count.get().max(crate::model::pin::PIN_DIGITS_MIN);
    let said = move || (words.digits_entered)(u32::try_from(count.get()).unwrap_or(0));
    view! {
        <p class="pin-dots" role="status">
            <span class="visually-hidden">{said}</span>
            {move || (0..places()).map(|place| view! { <i class:keyed=place < count.get()></i> }).collect_view()}
        </p>
    }
}
