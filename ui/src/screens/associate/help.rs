//! Kiosks at which a shopper asks for somebody: over every room, until one of the team says that they go.

use crate::asking;
use crate::backend::{self, clock};
use crate::load::Load;
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::route::Route;
use crate::tablet::Tablet;
use domain::api::device::{EndHelp, ListHelp, Signal as DeviceSignal};
use domain::help::HelpCall;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Everybody who waits, longest first.
pub(crate) fn help(tablet: Tablet) -> impl IntoView {
    let load: RwSignal<Load<Vec<HelpCall>>> = RwSignal::new(Load::default());
    asking::ask(load, ListHelp {});
    asking::hear_here(move |signal| {
        if matches!(signal, DeviceSignal::Help | DeviceSignal::Everything) {
            asking::ask(load, ListHelp {});
        }
    });
    let calls = move || load.with(|load| load.ready().cloned().unwrap_or_default());
    view! {
        <div class="help" role="status" data-testid="help">
            <For each=calls key=|call| (call.device.clone(), call.asked_at) children=move |call| one(tablet, load, &call)/>
        </div>
    }
}

fn one(
    tablet: Tablet,
    load: RwSignal<Load<Vec<HelpCall>>>,
    call: &HelpCall,
) -> impl IntoView + use<> {
    let words = tablet.cart_words();
    let since = clock::time_of_day(call.asked_at);
    let text = (words.kiosk_asks)(call.workstation.map(u16::from), &since);
    let cart = call.cart.clone().map(|cart| {
        let open = move |_| tablet.place.go(Route::Carts(Some(cart.clone())));
        view! { <button type="button" class="button" data-testid="help-cart" on:click=open>{icon("cart")} {words.open_this}</button> }
    });
    let device = call.device.clone();
    let busy = RwSignal::new(false);
    let go = move |_| {
        busy.set(true);
        let call = EndHelp {
            device: Some(device.clone()),
        };
        spawn_local(async move {
            if let Err(refusal) = backend::call(&call).await {
                tablet.tell(notice::sentence(&refusal, tablet.words()).to_owned());
            }
            busy.try_set(false);
            asking::ask(load, ListHelp {});
        });
    };
    view! {
        <div class="notice help-call" data-testid="help-call">
            {icon("hand")} <strong class="grow">{text}</strong> {cart}
            <button type="button" class="button" data-testid="help-go" disabled=busy on:click=go>{words.on_my_way}</button>
        </div>
    }
}
