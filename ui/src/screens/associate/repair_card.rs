//! One refused command: why, what it wanted beside what is there, and what can be done.

use crate::asking;
use crate::backend;
use crate::model::repair::{self, Offer, Refused, Wish};
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::screens::associate::note_editor::{Written, note_editor};
use crate::screens::associate::unsent::Queue;
use crate::tablet::Tablet;
use domain::api::device::{DeviceCall, ListUnsent, MendCommand, SetAside, UnsentCommand};
use domain::ids::CommandId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A card that is shown.
#[derive(Clone, Copy)]
struct Card {
    tablet: Tablet,
    queue: Queue,
    id: StoredValue<CommandId>,
    refused: Memo<Option<Refused>>,
    set_aside: Memo<bool>,
    editing: RwSignal<bool>,
    busy: RwSignal<bool>,
}

impl Card {
    /// Makes a call once, however often the button is pressed; the queue follows.
    fn act<C: DeviceCall + 'static>(self, call: C, said: Option<&'static str>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            match backend::call(&call).await {
                Ok(_) => {
                    self.editing.try_set(false);
                    said.into_iter()
                        .for_each(|said| self.tablet.tell(said.to_owned()));
                }
                Err(refusal) => {
                    let said = notice::sentence(&refusal, self.tablet.words());
                    self.tablet.tell(said.to_owned());
                }
            }
            self.busy.try_set(false);
            self.tablet.refresh();
            asking::ask(self.queue, ListUnsent {});
        });
    }

    fn mend(self, written: Option<Written>) {
        let theirs = self
            .refused
            .get_untracked()
            .and_then(|refused| refused.theirs);
        let mended = MendCommand {
            id: self.id.get_value(),
            pinned: written.as_ref().map(|written| written.pinned),
            text: written.map(|written| written.text),
            base: theirs.map(|theirs| theirs.version),
        };
        self.act(mended, Some(self.tablet.words().mended));
    }

    fn take(self, offer: Offer) {
        match offer {
            Offer::Edit => self.editing.set(true),
            Offer::SetAside | Offer::KeepTheirs => {
                let id = self.id.get_value();
                self.act(SetAside { id }, None);
            }
            Offer::SendMine | Offer::RemoveAnyway | Offer::KeepAsNew | Offer::SendAgain => {
                self.mend(None);
            }
        }
    }
}

/// The card.
pub(crate) fn repair_card(
    tablet: Tablet,
    queue: Queue,
    command: Signal<UnsentCommand>,
) -> impl IntoView {
    let words = tablet.words();
    let card = Card {
        tablet,
        queue,
        id: StoredValue::new(command.with_untracked(|command| command.id.clone())),
        refused: Memo::new(move |_| command.with(Refused::of)),
        set_aside: Memo::new(move |_| command.with(|command| command.set_aside)),
        editing: RwSignal::new(false),
        busy: RwSignal::new(false),
    };
    let why = move || {
        card.refused
            .with(|refused| Some(repair::sentence(refused.as_ref()?.why, words)))
    };
    let code = move || command.with(|command| command.code.clone());
    view! {
        <li class="card stack" data-testid="refused-command" data-code=code>
            {head(tablet, command)}
            <p>{why}</p>
            {move || card.refused.get().map(|refused| versions(tablet, &refused))}
            {move || if card.editing.get() { editor(card).into_any() } else { offers(card).into_any() }}
        </li>
    }
}

fn head(tablet: Tablet, command: Signal<UnsentCommand>) -> impl IntoView {
    let words = tablet.words();
    let name = move || command.with(|command| repair::name(repair::wish(&command.kind), words));
    let about = move || command.with(|command| command.about.as_deref().map(words.about));
    let age = move || (words.ago)(tablet.age(command.with(|command| command.issued_at)));
    view! {
        <header class="line apart">
            <h2 class="repair-title">{icon("warning")} <span>{name} " " <span class="soft" dir="auto">{about}</span></span></h2>
            <span class="age">{age}</span>
        </header>
    }
}

/// Hers, and beside it what the cloud has. The cloud's own sentence only where ours says nothing.
fn versions(tablet: Tablet, refused: &Refused) -> impl IntoView + use<> {
    let words = tablet.words();
    let mine = match (&refused.text, refused.wish) {
        (Some(text), _) => Some(text.clone()),
        (None, Wish::Remove) => Some(words.you_removed.to_owned()),
        (None, _) => None,
    };
    let mine = mine.map(|text| version(tablet, words.yours, "mine", &text, refused.pinned));
    let theirs = refused
        .theirs
        .as_ref()
        .map(|theirs| version(tablet, words.theirs, "theirs", &theirs.text, theirs.pinned));
    let unexplained = refused.why == repair::Why::Other;
    let reason = (unexplained && !refused.reason.is_empty()).then(|| refused.reason.clone());
    view! {
        {reason.map(|reason| view! { <p class="small soft" lang="en" dir="ltr">{reason}</p> })}
        <div class="versions">{mine} {theirs}</div>
    }
}

fn version(
    tablet: Tablet,
    title: &'static str,
    whose: &'static str,
    text: &str,
    pinned: bool,
) -> impl IntoView + use<> {
    let words = tablet.words();
    let pinned = pinned
        .then(|| view! { <p class="small soft note-pinned">{icon("pin")} {words.pinned}</p> });
    view! {
        <section class="version" data-whose=whose data-testid=format!("version-{whose}")>
            <h3 class="label">{title}</h3>
            <p class="note-text" dir="auto">{text.to_owned()}</p>
            {pinned}
        </section>
    }
}

fn offers(card: Card) -> impl IntoView {
    let words = card.tablet.words();
    let offers = Memo::new(move |_| {
        let refused = card.refused.get();
        let all = refused.map(|refused| refused.offers()).unwrap_or_default();
        // What was set aside is aside already.
        let aside = card.set_aside.get();
        let open = |offer: &Offer| !(aside && matches!(offer, Offer::SetAside | Offer::KeepTheirs));
        all.iter().copied().filter(open).collect::<Vec<_>>()
    });
    let one = move |(place, offer): (usize, Offer)| {
        view! {
            <button class="button" class:button-primary=place == 0 data-testid=format!("offer-{}", testid(offer))
                disabled=move || card.busy.get() on:click=move |_| card.take(offer)>{repair::label(offer, words)}</button>
        }
    };
    view! { <div class="repair-offers">{move || offers.get().into_iter().enumerate().map(one).collect_view()}</div> }
}

fn editor(card: Card) -> impl IntoView {
    let words = card.tablet.words();
    let refused = card.refused.get_untracked();
    let first = Written {
        pinned: refused.as_ref().is_some_and(|refused| refused.pinned),
        text: refused.and_then(|refused| refused.text).unwrap_or_default(),
    };
    let done = Callback::new(move |written| card.mend(Some(written)));
    let left = Callback::new(move |()| card.editing.set(false));
    note_editor(words, first, words.send_again, done, left)
}

/// The name that tests know a button by.
const fn testid(offer: Offer) -> &'static str {
    match offer {
        Offer::SendMine | Offer::RemoveAnyway | Offer::KeepAsNew | Offer::SendAgain => "send",
        Offer::Edit => "edit",
        Offer::KeepTheirs | Offer::SetAside => "set-aside",
    }
}
