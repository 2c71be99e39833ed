//! What every screen of the app shares: the device's status, the time, the language and the place.

use crate::asking;
use crate::backend::{clock, memory};
use crate::load::Load;
use crate::model::age::{self, Age};
use crate::place::Place;
use crate::route::Route;
use crate::words::{Lang, Words};
use chrono::{DateTime, Utc};
use domain::api::device::{ReadStatus, Signal, Status, SyncStatus};
use leptos::prelude::*;
use std::time::Duration;

/// Seconds between two looks at the clock: ages are told in minutes.
const TICK: Duration = Duration::from_secs(5);
/// Milliseconds that a short message stays.
const MESSAGE: Duration = Duration::from_millis(5_000);
/// Under which name the language is kept.
const LANGUAGE: &str = "aisle-language";

/// The device as the screens see it; a copy is cheap.
#[derive(Clone, Copy)]
pub(crate) struct Tablet {
    /// What the device says of itself.
    pub(crate) status: RwSignal<Load<Status>>,
    /// Where the app is.
    pub(crate) place: Place<Route>,
    /// Which language it speaks.
    pub(crate) lang: RwSignal<Lang>,
    /// A short message at the foot of the screen.
    pub(crate) message: RwSignal<Option<String>>,
    now: RwSignal<DateTime<Utc>>,
}

impl Tablet {
    /// Starts: asks for the status, and again with every signal that it moved.
    #[must_use]
    pub(crate) fn start() -> Self {
        let tablet = Self {
            status: RwSignal::new(Load::default()),
            place: Place::follow(),
            lang: RwSignal::new(remembered_lang()),
            message: RwSignal::new(None),
            now: RwSignal::new(clock::now()),
        };
        tablet.refresh();
        crate::backend::hear(move |signal| {
            if matches!(signal, Signal::Status | Signal::Everything) {
                tablet.refresh();
            }
        });
        set_interval(move || tablet.now.set(clock::now()), TICK);
        tablet
    }

    /// Asks for the status again.
    pub(crate) fn refresh(self) {
        asking::ask(self.status, ReadStatus {});
    }

    /// The words of the language now. Screens are drawn again when it changes, so this does not track it.
    #[must_use]
    pub(crate) fn words(self) -> &'static Words {
        self.lang.get_untracked().words()
    }

    /// Speaks another language from now on, and after a restart.
    pub(crate) fn speak(self, lang: Lang) {
        memory::keep(LANGUAGE, lang.tag());
        self.lang.set(lang);
    }

    /// The time, as far as ages need it; a reader runs again when it moves.
    #[must_use]
    pub(crate) fn now(self) -> DateTime<Utc> {
        self.now.get()
    }

    /// How old something is; a reader runs again as it ages.
    #[must_use]
    pub(crate) fn age(self, at: DateTime<Utc>) -> Age {
        // Something may be newer than the last tick.
        age::age(at, self.now().max(clock::now()), clock::here())
    }

    /// How the sync stands.
    #[must_use]
    pub(crate) fn sync(self) -> Option<SyncStatus> {
        self.status
            .with(|status| Some(status.ready()?.sync.clone()))
    }

    /// Whether the last contact went well; a device that has not said is taken to be.
    #[must_use]
    pub(crate) fn is_online(self) -> bool {
        self.sync().is_none_or(|sync| sync.online)
    }

    /// Shows a short message for a while.
    pub(crate) fn tell(self, text: String) {
        self.message.set(Some(text.clone()));
        set_timeout(
            move || {
                self.message.maybe_update(|message| {
                    let mine = message.as_ref() == Some(&text);
                    if mine {
                        *message = None;
                    }
                    mine
                });
            },
            MESSAGE,
        );
    }
}

/// What was chosen before, else what the browser prefers, else English.
#[must_use]
pub(crate) fn remembered_lang() -> Lang {
    let kept = memory::recall(LANGUAGE).and_then(|tag| Lang::of_tag(&tag));
    let browser = || Lang::of_tag(&window().navigator().language()?);
    kept.or_else(browser).unwrap_or_default()
}
