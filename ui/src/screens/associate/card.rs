//! The customer card: the line to say, chips, and three columns. It changes while she browses.

use crate::asking;
use crate::load::Load;
use crate::model::{consent, money, say};
use crate::parts::face::face;
use crate::parts::icon::directed;
use crate::parts::loaded::loaded;
use crate::route::Route;
use crate::screens::associate::{card_now, card_picks, card_story, hits};
use crate::tablet::Tablet;
use chrono::Datelike;
use domain::api::device::{Aged, CustomerCard, OpenCustomer, Signal as DeviceSignal, Source};
use domain::customer::{Channel, Customer};
use domain::ids::CustomerId;
use leptos::prelude::*;

/// The card of a customer; asks again whenever something of hers changes.
pub(crate) fn card(tablet: Tablet, customer: CustomerId) -> impl IntoView {
    let load: RwSignal<Load<Aged<CustomerCard>>> = RwSignal::new(Load::default());
    let open = OpenCustomer { customer };
    asking::ask_anew(load, open.clone());
    let again = open.clone();
    asking::hear_here(move |signal| match signal {
        DeviceSignal::Customer { customer } if *customer != again.customer => {}
        DeviceSignal::Customer { .. } | DeviceSignal::Everything => {
            asking::ask(load, again.clone());
        }
        DeviceSignal::Status
        | DeviceSignal::Cart { .. }
        | DeviceSignal::Help
        | DeviceSignal::Notice { .. } => {}
    });
    let retry = Callback::new(move |()| asking::ask(load, open.clone()));
    view! {
        <button class="button button-quiet card-back" on:click=move |_| tablet.place.go(Route::People(None))>
            {directed("back")} {tablet.words().back}
        </button>
        {loaded(load, tablet.words(), retry, move |card| opened(tablet, load, card))}
    }
}

fn opened(
    tablet: Tablet,
    load: RwSignal<Load<Aged<CustomerCard>>>,
    card: Signal<Aged<CustomerCard>>,
) -> impl IntoView {
    let words = tablet.words();
    let customer = Memo::new(move |_| card.with(|card| card.value.customer.clone()));
    let line = Memo::new(move |_| card.with(|card| say::line(&card.value, words)));
    view! {
        <article class="customer" data-testid="card" data-customer=move || customer.with(|customer| customer.id.to_string())>
            <header class="customer-head">
                {move || face(&customer.with(|customer| customer.name.full()), "")}
                <h1 class="customer-name" dir="auto" data-testid="card-name">{move || customer.with(|customer| customer.name.full())}</h1>
                {age(tablet, card)}
            </header>
            <section class="customer-say">
                <h2 class="visually-hidden">{words.say_this}</h2>
                <p dir="auto" data-testid="card-say">{line}</p>
            </section>
            <p class="chips" data-testid="card-chips">{move || customer.with(|customer| chips(tablet, customer))}</p>
            <div class="customer-columns">
                {card_now::now(tablet, card)}
                {card_picks::picks(tablet, card)}
                {card_story::story(tablet, load, card)}
            </div>
        </article>
    }
}

/// The age of the card: from the device it is as old as the last contact.
fn age(tablet: Tablet, card: Signal<Aged<CustomerCard>>) -> impl IntoView {
    let words = tablet.words();
    let said = move || {
        let (as_of, source) = card.with(|card| (card.as_of, card.source));
        let age = as_of.map_or_else(|| words.never.to_owned(), |at| (words.age)(tablet.age(at)));
        if tablet.is_online() || source == Source::Online {
            age
        } else {
            format!("{age} – {}", words.offline)
        }
    };
    let state = move || if tablet.is_online() { "fresh" } else { "stale" };
    view! { <span class="age" data-age=state data-testid="card-age">{said}</span> }
}

fn chips(tablet: Tablet, customer: &Customer) -> impl IntoView + use<> {
    let words = tablet.words();
    let points = money::count(customer.points, tablet.lang.get_untracked());
    let since = customer.since.map(|since| (words.since)(since.year()));
    view! {
        {hits::tier(customer.tier, words)}
        <span class="chip figure">{(words.points)(&points)}</span>
        {since.map(|since| view! { <span class="chip figure">{since}</span> })}
        <span class="chip">{messages(tablet, customer)}</span>
    }
}

fn messages(tablet: Tablet, customer: &Customer) -> String {
    let words = tablet.words();
    let channels = consent::allowed_channels(customer);
    if channels.is_empty() {
        return words.no_messages.to_owned();
    }
    let names: Vec<&str> = channels
        .into_iter()
        .map(|channel| match channel {
            Channel::Email => words.by_email,
            Channel::Sms => words.by_sms,
            Channel::Push => words.by_push,
            Channel::Phone => words.by_phone,
        })
        .collect();
    format!("{} {}", words.messages_by, names.join(", "))
}
