//! Taking a cart over: with a typed code, a scanner, or the camera.

use crate::backend;
use crate::model::cart::code::{self, Frames, Scanned};
use crate::parts::icon::icon;
use crate::parts::modal::modal;
use crate::route::Route;
use crate::screens::cart::{add, camera};
use crate::tablet::Tablet;
use domain::api::device::{ClaimCart, Refusal, RefusalCode};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The sheet. A scanner is heard all the same: it is heard on every screen.
pub(crate) fn take_over(tablet: Tablet, shown: RwSignal<bool>) -> impl IntoView {
    let (say, words) = (tablet.words(), tablet.cart_words());
    let complaint = RwSignal::new(None::<&'static str>);
    let complain = Callback::new(move |text| complaint.set(Some(text)));
    let looking = RwSignal::new(false);
    let done = Callback::new(move |()| shown.set(false));
    let seen = Callback::new(move |text: String| match Scanned::of(&text) {
        Some(scanned) => hear(tablet, scanned, complain, done),
        None => complaint.set(Some(words.code_unknown)),
    });
    let progress = move || tablet.frames.with(Frames::progress);
    let inside = view! {
        <header class="line apart">
            <h2>{words.take_over}</h2>
            <button type="button" class="button button-icon button-quiet" aria-label=say.close on:click=move |_| shown.set(false)>{icon("close")}</button>
        </header>
        <p class="soft">{words.take_help}</p>
        {field(tablet, complaint, complain, done)}
        <p class="danger take-complaint" role="alert" data-testid="take-complaint">{move || complaint.get()}</p>
        <p role="status" data-testid="take-progress">{move || progress().map(|(seen, of)| (words.pictures_seen)(seen, of))}</p>
        {move || if looking.get() {
            camera::camera(tablet, seen).into_any()
        } else {
            view! {
                <button type="button" class="button" data-testid="take-camera" on:click=move |_| looking.set(true)>{icon("scan")} {words.camera}</button>
            }.into_any()
        }}
    };
    modal("dialog hand", words.take_over, "take-over", done, inside)
}

fn field(
    tablet: Tablet,
    complaint: RwSignal<Option<&'static str>>,
    complain: Callback<&'static str>,
    done: Callback<()>,
) -> impl IntoView {
    let words = tablet.cart_words();
    let node: NodeRef<html::Input> = NodeRef::new();
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = node
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        match code::typed(&typed) {
            Some(proof) if !busy.get_untracked() => claim(tablet, proof, complain, busy, done),
            Some(_) => {}
            None => complain.run(words.code_bad),
        }
    };
    view! {
        <form class="take-form" on:submit=submit>
            <input class="input take-input figure" node_ref=node dir="ltr" aria-label=words.code placeholder="0000-0000" maxlength="16"
                autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus=true data-testid="take-code"
                aria-invalid=move || complaint.get().is_some().to_string() on:input=move |_| complaint.set(None)/>
            <button class="button button-primary" data-testid="take-done" disabled=move || busy.get()>{words.take_over}</button>
        </form>
    }
}

/// Hears what a scanner read while no sheet is shown.
pub(crate) fn hear_anywhere(tablet: Tablet, scanned: Scanned) {
    let complain = Callback::new(move |text: &'static str| tablet.tell(text.to_owned()));
    hear(tablet, scanned, complain, Callback::new(|()| ()));
}

/// Hears what was scanned, wherever: a handoff is claimed, a picture of a capsule is kept until all are there.
fn hear(tablet: Tablet, scanned: Scanned, complain: Callback<&'static str>, done: Callback<()>) {
    let busy = RwSignal::new(false);
    match scanned {
        Scanned::Handoff(proof) => claim(tablet, proof, complain, busy, done),
        Scanned::Frame(frame) => {
            tablet.frames.update(|frames| frames.see(frame));
            if let Some(proof) = tablet.frames.with_untracked(Frames::whole) {
                tablet.frames.set(Frames::default());
                claim(tablet, proof, complain, busy, done);
            } else if let Some((seen, of)) = tablet.frames.with_untracked(Frames::progress) {
                tablet.tell((tablet.cart_words().pictures_seen)(seen, of));
            }
        }
    }
}

fn claim(
    tablet: Tablet,
    proof: String,
    complain: Callback<&'static str>,
    busy: RwSignal<bool>,
    done: Callback<()>,
) {
    busy.set(true);
    spawn_local(async move {
        let outcome = backend::call(&ClaimCart { proof }).await;
        busy.try_set(false);
        match outcome {
            Ok(page) => {
                done.try_run(());
                add::serve(tablet, &page.value);
                tablet.tell(tablet.cart_words().taken.to_owned());
                let cart = page.value.cart.opening.id;
                tablet.place.go(Route::Carts(Some(cart)));
            }
            Err(refusal) => {
                let text = sentence(tablet, &refusal);
                // The sheet may be gone by now.
                if complain.try_run(text).is_none() {
                    tablet.tell(text.to_owned());
                }
            }
        }
    });
}

fn sentence(tablet: Tablet, refusal: &Refusal) -> &'static str {
    match refusal.code {
        RefusalCode::NotFound | RefusalCode::Refused | RefusalCode::Invalid => {
            tablet.cart_words().code_unknown
        }
        _ => add::sentence(tablet, refusal),
    }
}
