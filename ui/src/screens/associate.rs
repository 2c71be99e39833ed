//! The associate's app: a rail with rooms, and whoever is signed in.

mod card;
mod card_carts;
mod card_now;
mod card_picks;
mod card_story;
mod cart_others;
mod cart_page;
mod cart_whose;
mod carts;
mod checkout;
mod checkout_pay;
mod checkout_stops;
mod find_receipt;
mod help;
mod hits;
mod item_page;
mod items;
mod note_editor;
mod note_row;
mod notes;
mod people;
mod people_finder;
mod pick_said;
mod rail;
mod receipt;
mod repair;
mod repair_card;
mod returns;
mod scanned;
mod sell_here;
mod sync_panel;
mod unsent;

pub(crate) use hits::tier as hits_tier;
pub(crate) use item_page::{about, nothing, shelf, variants};
pub(crate) use scanned::{said, scanned};

use crate::asking;
use crate::load::Load;
use crate::parts::loaded::loaded;
use crate::route::Route;
use crate::screens::{board, door, sign_in};
use crate::tablet::Tablet;
use domain::access::Role;
use domain::api::device::{Session, Status, Warning};
use leptos::prelude::*;

/// What is shown depends on no more of the status than this.
#[derive(Clone, PartialEq)]
enum Gate {
    Barred(Vec<Warning>),
    SignIn,
    Open(Session),
}

impl Gate {
    fn of(status: &Status) -> Self {
        match &status.session {
            _ if door::is_barred(status) => Self::Barred(status.warnings.clone()),
            Some(session) => Self::Open(session.clone()),
            None => Self::SignIn,
        }
    }
}

/// The app for whoever signs in.
pub(crate) fn associate(tablet: Tablet) -> impl IntoView {
    gated(tablet, move |session| shell(tablet, session).into_any())
}

/// The manager's board alone.
pub(crate) fn manager(tablet: Tablet) -> impl IntoView {
    gated(tablet, move |session| {
        view! {
            <div class="shell">
                {rail::rail(tablet, session, true)}
                <main class="room" id="content" tabindex="-1">{board::board(tablet, session)}</main>
                {message(tablet)}
            </div>
        }
        .into_any()
    })
}

fn gated(
    tablet: Tablet,
    open: impl Fn(&Session) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let answered = Memo::new(move |_| tablet.status.with(|status| status.ready().is_some()));
    let gate = Memo::new(move |_| tablet.status.with(|status| status.ready().map(Gate::of)));
    move || {
        if !answered.get() {
            return door::waiting(tablet).into_any();
        }
        match gate.get() {
            None => ().into_any(),
            Some(Gate::Barred(warnings)) => door::barred(tablet, &warnings).into_any(),
            Some(Gate::SignIn) => sign_in::sign_in(tablet).into_any(),
            Some(Gate::Open(session)) => open(&session),
        }
    }
}

#[derive(Clone, PartialEq)]
enum Room {
    People,
    Items,
    Carts,
    Order(String),
    Repair,
    Board,
}

fn shell(tablet: Tablet, session: &Session) -> impl IntoView + use<> {
    let session = StoredValue::new(session.clone());
    let room = Memo::new(move |_| match tablet.place.route() {
        Route::Items(_) => Room::Items,
        Route::Carts(_) => Room::Carts,
        Route::Order(order) => Room::Order(order),
        Route::Repair => Room::Repair,
        Route::Board => Room::Board,
        _ => Room::People,
    });
    view! {
        <div class="shell">
            <a class="skip-link" href="#content">{tablet.words().skip}</a>
            {rail::rail(tablet, &session.get_value(), false)}
            <main class="room" id="content" tabindex="-1">
                {move || match room.get() {
                    Room::People => people::people(tablet).into_any(),
                    Room::Items => items::items(tablet).into_any(),
                    Room::Carts => carts::carts(tablet).into_any(),
                    Room::Order(order) => receipt::receipt(tablet, order).into_any(),
                    Room::Repair => repair::repair(tablet).into_any(),
                    Room::Board => board::board(tablet, &session.get_value()).into_any(),
                }}
            </main>
            {help::help(tablet)}
            {message(tablet)}
        </div>
    }
}

/// The short message at the foot; its place is always there, so that a screen reader hears what comes into it.
pub(crate) fn message(tablet: Tablet) -> impl IntoView {
    view! {
        <div class="message" role="status" data-testid="message">
            {move || tablet.message.get().map(|text| view! { <p class="toast">{text}</p> })}
        </div>
    }
}

/// Whether somebody may see the board.
#[must_use]
pub(crate) const fn sees_board(role: Role) -> bool {
    matches!(role, Role::Manager)
}

/// Asks and draws in one: what most rooms do.
pub(crate) fn asked<C, V>(
    tablet: Tablet,
    load: RwSignal<Load<C::Reply>>,
    call: C,
    ready: impl Fn(Signal<C::Reply>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    C: domain::api::device::DeviceCall + Clone + Send + Sync + 'static,
    C::Reply: Clone + PartialEq + Send + Sync + 'static,
    V: IntoView + 'static,
{
    asking::ask(load, call.clone());
    let retry = Callback::new(move |()| asking::ask(load, call.clone()));
    loaded(load, tablet.words(), retry, ready)
}
