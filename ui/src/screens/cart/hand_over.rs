//! Handing a cart over: a QR and a typed code where the cloud answers, else pictures for the device beside this one.

use crate::asking;
use crate::load::Load;
use crate::parts::icon::icon;
use crate::parts::loaded::loaded;
use crate::parts::modal::modal;
use crate::screens::cart::desk::Desk;
use crate::screens::cart::offered::offered;
use domain::api::device::{LeaseView, OfferCart, Offered};
use leptos::prelude::*;

/// What a sheet that hands over says beside the code.
#[derive(Clone, Copy)]
pub(crate) struct Telling {
    /// Its title.
    pub(crate) title: &'static str,
    /// What to do, where that is not plain.
    pub(crate) help: Option<&'static str>,
    /// Whether pictures for the device beside this one are offered too.
    pub(crate) capsules: bool,
}

/// The sheet. It closes by itself when the cart was taken over.
pub(crate) fn hand_over(desk: Desk, telling: Telling, shown: RwSignal<bool>) -> impl IntoView {
    let (tablet, words) = (desk.tablet, desk.tablet.cart_words());
    let load: RwSignal<Load<Offered>> = RwSignal::new(Load::default());
    let ask = move |capsule: bool| {
        let cart = desk.cart.get_value();
        asking::ask_anew(load, OfferCart { cart, capsule });
    };
    // Asked once: a status that moves meanwhile draws no other sheet.
    let online = untrack(|| tablet.is_online());
    ask(telling.capsules && !online);
    close_when_taken(desk, shown);
    let again = Callback::new(move |()| ask(false));
    let is_code = move || load.with(|load| matches!(load.ready(), Some(Offered::Code { .. })));
    let refused = move || load.with(|load| load.ready().is_none() && load.refusal().is_some());
    let inside = view! {
        <header class="line apart">
            <h2>{telling.title}</h2>
            <button type="button" class="button button-icon button-quiet" aria-label=tablet.words().close data-testid="hand-close"
                on:click=move |_| shown.set(false)>{icon("close")}</button>
        </header>
        {telling.help.map(|help| view! { <p>{help}</p> })}
        {loaded(load, tablet.words(), again, move |what| offered(tablet, what, again))}
        {move || (telling.capsules && (is_code() || refused())).then(|| view! {
            <button type="button" class="button button-quiet" data-testid="hand-capsule" on:click=move |_| ask(true)>{words.use_capsule}</button>
        })}
    };
    let left = Callback::new(move |()| shown.set(false));
    modal("dialog hand", telling.title, "hand-over", left, inside)
}

/// Whoever took it over holds it now.
fn close_when_taken(desk: Desk, shown: RwSignal<bool>) {
    let elsewhere = Memo::new(move |_| {
        desk.load.with(|load| {
            let page = load.ready()?;
            match &page.value.lease {
                LeaseView::Elsewhere { until, .. } => Some(*until),
                LeaseView::Free | LeaseView::Here { .. } => None,
            }
        })
    });
    Effect::new(move |before: Option<Option<_>>| {
        let now = elsewhere.get();
        let taken = before == Some(None) && now.is_some();
        if taken {
            shown.set(false);
        }
        now
    });
}
