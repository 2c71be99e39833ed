//! The rail: the rooms, and at its foot the sync badge and who is signed in.

use crate::backend;
use crate::model::badge::Badge;
use crate::parts::face::face;
use crate::parts::icon::icon;
use crate::place::{Address, is_plain};
use crate::route::Route;
use crate::screens::associate::{sees_board, sync_panel};
use crate::tablet::Tablet;
use crate::words::Words;
use domain::api::device::{Session, SignOut};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The rail. On the manager's page it leads nowhere else.
pub(crate) fn rail(tablet: Tablet, session: &Session, board_only: bool) -> impl IntoView + use<> {
    let words = tablet.words();
    let panel = RwSignal::new(false);
    let board = sees_board(session.face.role);
    let rooms = (!board_only).then(|| {
        view! {
            {room(tablet, Route::People(None), "people", words.people, "rail-people")}
            {room(tablet, Route::Items(None), "item", words.items, "rail-items")}
            {carts(tablet)}
            {board.then(|| room(tablet, Route::Board, "board", words.board, "rail-board"))}
        }
    });
    let manager_room =
        board_only.then(|| room(tablet, Route::Manager, "board", words.board, "rail-board"));
    view! {
        <nav class="rail" aria-label=words.navigation>
            {rooms} {manager_room}
            <span class="rail-space"></span>
            {badge(tablet, panel)}
            {leave(tablet, session)}
        </nav>
        {move || panel.get().then(|| sync_panel::sync_panel(tablet, panel))}
    }
}

fn room(
    tablet: Tablet,
    route: Route,
    name: &'static str,
    label: &'static str,
    testid: &'static str,
) -> impl IntoView {
    let kind = std::mem::discriminant(&route);
    let here = move || (std::mem::discriminant(&tablet.place.route()) == kind).then_some("page");
    let href = route.path();
    let go = move |click: leptos::ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            tablet.place.go(route.clone());
        }
    };
    view! {
        <a class="rail-room" href=href aria-current=here data-testid=testid on:click=go>
            {icon(name)} <span>{label}</span>
        </a>
    }
}

/// The room of carts: the one that is worked on, with its pieces, else all of them.
fn carts(tablet: Tablet) -> impl IntoView {
    let label = tablet.cart_words().carts;
    let serving = move || tablet.serving.get().map(|serving| serving.cart);
    let pieces = Memo::new(move |_| {
        let serving = tablet.serving.get();
        serving
            .map(|serving| serving.pieces)
            .filter(|pieces| *pieces > 0)
    });
    let here =
        move || matches!(tablet.place.route(), Route::Carts(_) | Route::Order(_)).then_some("page");
    let go = move |click: leptos::ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            // A second tap leads from the cart to all of them.
            let in_cart = matches!(tablet.place.route_now(), Route::Carts(Some(_)));
            let cart = tablet.serving.get_untracked().map(|serving| serving.cart);
            tablet.place.go(Route::Carts(cart.filter(|_| !in_cart)));
        }
    };
    view! {
        <a class="rail-room" href=move || Route::Carts(serving()).path() aria-current=here data-testid="rail-carts" on:click=go>
            <span class="rail-cart">{icon("cart")} {move || pieces.get().map(|pieces| view! { <b class="badge">{pieces}</b> })}</span>
            <span>{label}</span>
        </a>
    }
}

fn badge(tablet: Tablet, panel: RwSignal<bool>) -> impl IntoView {
    let words = tablet.words();
    let badge = Memo::new(move |_| {
        tablet
            .sync()
            .map_or(Badge::Working, |sync| Badge::of(&sync))
    });
    let said = move || said(badge.get(), words);
    let drawn = move || match badge.get() {
        Badge::Attention(_) => icon("warning").into_any(),
        Badge::Offline => icon("cloud-off").into_any(),
        Badge::Fresh => icon("cloud").into_any(),
        Badge::Unsent(_) | Badge::Loading(_) | Badge::Working => icon("sync").into_any(),
    };
    view! {
        <button class="rail-badge" data-testid="sync-badge" data-state=move || badge.get().style()
            aria-haspopup="dialog" on:click=move |_| panel.set(true)>
            {drawn}
            <span aria-live="polite">{said}</span>
        </button>
    }
}

fn said(badge: Badge, words: &Words) -> String {
    match badge {
        Badge::Attention(count) => (words.attention)(count),
        Badge::Unsent(count) => (words.unsent)(count),
        Badge::Loading(percent) => (words.loading_part)(percent),
        Badge::Working => words.working.to_owned(),
        Badge::Offline => words.offline.to_owned(),
        Badge::Fresh => words.all_sent.to_owned(),
    }
}

/// Who is signed in; a tap signs out.
fn leave(tablet: Tablet, session: &Session) -> impl IntoView + use<> {
    let words = tablet.words();
    let name = session.face.name.clone();
    let out = move |_| {
        tablet.forget_work();
        spawn_local(async move {
            if let Err(refusal) = backend::call(&SignOut {}).await {
                tablet.tell(crate::parts::notice::sentence(&refusal, tablet.words()).to_owned());
            }
            tablet.refresh();
        });
    };
    view! {
        <button class="rail-me" data-testid="sign-out" on:click=out>
            {face(&name, &session.face.colour)}
            <span class="small">{words.sign_out}</span>
            <span class="visually-hidden">{name}</span>
        </button>
    }
}
