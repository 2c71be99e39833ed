//! What every screen of the app shares: the device's status, the time, the language and the place.

use crate::asking;
use crate::backend::{clock, memory};
use crate::load::Load;
use crate::model::age::{self, Age};
use crate::model::cart::code::Frames;
use crate::place::Place;
use crate::route::Route;
use crate::words::{CartWords, Lang, Words};
use chrono::{DateTime, Utc};
use domain::api::device::{ReadStatus, Signal, Status, SyncStatus};
use domain::ids::CartId;
use leptos::prelude::*;
use std::time::Duration;

/// Seconds between two looks at the clock: ages are told in minutes.
const TICK: Duration = Duration::from_secs(5);
/// Milliseconds that a short message stays.
const MESSAGE: Duration = Duration::from_millis(5_000);
/// Under which name the language is kept.
const LANGUAGE: &str = "aisle-language";

/// Carts whose notices were read, at most.
const READ_MAX: usize = 50;

/// The cart that somebody works on: what is scanned or added goes into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Serving {
    /// Which.
    pub(crate) cart: CartId,
    /// Her name; `None` for a guest.
    pub(crate) name: Option<String>,
    /// Pieces in it.
    pub(crate) pieces: u64,
}

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
    /// The cart that is worked on.
    pub(crate) serving: RwSignal<Option<Serving>>,
    /// The pictures of a capsule that were scanned so far.
    pub(crate) frames: RwSignal<Frames>,
    read: StoredValue<Vec<(CartId, u64)>>,
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
            serving: RwSignal::new(None),
            frames: RwSignal::new(Frames::default()),
            read: StoredValue::new(Vec::new()),
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

    /// The words of carts, likewise.
    #[must_use]
    pub(crate) fn cart_words(self) -> &'static CartWords {
        self.lang.get_untracked().cart()
    }

    /// Whose hands it was in does not matter any more: the next associate begins with nothing.
    pub(crate) fn forget_work(self) {
        self.serving.set(None);
        self.frames.set(Frames::default());
        self.read.update_value(Vec::clear);
    }

    /// Up to which version the notices of a cart were read here.
    #[must_use]
    pub(crate) fn read_until(self, cart: &CartId) -> u64 {
        let version = |read: &Vec<(CartId, u64)>| {
            let known = read.iter().find(|(known, _)| known == cart);
            known.map(|(_, version)| *version)
        };
        self.read.with_value(version).unwrap_or_default()
    }

    /// The notices of a cart were read up to a version.
    pub(crate) fn mark_read(self, cart: CartId, version: u64) {
        self.read.update_value(|read| {
            read.retain(|(known, _)| *known != cart);
            if read.len() >= READ_MAX {
                read.remove(0);
            }
            read.push((cart, version));
        });
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
