//! An order as a receipt: what, what it cost, how it was paid, what came back. It prints as it stands.

use crate::model::cart::paper;
use crate::model::money;
use crate::model::titles;
use crate::parts::icon::icon;
use crate::parts::totals::totals;
use crate::shop::state::Shop;
use domain::cart::{CartOrder, LineTotal, Refund, Settlement};
use domain::ids::Sku;
use leptos::prelude::*;

/// The receipt.
pub(crate) fn receipt(
    shop: Shop,
    order: &CartOrder,
    settlement: &Settlement,
) -> impl IntoView + use<> {
    let lang = shop.lang.get_untracked();
    let (words, hers) = (lang.cart(), shop.hers());
    let number = order
        .receipt
        .as_ref()
        .map_or_else(|| short(order), ToString::to_string);
    let at = order
        .placed_at
        .with_timezone(&crate::backend::clock::here());
    let at = at.format("%Y-%m-%d %H:%M").to_string();
    let lines = order
        .totals
        .lines
        .iter()
        .map(|line| one(shop, line, settlement))
        .collect_view();
    let paid = order.capture.as_ref().map(|capture| {
        let card = paper::card(capture).unwrap_or_default();
        let amount = money::format(capture.amount, lang);
        view! { <p class="line apart"><span>{words.paid_with} " " <span dir="ltr">{card}</span></span> <span class="figure">{amount}</span></p> }
    });
    let refunds = settlement
        .refunds
        .iter()
        .map(|refund| given_back(shop, refund))
        .collect_view();
    view! {
        <article class="card stack receipt" data-testid="shop-receipt" data-order=order.id.to_string()>
            <header class="line apart"><strong class="shop-name-small">"Fleetkant"</strong> <span class="soft figure" dir="ltr">{at}</span></header>
            <p class="soft small" dir="ltr">{(hers.order_number)(&number)}</p>
            <ul role="list" class="stack">{lines}</ul>
            {totals(&order.totals, lang)}
            {paid}
            {refunds}
        </article>
        <button class="button shop-print" data-testid="shop-print" on:click=move |_| { let _ = window().print(); }>{icon("receipt")} {words.print}</button>
    }
}

/// An order's id as people read it: its first eight characters.
pub(crate) fn short(order: &CartOrder) -> String {
    order
        .id
        .as_str()
        .chars()
        .take(8)
        .collect::<String>()
        .to_uppercase()
}

fn one(shop: Shop, line: &LineTotal, settlement: &Settlement) -> impl IntoView + use<> {
    let lang = shop.lang.get_untracked();
    let words = lang.cart();
    let back = settlement.returned(&line.line_id);
    let unit = (words.each)(&money::format(line.unit, lang));
    let goods = money::format(line.goods, lang);
    view! {
        <li>
            <span class="line apart"><span dir="auto">{title(shop, &line.sku)}</span> <span class="figure">{goods}</span></span>
            <span class="soft small figure">{line.quantity} " × " {unit}</span>
            {(back > 0).then(|| view! { <span class="chip chip-warn">{words.given_back} ": " {back}</span> })}
        </li>
    }
}

fn given_back(shop: Shop, refund: &Refund) -> impl IntoView + use<> {
    let lang = shop.lang.get_untracked();
    let amount = money::format(refund.total, lang);
    view! { <p class="line apart" data-testid="shop-refund"><span>{lang.cart().given_back}</span> <span class="figure">"−" {amount}</span></p> }
}

fn title(shop: Shop, sku: &Sku) -> String {
    let Some(view) = shop.item(sku) else {
        return sku.to_string();
    };
    let variant = titles::variant(&view);
    if variant.is_empty() {
        view.item.title
    } else {
        format!("{}, {variant}", view.item.title)
    }
}
