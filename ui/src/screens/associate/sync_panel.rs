//! The sync panel: what waits, since when, and what was refused.

use crate::asking;
use crate::load::Load;
use crate::parts::icon::icon;
use crate::parts::languages::languages;
use crate::parts::loaded::loaded;
use crate::parts::modal::modal;
use crate::tablet::Tablet;
use chrono::{DateTime, Utc};
use domain::api::device::{Delivery, ListUnsent, UnsentCommand, Warning};
use domain::api::sync::command;
use leptos::prelude::*;

/// The panel.
pub(crate) fn sync_panel(tablet: Tablet, shown: RwSignal<bool>) -> impl IntoView {
    let words = tablet.words();
    let load = RwSignal::new(Load::default());
    let sync = Memo::new(move |_| tablet.sync());
    Effect::new(move |_| {
        sync.track();
        asking::ask(load, ListUnsent {});
    });
    let retry = Callback::new(move |()| asking::ask(load, ListUnsent {}));
    let inside = view! {
        <header class="line apart">
            <h2>{words.sync_title}</h2>
            <button class="button button-icon button-quiet" aria-label=words.close on:click=move |_| shown.set(false)>
                {icon("close")}
            </button>
        </header>
        {standing(tablet)}
        {loaded(load, words, retry, move |commands| list(tablet, commands))}
        <span class="grow"></span>
        {languages(tablet.lang.get_untracked(), words.language, move |lang| tablet.speak(lang))}
    };
    modal(
        "sheet",
        words.sync_title,
        "sync-panel",
        Callback::new(move |()| shown.set(false)),
        inside,
    )
}

fn standing(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let age = move |at: Option<DateTime<Utc>>| {
        at.map_or_else(|| words.never.to_owned(), |at| (words.ago)(tablet.age(at)))
    };
    let line = move || {
        if tablet.is_online() {
            words.online
        } else {
            words.offline
        }
    };
    let contact = move || age(tablet.sync().and_then(|sync| sync.last_contact_at));
    let oldest = move || {
        let at = tablet.sync().and_then(|sync| sync.oldest_unsent_at)?;
        Some(view! { <dt>{words.oldest}</dt> <dd>{age(Some(at))}</dd> })
    };
    let key_in_file = move || {
        let warned = tablet.status.with(|status| {
            status
                .ready()
                .is_some_and(|status| status.warnings.contains(&Warning::KeyInFile))
        });
        warned.then(
            || view! { <p class="notice notice-warn small">{icon("lock")} {words.key_in_file}</p> },
        )
    };
    view! {
        <dl class="facts">
            <dt>{line}</dt> <dd></dd>
            <dt>{words.last_contact}</dt> <dd data-testid="last-contact">{contact}</dd>
            {oldest}
        </dl>
        {key_in_file}
    }
}

fn list(tablet: Tablet, commands: Signal<Vec<UnsentCommand>>) -> impl IntoView {
    let words = tablet.words();
    move || {
        let commands = commands.get();
        if commands.is_empty() {
            return view! { <p class="soft" data-testid="nothing-unsent">{words.all_sent_help}</p> }.into_any();
        }
        let rows = commands
            .iter()
            .map(|command| row(tablet, command))
            .collect_view();
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    }
}

fn row(tablet: Tablet, unsent: &UnsentCommand) -> impl IntoView + use<> {
    let words = tablet.words();
    let kind = match unsent.kind.as_str() {
        command::NOTE_ADD => words.command_note,
        _ => words.command_other,
    };
    let text = unsent
        .args
        .get("text")
        .and_then(|text| text.as_str())
        .map(str::to_owned);
    let state = match &unsent.state {
        Delivery::Kept => view! { <span class="chip">{words.kept}</span> }.into_any(),
        Delivery::Sent => view! { <span class="chip chip-accent">{words.sent}</span> }.into_any(),
        Delivery::Refused(why) => {
            view! { <span class="chip chip-danger">{(words.refused)(why)}</span> }.into_any()
        }
    };
    let issued_at = unsent.issued_at;
    view! {
        <li class="card stack" data-testid="unsent-command">
            <span class="line apart">
                <strong>{kind}</strong>
                <span class="age">{move || (words.ago)(tablet.age(issued_at))}</span>
            </span>
            <span class="clamp">{text}</span>
            <span class="chips">{state}</span>
        </li>
    }
}
