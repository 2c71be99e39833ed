//! A shopper's cart at the kiosk: a ribbon on every screen, the cart itself, and the ways to take it along.

use crate::backend;
use crate::model::money;
use crate::model::trail::Stop;
use crate::parts::icon::{directed, icon};
use crate::parts::loaded::loaded;
use crate::parts::notice;
use crate::parts::totals::totals;
use crate::screens::cart::add::{self, Into};
use crate::screens::cart::desk::Desk;
use crate::screens::cart::goes_with::goes_with;
use crate::screens::cart::hand_over::{Telling, hand_over};
use crate::screens::cart::{lines::lines, news::news, undo::undo};
use crate::screens::kiosk::Kiosk;
use crate::tablet::Tablet;
use domain::api::device::{Aged, AskHelp, CartPage, EndHelp};
use domain::ids::{CartId, Sku};
use domain::money::Money;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the ribbon says of her cart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Carried {
    cart: CartId,
    pieces: u64,
    total: Option<Money>,
}

impl Carried {
    fn of(page: &CartPage) -> Self {
        Self {
            cart: page.cart.opening.id.clone(),
            pieces: page.cart.goods().values().sum(),
            total: page.totals.as_ref().map(|totals| totals.total),
        }
    }
}

/// Puts one piece into her cart. An answer that comes after she was forgotten is nobody's.
pub(crate) fn put(tablet: Tablet, kiosk: Kiosk, sku: Sku, busy: RwSignal<bool>) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    let visit = kiosk.visit.get_untracked();
    let carried = kiosk.cart.get_untracked();
    let into = carried.map_or(Into::Hers(None), |carried| Into::Cart(carried.cart));
    spawn_local(async move {
        let outcome = add::put(into, sku.clone()).await;
        busy.try_set(false);
        if kiosk.visit.get_untracked() != visit {
            return;
        }
        match outcome {
            Ok(changed) => {
                let page = &changed.page.value;
                kiosk.cart.set(Some(Carried::of(page)));
                let title = crate::model::cart::line::title(page, &sku);
                tablet.tell((tablet.cart_words().added)(&title));
            }
            Err(refusal) => tablet.tell(add::sentence(tablet, &refusal).to_owned()),
        }
    });
}

/// The ribbon: how much she carries, wherever she is.
pub(crate) fn ribbon(tablet: Tablet, kiosk: Kiosk, here: Memo<Stop>) -> impl IntoView {
    let (lang, words) = (tablet.lang.get_untracked(), tablet.cart_words());
    let shown = Memo::new(move |_| {
        let elsewhere = !matches!(here.get(), Stop::Cart | Stop::Attract);
        kiosk
            .cart
            .get()
            .filter(|carried| elsewhere && carried.pieces > 0)
    });
    move || {
        let carried = shown.get()?;
        let total = carried.total.map(|total| money::format(total, lang));
        Some(view! {
            <button type="button" class="kiosk-ribbon" data-testid="kiosk-ribbon" on:click=move |_| kiosk.go(Stop::Cart)>
                {icon("cart")} <strong>{words.your_cart}</strong> <span class="figure">{(words.pieces)(carried.pieces)}</span>
                <span class="grow"></span> <span class="price">{total}</span> {directed("chevron")}
            </button>
        })
    }
}

/// The cart.
pub(crate) fn cart(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.cart_words();
    let carried = kiosk.cart.get_untracked();
    let Some(carried) = carried else {
        return nothing(tablet, kiosk).into_any();
    };
    let desk = Desk::open(tablet, carried.cart);
    let retry = Callback::new(move |()| desk.read());
    view! {
        <article class="kiosk-cart" data-testid="kiosk-cart">
            <h1>{words.your_cart}</h1>
            {loaded(desk.load, tablet.words(), retry, move |page| opened(desk, kiosk, page))}
        </article>
    }
    .into_any()
}

fn nothing(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.words();
    view! {
        {notice::empty("basket", words.cart_empty.to_owned(), words.cart_empty_help)}
        <button type="button" class="button" on:click=move |_| kiosk.go(Stop::Browse)>{words.departments}</button>
    }
}

fn opened(desk: Desk, kiosk: Kiosk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let tablet = desk.tablet;
    let words = tablet.words();
    let lang = tablet.lang.get_untracked();
    Effect::new(move |_| {
        kiosk
            .cart
            .set(Some(page.with(|page| Carried::of(&page.value))));
    });
    let sums = Memo::new(move |_| page.with(|page| page.value.totals.clone()));
    let empty = Memo::new(move |_| page.with(|page| page.value.cart.lines.is_empty()));
    view! {
        {news(desk, page)}
        {move || empty.get().then(|| notice::empty("basket", words.cart_empty.to_owned(), words.cart_empty_help))}
        {lines(desk, page)}
        {undo(desk)}
        <div class="kiosk-cart-foot" hidden=move || empty.get()>
            {move || sums.get().map(|sums| totals(&sums, lang))}
            {ways(desk, kiosk)}
            <p class="small soft">{tablet.cart_words().kiosk_promise}</p>
        </div>
        {goes_with(desk, page, Callback::new(move |sku| kiosk.go(Stop::Item(sku))))}
        <button type="button" class="button" data-testid="kiosk-keep-looking" on:click=move |_| kiosk.go(Stop::Browse)>{words.keep_looking}</button>
    }
}

/// To her phone, or to somebody of the team: the same code, said in two ways.
fn ways(desk: Desk, kiosk: Kiosk) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let (to_phone, to_team) = (RwSignal::new(false), RwSignal::new(false));
    let capsules = false;
    let phone = Telling {
        title: words.to_phone,
        help: None,
        capsules,
    };
    let team = Telling {
        title: words.ask_team,
        help: Some(words.ask_team_help),
        capsules,
    };
    view! {
        <div class="kiosk-cart-ways">
            <button type="button" class="button button-primary" data-testid="kiosk-to-phone" on:click=move |_| to_phone.set(true)>{icon("qr")} {words.to_phone}</button>
            <button type="button" class="button" data-testid="kiosk-ask-team" on:click=move |_| { to_team.set(true); ask_team(desk, kiosk); }>{icon("hand")} {words.ask_team}</button>
        </div>
        {move || to_phone.get().then(|| hand_over(desk, phone, to_phone))}
        {move || to_team.get().then(|| hand_over(desk, team, to_team))}
    }
}

/// Tells the tablets of the store that somebody waits here. Without the network the code alone is shown, as it was.
fn ask_team(desk: Desk, kiosk: Kiosk) {
    let cart = Some(desk.cart.get_value());
    let visit = kiosk.visit.get_untracked();
    spawn_local(async move {
        let is_told = backend::call(&AskHelp { cart }).await.is_ok();
        if kiosk.visit.get_untracked() != visit {
            return kiosk_left(is_told);
        }
        if is_told {
            kiosk.asked.set(true);
            desk.tablet
                .tell(desk.tablet.cart_words().team_told.to_owned());
        }
    });
}

/// Whoever asked has left.
pub(crate) fn stop_asking(kiosk: Kiosk) {
    let was_asked = kiosk.asked.get_untracked();
    kiosk.asked.set(false);
    kiosk_left(was_asked);
}

/// Where nobody hears of it, the call ends by itself after some minutes.
fn kiosk_left(was_asked: bool) {
    if was_asked {
        spawn_local(async move {
            backend::call(&EndHelp { device: None }).await.ok();
        });
    }
}
