//! The repair screen: every command that the cloud refused, in plain words, and what was set aside.

use crate::asking;
use crate::parts::icon::directed;
use crate::parts::loaded::loaded;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::route::Route;
use crate::screens::associate::repair_card::repair_card;
use crate::screens::associate::unsent::{self, Queue};
use crate::tablet::Tablet;
use domain::api::device::{Delivery, ListUnsent, UnsentCommand};
use leptos::prelude::*;

/// The room.
pub(crate) fn repair(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let queue = unsent::queue();
    let retry = Callback::new(move |()| asking::ask(queue, ListUnsent {}));
    crate::place::focus_content();
    view! {
        <div class="repair" data-testid="repair">
            <header class="line">
                <button class="button button-quiet" on:click=move |_| tablet.place.go(Route::People(None))>
                    {directed("back")} {words.back}
                </button>
                <h1 class="grow">{words.repair}</h1>
            </header>
            {loaded(queue, words, retry, move |commands| lists(tablet, queue, commands))}
            {unsent::export(tablet, queue)}
        </div>
    }
}

fn lists(tablet: Tablet, queue: Queue, commands: Signal<Vec<UnsentCommand>>) -> impl IntoView {
    let words = tablet.words();
    let (open, aside) = (refused(commands, false), refused(commands, true));
    let nothing = Memo::new(move |_| open.with(Vec::is_empty));
    let card = move |command| repair_card(tablet, queue, command);
    view! {
        {move || nothing.get().then(|| notice::empty("notebook", words.nothing_to_mend.to_owned(), words.nothing_to_mend_help))}
        {move || (!nothing.get()).then(|| view! { <p class="soft">{words.needs_you_help}</p> })}
        <ul class="repair-cards" role="list">{rows(open.into(), |command| command.id.clone(), card)}</ul>
        {move || (!aside.with(Vec::is_empty)).then(|| view! {
            <details class="repair-aside" data-testid="set-aside-list">
                <summary class="button button-quiet">{words.put_aside} " · " {move || aside.with(Vec::len)}</summary>
                <ul class="repair-cards" role="list">{rows(aside.into(), |command| command.id.clone(), card)}</ul>
            </details>
        })}
    }
}

/// The refused ones: those that wait for somebody, or those that were set aside.
fn refused(commands: Signal<Vec<UnsentCommand>>, aside: bool) -> Memo<Vec<UnsentCommand>> {
    let wanted = move |command: &UnsentCommand| {
        matches!(command.state, Delivery::Refused(_)) && command.set_aside == aside
    };
    Memo::new(move |_| commands.get().into_iter().filter(wanted).collect())
}
