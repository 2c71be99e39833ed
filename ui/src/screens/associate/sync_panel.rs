//! The sync panel: what needs somebody, how the sync stands, and what waits.

use crate::model::badge;
use crate::model::repair;
use crate::parts::icon::icon;
use crate::parts::languages::languages;
use crate::parts::loaded::loaded;
use crate::parts::modal::modal;
use crate::parts::rows::rows;
use crate::route::Route;
use crate::screens::associate::unsent;
use crate::tablet::Tablet;
use chrono::{DateTime, Utc};
use domain::api::device::{Delivery, ListUnsent, SyncStatus, UnsentCommand, Warning};
use leptos::prelude::*;

/// The panel.
pub(crate) fn sync_panel(tablet: Tablet, shown: RwSignal<bool>) -> impl IntoView {
    let words = tablet.words();
    let load = unsent::queue();
    let retry = Callback::new(move |()| crate::asking::ask(load, ListUnsent {}));
    let inside = view! {
        <header class="line apart">
            <h2>{words.sync_title}</h2>
            <button class="button button-icon button-quiet" aria-label=words.close on:click=move |_| shown.set(false)>
                {icon("close")}
            </button>
        </header>
        {attention(tablet, shown)}
        {standing(tablet)}
        {loaded(load, words, retry, move |commands| waiting(tablet, commands))}
        <span class="grow"></span>
        {unsent::export(tablet, load)}
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

/// What was refused comes first: nothing else here needs anybody.
fn attention(tablet: Tablet, shown: RwSignal<bool>) -> impl IntoView {
    let words = tablet.words();
    let count = of_sync(tablet, |sync| sync.needs_attention);
    let look = move |_| {
        shown.set(false);
        tablet.place.go(Route::Repair);
    };
    move || {
        let count = count.get().unwrap_or_default();
        (count > 0).then(|| {
            view! {
                <section class="notice notice-danger needs-you" data-testid="needs-attention">
                    {icon("warning")}
                    <div class="stack grow">
                        <h3>{(words.needs_you)(count)}</h3>
                        <p class="small">{words.needs_you_help}</p>
                        <button class="button button-danger" data-testid="go-repair" on:click=look>{words.look_at_them}</button>
                    </div>
                </section>
            }
        })
    }
}

fn of_sync<T: Clone + PartialEq + Send + Sync + 'static>(
    tablet: Tablet,
    read: fn(&SyncStatus) -> T,
) -> Memo<Option<T>> {
    Memo::new(move |_| tablet.sync().as_ref().map(read))
}

fn standing(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let said = move |at: Option<DateTime<Utc>>| {
        at.map_or_else(|| words.never.to_owned(), |at| (words.ago)(tablet.age(at)))
    };
    let line = move || {
        if tablet.is_online() {
            words.online
        } else {
            words.offline
        }
    };
    let contact = of_sync(tablet, |sync| sync.last_contact_at);
    let unsent = of_sync(tablet, |sync| (sync.unsent, sync.oldest_unsent_at));
    let waits = move || {
        let (count, oldest) = unsent.get()?;
        let oldest = oldest.map(|at| view! { <dt>{words.oldest}</dt> <dd data-testid="oldest-unsent">{said(Some(at))}</dd> });
        Some(
            view! { <dt>{words.waiting}</dt> <dd class="figure" data-testid="unsent-count">{count}</dd> {oldest} },
        )
    };
    view! {
        <dl class="facts">
            <dt>{line}</dt> <dd></dd>
            <dt>{words.last_contact}</dt> <dd data-testid="last-contact">{move || said(contact.get().flatten())}</dd>
            {waits}
        </dl>
        {progress(tablet)}
        {key_in_file(tablet)}
    }
}

/// How far the first load has come, and whether something is put right.
fn progress(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let loading = of_sync(tablet, |sync| sync.loading.map(badge::percent));
    let repairing = of_sync(tablet, |sync| sync.repairing);
    let bar = move || {
        let percent = loading.get().flatten()?;
        Some(view! {
            <div class="stack" data-testid="first-load">
                <label class="stack">
                    <span>{(words.loading_part)(percent)}</span>
                    <progress class="progress" max="100" value=percent></progress>
                </label>
                <p class="small soft">{words.loading_help}</p>
            </div>
        })
    };
    view! {
        {bar}
        {move || (repairing.get() == Some(true)).then(|| view! { <p class="small soft">{words.repairing}</p> })}
    }
}

fn key_in_file(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let warned = Memo::new(move |_| {
        tablet.status.with(|status| {
            status
                .ready()
                .is_some_and(|status| status.warnings.contains(&Warning::KeyInFile))
        })
    });
    move || {
        warned.get().then(
            || view! { <p class="notice notice-warn small">{icon("lock")} {words.key_in_file}</p> },
        )
    }
}

/// What waits to be sent, oldest first.
fn waiting(tablet: Tablet, commands: Signal<Vec<UnsentCommand>>) -> impl IntoView {
    let words = tablet.words();
    let waits = |command: &UnsentCommand| !matches!(command.state, Delivery::Refused(_));
    let waiting = Memo::new(move |_| {
        let commands = commands.get().into_iter();
        commands.filter(waits).collect::<Vec<_>>()
    });
    let nothing = Memo::new(move |_| waiting.with(Vec::is_empty));
    view! {
        {move || nothing.get().then(|| view! { <p class="soft" data-testid="nothing-unsent">{words.all_sent_help}</p> })}
        <ul class="rows waiting-commands" role="list">
            {rows(waiting.into(), |command| command.id.clone(), move |command| row(tablet, command))}
        </ul>
    }
}

fn row(tablet: Tablet, command: Signal<UnsentCommand>) -> impl IntoView {
    let inside = move || command.with(|command| inside(tablet, command));
    view! { <li class="card stack" data-testid="unsent-command">{inside}</li> }
}

fn inside(tablet: Tablet, command: &UnsentCommand) -> impl IntoView + use<> {
    let words = tablet.words();
    let issued_at = command.issued_at;
    let text = command.args.get("text").and_then(|text| text.as_str());
    let about = command.about.as_deref().map(words.about);
    view! {
        <span class="line apart">
            <span><strong>{repair::name(repair::wish(&command.kind), words)}</strong> " " <span class="soft" dir="auto">{about}</span></span>
            <span class="age">{move || (words.ago)(tablet.age(issued_at))}</span>
        </span>
        <span class="clamp" dir="auto">{text.map(str::to_owned)}</span>
    }
}
