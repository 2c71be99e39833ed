//! People: search on top, always focused; results as one types; the card beside them.

use crate::asking;
use crate::parts::icon::icon;
use crate::route::Route;
use crate::screens::associate::people_finder::{Finder, row_id};
use crate::screens::associate::{card, hits};
use crate::tablet::Tablet;
use domain::api::device::Signal;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use std::time::Duration;

/// Between two changes of the rows that nobody asked for.
const MOVES_EVERY: Duration = Duration::from_secs(3);
/// The room.
pub(crate) fn people(tablet: Tablet) -> impl IntoView {
    let finder = Finder::new();
    let selected = Memo::new(move |_| match tablet.place.route() {
        Route::People(customer) => customer,
        _ => None,
    });
    finder.search();
    finder.when_found(move |customer| tablet.place.go(Route::People(Some(customer))));
    search_along(finder);
    view! {
        <div class="people" class:people-open=move || selected.get().is_some()>
            <section class="people-find" aria-label=tablet.words().people>
                <h1 class="visually-hidden">{tablet.words().people}</h1>
                {search_field(tablet, finder)}
                {hits::hits(tablet, finder, selected)}
            </section>
            <section class="people-card">
                {move || selected.get().map_or_else(
                    || pick(tablet).into_any(),
                    |customer| card::card(tablet, customer).into_any(),
                )}
            </section>
        </div>
    }
}

/// Searches again while people browse, but not so often that rows move away under a finger.
fn search_along(finder: Finder) {
    let waiting = StoredValue::new(false);
    asking::hear_here(move |signal| {
        let moved = matches!(signal, Signal::Everything | Signal::Customer { .. });
        if !moved || waiting.get_value() {
            return;
        }
        waiting.set_value(true);
        set_timeout(
            move || {
                if waiting.try_set_value(false).is_none() {
                    finder.search();
                }
            },
            MOVES_EVERY,
        );
    });
}

fn pick(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    view! {
        <div class="state people-pick">
            <svg class="state-art" aria-hidden="true" focusable="false"><use href="#notebook"></use></svg>
            <h2>{words.find_someone}</h2>
            <p>{words.find_someone_help}</p>
        </div>
    }
}

fn search_field(tablet: Tablet, finder: Finder) -> impl IntoView {
    let words = tablet.words();
    let field: NodeRef<html::Input> = NodeRef::new();
    focus(field);
    catch_typing(field);
    let typed = move |text: String| finder.retype(text);
    let key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            finder.step(event.key() == "ArrowDown");
        }
        "Enter" => finder.enter(),
        "Escape" => typed(String::new()),
        _ => {}
    };
    let active = move || finder.marked.get().as_ref().map(row_id);
    view! {
        <div class="search">
            {icon("search")}
            <input class="input" type="search" node_ref=field data-testid="people-search" role="combobox"
                aria-label=words.search_people placeholder=words.search_people aria-controls="people-hits"
                aria-expanded="true" aria-autocomplete="list" aria-activedescendant=active
                autocomplete="off" spellcheck="false" enterkeyhint="search"
                prop:value=move || finder.query.get()
                on:input:target=move |event| typed(event.target().value()) on:keydown=key/>
            <button class="button button-icon button-quiet search-clear" aria-label=words.clear
                class:unseen=move || finder.query.with(String::is_empty)
                on:click=move |_| { typed(String::new()); focus_now(field); }>{icon("close")}</button>
        </div>
    }
}

/// Takes the focus as soon as the field is there.
fn focus(field: NodeRef<html::Input>) {
    Effect::new(move |_| {
        if let Some(input) = field.get() {
            let _ = input.focus();
        }
    });
}

fn focus_now(field: NodeRef<html::Input>) {
    if let Some(input) = field.get_untracked() {
        let _ = input.focus();
    }
}

/// Letters that are typed beside every field go into the search.
fn catch_typing(field: NodeRef<html::Input>) {
    let handle = window_event_listener(ev::keydown, move |event| {
        let letter = event.key().chars().count() == 1 && event.key() != " ";
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        let elsewhere = document()
            .active_element()
            .is_none_or(|element| !matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA"));
        if letter && !modified && elsewhere {
            focus_now(field);
            // A key that was typed again by ours types nothing by itself.
            if !event.is_trusted() {
                insert(field, &event.key());
            }
        }
    });
    on_cleanup(move || handle.remove());
}

fn insert(field: NodeRef<html::Input>, text: &str) {
    let Some(input) = field.get_untracked() else {
        return;
    };
    input.set_value(&format!("{}{text}", input.value()));
    if let Ok(event) = web_sys::Event::new("input") {
        let _ = input.dispatch_event(&event);
    }
}
