//! What has to be settled before a cart can be sold: prices that moved, goods that are short, a sum that is another.

use crate::model::cart::line;
use crate::model::cart::prices::Agreement;
use crate::model::cart::stage::{self, Said};
use crate::model::money;
use crate::parts::icon::icon;
use crate::screens::cart::desk::Desk;
use crate::words::CartWords;
use domain::api::device::{Aged, CartPage, ConfirmPrices};
use domain::cart::{Action, PriceChange, PriceChangeReason};
use domain::ids::{LineId, Sku};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// What stands in the way, and what to do about it.
pub(crate) fn stopped(desk: Desk, page: Signal<Aged<CartPage>>, said: Said) -> AnyView {
    let (lang, words) = (desk.tablet.lang.get_untracked(), desk.tablet.cart_words());
    match said {
        Said::Prices(agreement) => prices(desk, page, agreement).into_any(),
        Said::Short(left) => short(desk, page, left).into_any(),
        Said::Refused(refusal) => {
            let text = stage::refusal(&refusal, words);
            view! { <p class="notice notice-warn" data-testid="checkout-refused">{icon("warning")} {text}</p> }.into_any()
        }
        Said::Total { was } => {
            let now = page.with_untracked(|page| page.value.totals.as_ref().map(|t| t.total));
            let now = now.map(|now| money::format(now, lang)).unwrap_or_default();
            let text = (words.total_moved)(&money::format(was, lang), &now);
            view! { <p class="notice notice-warn" data-testid="total-moved">{icon("warning")} {text}</p> }.into_any()
        }
    }
}

fn prices(desk: Desk, page: Signal<Aged<CartPage>>, first: Agreement) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let changes = first.changes.clone();
    let agreement = RwSignal::new(first);
    let ready = Memo::new(move |_| agreement.with(|agreement| agreement.prices().is_some()));
    let take = move |_| {
        let agreed =
            agreement.with_untracked(|all| all.prices().map(|prices| (prices, all.version)));
        let Some((prices, version)) = agreed else {
            return;
        };
        let cart = desk.cart.get_value();
        desk.ask(
            ConfirmPrices {
                cart,
                version,
                prices,
            },
            move |page| {
                desk.said.set(None);
                desk.put_own(page);
            },
        );
    };
    view! {
        <section class="stop stack" data-testid="prices-changed">
            <h2 class="stop-title">{words.prices_title}</h2>
            <p class="small">{words.prices_help}</p>
            <ul class="stack" role="list">{changes.iter().map(|change| price(desk, page, agreement, change)).collect_view()}</ul>
            <button type="button" class="button button-primary button-wide" data-testid="prices-take" disabled=move || !ready.get() || desk.busy.get()
                on:click=take>{words.take_prices}</button>
        </section>
    }
}

fn price(
    desk: Desk,
    page: Signal<Aged<CartPage>>,
    agreement: RwSignal<Agreement>,
    change: &PriceChange,
) -> impl IntoView + use<> {
    let (lang, words) = (desk.tablet.lang.get_untracked(), desk.tablet.cart_words());
    let title = page.with_untracked(|page| line::title(&page.value, &change.sku));
    let was = change.was.map(|was| money::format(was, lang));
    let now = change.now.as_ref().map(|now| money::format(now.unit, lang));
    let id = change.line_id.clone();
    let answer = if change.now.is_some() {
        let (shown, set) = (id.clone(), id);
        let has = move || agreement.with(|agreement| agreement.has(&shown));
        view! {
            <label class="line stop-agree">
                <input class="switch" type="checkbox" data-testid="price-agree" prop:checked=has
                    on:change:target=move |event| agreement.update(|agreement| agreement.set(&set, event.target().checked()))/>
                {words.agrees}
            </label>
        }
        .into_any()
    } else {
        take_out(desk, page, id, &title).into_any()
    };
    view! {
        <li class="stop-line" data-testid="price-change">
            <span class="row-words"><strong dir="auto">{title}</strong> <span class="small soft">{why(change.reason, words)}</span></span>
            <span class="row-figures"><span class="price">{now}</span> <span class="price-was small">{was}</span></span>
            {answer}
        </li>
    }
}

const fn why(reason: PriceChangeReason, words: &CartWords) -> &'static str {
    match reason {
        PriceChangeReason::Moved => words.price_moved,
        PriceChangeReason::Expired => words.price_expired,
        PriceChangeReason::NewlyPriced => words.price_new,
        PriceChangeReason::NotSold => words.price_none,
    }
}

fn take_out(
    desk: Desk,
    page: Signal<Aged<CartPage>>,
    line_id: LineId,
    title: &str,
) -> impl IntoView + use<> {
    let words = desk.tablet.cart_words();
    let text = (words.removed)(title);
    let remove = move |_| {
        let observed =
            page.with_untracked(|page| page.value.cart.line(&line_id).map(|line| line.observed()));
        if let Some(observed) = observed {
            let line_id = line_id.clone();
            desk.act(Action::RemoveLine { line_id, observed }, Some(text.clone()));
        }
    };
    view! { <button type="button" class="button" on:click=remove>{icon("trash")} {(words.remove_of)(title)}</button> }
}

fn short(desk: Desk, page: Signal<Aged<CartPage>>, left: BTreeMap<Sku, u64>) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let said = page.with_untracked(|page| {
        let one =
            |(sku, left): (&Sku, &u64)| (words.short_of)(&line::title(&page.value, sku), *left);
        left.iter().map(one).collect::<Vec<_>>()
    });
    let take = move |_| {
        let actions = page.with_untracked(|page| fit(&page.value, &left));
        for action in actions {
            desk.act(action, Some(words.changed.to_owned()));
        }
    };
    view! {
        <section class="stop stack" data-testid="out-of-stock">
            <h2 class="stop-title">{words.short_title}</h2>
            <ul role="list">{said.into_iter().map(|text| view! { <li dir="auto">{text}</li> }).collect_view()}</ul>
            <button type="button" class="button button-wide" data-testid="take-what-is-left" on:click=take>{words.take_what_is_left}</button>
        </section>
    }
}

/// What makes of each item as many as there are: later lines give way first.
fn fit(page: &CartPage, left: &BTreeMap<Sku, u64>) -> Vec<Action> {
    let mut left = left.clone();
    let mut actions = Vec::new();
    for line in page.cart.counted() {
        let Some(left) = left.get_mut(&line.sku) else {
            continue;
        };
        let wanted = u64::from(line.quantity());
        let kept = wanted.min(*left);
        *left -= kept;
        if kept == wanted {
            continue;
        }
        let line_id = line.id.clone();
        let fewer = i32::try_from(wanted - kept).unwrap_or(i32::MAX);
        actions.push(if kept == 0 {
            Action::RemoveLine {
                line_id,
                observed: line.observed(),
            }
        } else {
            line.step(-fewer)
        });
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_taken_as_there_are() {
        let page = line::tests::page();
        let sku = |index: usize| page.cart.lines.get(index).unwrap().sku.clone();
        let left = BTreeMap::from([(sku(0), 1), (sku(1), 0)]);
        let actions = fit(&page, &left);
        assert!(matches!(
            actions.first(),
            Some(Action::ChangeQuantity { delta: -1, .. })
        ));
        assert!(matches!(actions.last(), Some(Action::RemoveLine { .. })));
        assert!(fit(&page, &BTreeMap::from([(sku(0), 2)])).is_empty());
    }
}
