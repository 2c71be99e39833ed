//! Goods come back: which pieces, what is given back for them, done.

use crate::backend;
use crate::load::Load;
use crate::model::cart::back::{self, Pieces};
use crate::model::cart::paper;
use crate::model::money;
use crate::parts::icon::icon;
use crate::parts::modal::modal;
use crate::screens::cart::add;
use crate::tablet::Tablet;
use domain::api::device::{OrderPage, ReturnGoods};
use domain::cart::LineTotal;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The sheet.
pub(crate) fn returns(
    tablet: Tablet,
    load: RwSignal<Load<OrderPage>>,
    page: Signal<OrderPage>,
    shown: RwSignal<bool>,
) -> impl IntoView {
    let (say, words) = (tablet.words(), tablet.cart_words());
    let lang = tablet.lang.get_untracked();
    let pieces = RwSignal::new(Pieces::new());
    let busy = RwSignal::new(false);
    let sum =
        Memo::new(move |_| page.with(|page| pieces.with(|pieces| back::given_back(page, pieces))));
    let label = move || {
        let sum = sum.get().map(|sum| money::format(sum, lang));
        sum.map_or_else(|| words.take_back.to_owned(), |sum| (words.give_back)(&sum))
    };
    let give = move |_| {
        let order = page.with_untracked(|page| page.order.id.clone());
        let call = ReturnGoods {
            order,
            pieces: pieces.get_untracked(),
        };
        let amount = sum
            .get_untracked()
            .map(|sum| money::format(sum, lang))
            .unwrap_or_default();
        busy.set(true);
        spawn_local(async move {
            let outcome = backend::call(&call).await;
            busy.try_set(false);
            match outcome {
                Ok(page) => {
                    load.try_update(|load| {
                        let ticket = load.ask();
                        load.answer(ticket, Ok(page));
                    });
                    shown.try_set(false);
                    tablet.tell((words.give_back_done)(&amount));
                }
                Err(refusal) => tablet.tell(add::sentence(tablet, &refusal).to_owned()),
            }
        });
    };
    let lines = page.with_untracked(|page| page.order.totals.lines.clone());
    let inside = view! {
        <header class="line apart">
            <h2>{words.take_back}</h2>
            <button type="button" class="button button-icon button-quiet" aria-label=say.close on:click=move |_| shown.set(false)>{icon("close")}</button>
        </header>
        <p class="soft">{words.take_back_help}</p>
        <ul class="rows" role="list">{lines.into_iter().map(|line| row(tablet, page, pieces, line)).collect_view()}</ul>
        <span class="grow"></span>
        <button type="button" class="button button-primary button-wide figure" data-testid="give-back" disabled=move || busy.get() || sum.get().is_none()
            on:click=give>{label}</button>
    };
    modal(
        "sheet",
        words.take_back,
        "returns",
        Callback::new(move |()| shown.set(false)),
        inside,
    )
}

fn row(
    tablet: Tablet,
    page: Signal<OrderPage>,
    pieces: RwSignal<Pieces>,
    line: LineTotal,
) -> impl IntoView {
    let words = tablet.cart_words();
    let title = page.with_untracked(|page| paper::item(page, &line));
    let id = StoredValue::new(line.line_id.clone());
    let left = Memo::new(move |_| page.with(|page| back::left(page, &line)));
    let chosen = move || {
        pieces.with(|pieces| {
            id.with_value(|id| pieces.get(id).copied())
                .unwrap_or_default()
        })
    };
    let step = move |more: bool| {
        let left = left.get_untracked();
        pieces.update(|pieces| id.with_value(|id| back::step(pieces, id, more, left)));
    };
    view! {
        <li class="row" data-testid="return-line">
            <span class="row-words"><span class="row-title" dir="auto">{title.clone()}</span>
                <span class="row-detail soft figure">{move || (words.can_come_back)(left.get())}</span></span>
            <div class="stepper" role="group" aria-label=(words.quantity_of)(&title)>
                <button type="button" class="button button-icon" aria-label=(words.fewer_of)(&title) disabled=move || chosen() == 0
                    on:click=move |_| step(false)>{icon("minus")}</button>
                <span class="stepper-count figure" aria-live="polite">{chosen}</span>
                <button type="button" class="button button-icon" data-testid="return-more" aria-label=(words.more_of)(&title)
                    disabled=move || left.with(|left| chosen() >= *left) on:click=move |_| step(true)>{icon("plus")}</button>
            </div>
        </li>
    }
}
