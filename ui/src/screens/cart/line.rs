//! One line of a cart: what it is, how many, what they cost and why; changed by keys and by pushing it aside.

use crate::model::cart::line::CartLine;
use crate::model::cart::reason;
use crate::model::cart::swipe::Swipe;
use crate::model::money;
use crate::parts::art::{art, drawing};
use crate::parts::icon::icon;
use crate::screens::cart::desk::Desk;
use crate::screens::cart::line_note::{editor, noted};
use domain::cart::Action;
use domain::ids::DepartmentId;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The line. It can be changed while `open`.
pub(crate) fn line(desk: Desk, one: Signal<CartLine>, open: Memo<bool>) -> impl IntoView {
    let node: NodeRef<html::Li> = NodeRef::new();
    let swipe = RwSignal::new(Swipe::default());
    let editing = RwSignal::new(false);
    let id = one.with_untracked(|one| one.id().to_string());
    let sku = one.with_untracked(|one| one.line.sku.to_string());
    let take_out = move || remove(desk, one);
    let moved = move |event: ev::PointerEvent| {
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        swipe.update(|swipe| {
            swipe.moved(x, y);
        });
    };
    let up = move |_| {
        let width = node.get_untracked().map(|li| f64::from(li.offset_width()));
        let far = swipe.try_update(|swipe| swipe.up(width.unwrap_or_default()));
        if far == Some(true) && open.get_untracked() {
            take_out();
        }
    };
    let down = move |event: ev::PointerEvent| {
        if open.get_untracked() && !on_control(&event) {
            swipe.update(|swipe| swipe.down(event.client_x().into(), event.client_y().into()));
        }
    };
    let offset = move || format!("translateX({:.0}px)", swipe.get().offset());
    let none = move || one.with(|one| one.line.quantity() == 0);
    view! {
        <li class="cart-line" class:cart-line-none=none node_ref=node data-testid="cart-line" data-line=id data-sku=sku
            style:transform=offset on:pointerdown=down on:pointermove=moved on:pointerup=up
            on:pointercancel=move |_| swipe.set(Swipe::None) on:pointerleave=move |_| swipe.set(Swipe::None)
            on:keydown=move |event| if event.key() == "Delete" && !in_field(&event) && open.get_untracked() { take_out(); }>
            {move || one.with(drawn)}
            {about(desk, one)}
            {stepper(desk, one, open)}
            {amount(desk, one)}
            {keys(desk, one, open, editing)}
            {move || (editing.get() && open.get()).then(|| editor(desk, one, editing))}
        </li>
    }
}

/// Takes a line out. The focus goes to the list: what had it is gone.
fn remove(desk: Desk, one: Signal<CartLine>) {
    let (line_id, observed, title) =
        one.with_untracked(|one| (one.id().clone(), one.line.observed(), one.title.clone()));
    let text = (desk.tablet.cart_words().removed)(&title);
    desk.act(Action::RemoveLine { line_id, observed }, Some(text));
    let list = document().get_element_by_id("cart-lines");
    if let Some(list) = list.and_then(|list| list.dyn_into::<HtmlElement>().ok()) {
        let _ = list.focus();
    }
}

/// Whether a finger went down on something that does something by itself.
fn on_control(event: &ev::PointerEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.closest("button, input, textarea"), Ok(Some(_))))
}

fn in_field(event: &ev::KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA"))
}

fn drawn(one: &CartLine) -> AnyView {
    let unknown = || {
        DepartmentId::parse("other")
            .ok()
            .map(|other| drawing("", "", &other))
    };
    match &one.view {
        Some(view) => art(&view.item).into_any(),
        None => unknown().into_any(),
    }
}

fn about(desk: Desk, one: Signal<CartLine>) -> impl IntoView {
    let lang = desk.tablet.lang.get_untracked();
    let words = lang.cart();
    let detail = move || {
        one.with(|one| {
            let unit = one
                .unit
                .map(|unit| (words.each)(&money::format(unit, lang)));
            let parts = [Some(one.variant.clone()), unit];
            let said = parts.into_iter().flatten().filter(|part| !part.is_empty());
            said.collect::<Vec<_>>().join(" · ")
        })
    };
    let offs = Memo::new(move |_| one.with(|one| one.off.clone()));
    let off = move |off: domain::cart::Discount| {
        let why = reason::sentence(&off.reason, words, lang);
        let amount = money::format(off.amount, lang);
        view! {
            <li class="cart-off" data-testid="cart-off">
                {icon("percent")} <span dir="auto">{off.title}</span> <span class="soft">{why}</span> <span class="figure">"−"{amount}</span>
            </li>
        }
    };
    view! {
        <div class="cart-line-words">
            <span class="cart-line-title" dir="auto">{move || one.with(|one| one.title.clone())}</span>
            <span class="soft small" dir="auto">{detail}</span>
            {move || offs.with(|offs| (!offs.is_empty()).then(|| view! {
                <ul class="cart-offs" role="list">{offs.iter().cloned().map(off).collect_view()}</ul>
            }))}
            {noted(one)}
            {allotted(desk, one)}
        </div>
    }
}

/// Pieces that may be sold without a network, while there is none.
fn allotted(desk: Desk, one: Signal<CartLine>) -> impl IntoView {
    let words = desk.tablet.cart_words();
    move || {
        let offline = !desk.tablet.is_online();
        offline.then(|| {
            let (allotted, wanted) = one.with(|one| (one.allotted, u64::from(one.line.quantity())));
            view! { <span class="small" class:warn=wanted.gt(&allotted) data-testid="allotted">{(words.allotted)(allotted)}</span> }
        })
    }
}

fn stepper(desk: Desk, one: Signal<CartLine>, open: Memo<bool>) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let title = move || one.with(|one| one.title.clone());
    let fewer = move |_| {
        let last = one.with_untracked(|one| one.line.quantity() <= 1);
        if last {
            remove(desk, one);
        } else {
            desk.act(one.with_untracked(|one| one.line.step(-1)), None);
        }
    };
    let more = move |_| desk.act(one.with_untracked(|one| one.line.step(1)), None);
    view! {
        <div class="stepper" role="group" aria-label=move || (words.quantity_of)(&title())>
            <button type="button" class="button button-icon" data-testid="cart-fewer" aria-label=move || (words.fewer_of)(&title())
                disabled=move || !open.get() on:click=fewer>{icon("minus")}</button>
            <span class="stepper-count figure" aria-live="polite" data-testid="cart-quantity">{move || one.with(|one| one.line.quantity())}</span>
            <button type="button" class="button button-icon" data-testid="cart-more" aria-label=move || (words.more_of)(&title())
                disabled=move || !open.get() on:click=more>{icon("plus")}</button>
        </div>
    }
}

fn amount(desk: Desk, one: Signal<CartLine>) -> impl IntoView {
    let lang = desk.tablet.lang.get_untracked();
    let none = lang.words().no_price;
    let before = move || one.with(|one| one.before.map(|before| money::format(before, lang)));
    let amount = move || {
        let amount = one.with(|one| one.amount.map(|amount| money::format(amount, lang)));
        amount.unwrap_or_else(|| none.to_owned())
    };
    view! {
        <div class="cart-line-amount">
            <span class="price" data-testid="cart-amount">{amount}</span>
            {move || before().map(|before| view! { <span class="price-was small">{before}</span> })}
        </div>
    }
}

fn keys(
    desk: Desk,
    one: Signal<CartLine>,
    open: Memo<bool>,
    editing: RwSignal<bool>,
) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let title = move || one.with(|one| one.title.clone());
    view! {
        <div class="cart-line-keys">
            <button type="button" class="button button-icon button-quiet" data-testid="cart-note" aria-label=move || (words.note_of)(&title())
                aria-expanded=move || editing.get().to_string() disabled=move || !open.get()
                on:click=move |_| editing.update(|editing| *editing = !*editing)>{icon("note")}</button>
            <button type="button" class="button button-icon button-quiet" data-testid="cart-remove" aria-label=move || (words.remove_of)(&title())
                disabled=move || !open.get() on:click=move |_| remove(desk, one)>{icon("trash")}</button>
        </div>
    }
}
