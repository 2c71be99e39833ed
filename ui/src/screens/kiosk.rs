//! The kiosk: for shoppers. It warns before it forgets, and then it forgets everything.

mod attract;
mod browse;
mod cart;
mod home;
mod identify;
mod idle;
mod item;

use crate::backend;
use crate::model::badge;
use crate::model::trail::{Stop, Trail};
use crate::parts::icon::{directed, icon};
use crate::parts::languages::languages;
use crate::screens::associate::message;
use crate::screens::door;
use crate::screens::kiosk::cart::Carried;
use crate::tablet::{Tablet, remembered_lang};
use domain::api::content::{Guest, Identify};
use domain::api::device::{ForgetGuest, ReadScan, ScanFound};
use domain::ids::Sku;
use domain::scan::Scan;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What a shopper's visit holds; a copy is cheap.
#[derive(Clone, Copy)]
pub(crate) struct Kiosk {
    /// Where she is.
    pub(crate) trail: RwSignal<Trail>,
    /// Who she is, once she said.
    pub(crate) guest: RwSignal<Option<Guest>>,
    /// Whether controls are low on the screen.
    pub(crate) reach: RwSignal<bool>,
    /// Her cart, once something is in it.
    pub(crate) cart: RwSignal<Option<Carried>>,
    /// Whether somebody of the team was asked for.
    pub(crate) asked: RwSignal<bool>,
    /// What is wrong with how she identified, until she tries again.
    pub(crate) complaint: RwSignal<Option<String>>,
    /// Counts wipes: an answer that was asked for before a wipe is not hers who stands there now.
    pub(crate) visit: RwSignal<u64>,
}

impl Kiosk {
    /// Nobody is here.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            trail: RwSignal::new(Trail::default()),
            guest: RwSignal::new(None),
            reach: RwSignal::new(false),
            cart: RwSignal::new(None),
            asked: RwSignal::new(false),
            complaint: RwSignal::new(None),
            visit: RwSignal::new(0),
        }
    }

    /// Goes to a screen.
    pub(crate) fn go(self, stop: Stop) {
        self.complaint.set(None);
        self.trail.update(|trail| trail.go(stop));
        crate::place::focus_content();
    }

    /// Goes back one step; before the first one she has left.
    pub(crate) fn back(self, tablet: Tablet) {
        self.complaint.set(None);
        self.trail.update(Trail::back);
        if self.trail.with_untracked(Trail::here) == Stop::Attract {
            self.wipe(tablet);
        }
    }

    /// Forgets everything of the shopper, here and on the device.
    pub(crate) fn wipe(self, tablet: Tablet) {
        self.visit.update(|visit| *visit += 1);
        self.trail.update(Trail::wipe);
        self.guest.set(None);
        self.cart.set(None);
        cart::stop_asking(self);
        tablet.forget_work();
        self.reach.set(false);
        self.complaint.set(None);
        tablet.message.set(None);
        tablet.lang.set(remembered_lang());
        spawn_local(async move {
            if backend::call(&ForgetGuest {}).await.is_err() {
                tablet.refresh();
            }
        });
    }

    /// Asks who she is; her home follows, or a sentence why not.
    pub(crate) fn identify(self, tablet: Tablet, identify: Identify) {
        let visit = self.visit.get_untracked();
        spawn_local(async move {
            let outcome = backend::call(&domain::api::device::IdentifyGuest { identify }).await;
            if self.visit.get_untracked() != visit {
                return;
            }
            match outcome {
                Ok(guest) => {
                    self.guest.set(Some(guest));
                    self.complaint.set(None);
                    self.trail.update(|trail| match trail.here() {
                        Stop::Identify => trail.replace(Stop::Home),
                        _ => trail.go(Stop::Home),
                    });
                }
                Err(refusal) => {
                    self.trail.update(|trail| trail.go(Stop::Identify));
                    self.complaint
                        .set(Some(identify::complaint(&refusal, tablet.words())));
                }
            }
        });
    }
}

/// The kiosk.
pub(crate) fn kiosk(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let here = Memo::new(move |_| kiosk.trail.with(Trail::here));
    let phase = idle::watch(tablet, kiosk, here);
    let warned = Memo::new(move |_| matches!(phase.get(), crate::idle::Phase::Warning { .. }));
    let answered = Memo::new(move |_| tablet.status.with(|status| status.ready().is_some()));
    let barred = Memo::new(move |_| {
        tablet
            .status
            .with(|status| status.ready().is_some_and(door::is_barred))
    });
    let screen = move || {
        if !answered.get() {
            return door::waiting(tablet).into_any();
        }
        if barred.get() {
            return tablet
                .status
                .with_untracked(|status| {
                    status
                        .ready()
                        .and_then(|status| door::barred(tablet, &status.warnings))
                })
                .into_any();
        }
        match here.get() {
            Stop::Attract => attract::attract(tablet, kiosk).into_any(),
            Stop::Browse => browse::departments(tablet, kiosk).into_any(),
            Stop::Department(department) => {
                browse::department(tablet, kiosk, department).into_any()
            }
            Stop::Item(sku) => item::item(tablet, kiosk, sku).into_any(),
            Stop::Identify => identify::identify(tablet, kiosk).into_any(),
            Stop::Scan => attract::scan(tablet).into_any(),
            Stop::Home => home::home(tablet, kiosk).into_any(),
            Stop::Cart => cart::cart(tablet, kiosk).into_any(),
        }
    };
    view! {
        <div class="kiosk" class:kiosk-reach=move || kiosk.reach.get() >
            {move || (here.get() != Stop::Attract).then(|| bar(tablet, kiosk))}
            <main class="kiosk-screen" id="content" tabindex="-1">{screen}</main>
            {cart::ribbon(tablet, kiosk, here)}
            {foot(tablet, kiosk)}
            {message(tablet)}
        </div>
        {move || warned.get().then(|| idle::warning(tablet, kiosk, phase))}
    }
}

/// Back, who she is, and the way out.
fn bar(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.words();
    let guest = move || {
        match kiosk.guest.with(|guest| guest.as_ref().map(|guest| guest.first_name.clone())) {
        Some(name) => view! {
            <button class="button" data-testid="kiosk-me" on:click=move |_| kiosk.go(Stop::Home)>{icon("person")} <span dir="auto">{name}</span></button>
        }.into_any(),
        None => view! {
            <button class="button" data-testid="kiosk-its-me" on:click=move |_| kiosk.go(Stop::Identify)>{icon("person")} {words.its_me}</button>
        }.into_any(),
    }
    };
    view! {
        <header class="kiosk-bar">
            <button class="button button-quiet" data-testid="kiosk-back" on:click=move |_| kiosk.back(tablet)>
                {directed("back")} {words.back}
            </button>
            <span class="grow"></span>
            {guest}
            <button class="button" data-testid="kiosk-start-over" on:click=move |_| kiosk.wipe(tablet)>{icon("close")} {words.start_over}</button>
        </header>
    }
}

/// Language and reach: at the foot, where a hand comes from a wheelchair too.
fn foot(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.words();
    let label = move || {
        if kiosk.reach.get() {
            words.reach_off
        } else {
            words.reach_on
        }
    };
    view! {
        <footer class="kiosk-foot">
            {languages(tablet.lang.get_untracked(), words.language, move |lang| tablet.lang.set(lang))}
            {age(tablet)}
            <button class="button" data-testid="kiosk-reach" aria-pressed=move || kiosk.reach.get().to_string()
                on:click=move |_| kiosk.reach.update(|reach| *reach = !*reach)>{icon("reach")} {label}</button>
        </footer>
    }
}

/// One quiet line: how old what is shown is, and how far the first load has come.
fn age(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let said = move || {
        let sync = tablet.sync()?;
        if let Some(loading) = sync.loading {
            return Some((words.loading_part)(badge::percent(loading)));
        }
        let age = sync.last_contact_at.map(|at| (words.ago)(tablet.age(at)));
        let age = age.unwrap_or_else(|| words.never.to_owned());
        Some((words.shown_as_of)(&age))
    };
    let state = move || if tablet.is_online() { "fresh" } else { "stale" };
    view! { <span class="age" data-age=state data-testid="kiosk-age">{said}</span> }
}

/// A scanner read something: an item opens, a card says who she is.
pub(crate) fn scanned(tablet: Tablet, kiosk: Kiosk, text: String) {
    let visit = kiosk.visit.get_untracked();
    spawn_local(async move {
        let words = tablet.words();
        let found = backend::call(&ReadScan { text }).await;
        if kiosk.visit.get_untracked() != visit {
            return;
        }
        match found {
            Ok(ScanFound::Item { sku }) => found_item(tablet, kiosk, sku),
            Ok(ScanFound::Card {
                scan: Scan::Card { card },
            }) => kiosk.identify(tablet, Identify::Card(card)),
            Ok(ScanFound::Card { scan } | ScanFound::Nothing { scan }) => {
                tablet.tell((words.scan_nothing)(&crate::screens::associate::said(
                    &scan,
                )));
            }
            Ok(ScanFound::Customer { .. }) => tablet.tell(words.scan_card_unknown.to_owned()),
            Err(refusal) => tablet.tell(crate::parts::notice::sentence(&refusal, words).to_owned()),
        }
    });
}

/// A label over her open cart goes into it; anywhere else it opens the item.
fn found_item(tablet: Tablet, kiosk: Kiosk, sku: Sku) {
    if kiosk.trail.with_untracked(Trail::here) == Stop::Cart {
        cart::put(tablet, kiosk, sku, RwSignal::new(false));
    } else {
        kiosk.go(Stop::Item(sku));
    }
}
