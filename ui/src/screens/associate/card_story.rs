//! *Her story*: notes, orders, sizes, wish list, the day to remember.

use crate::load::Load;
use crate::model::age::Age;
use crate::model::story::{OrderKind, OrderRow, birthday, order_row};
use crate::model::{money, titles};
use crate::screens::associate::notes;
use crate::tablet::Tablet;
use domain::api::device::{Aged, CustomerCard};
use leptos::prelude::*;

/// The column.
pub(crate) fn story(
    tablet: Tablet,
    load: RwSignal<Load<Aged<CustomerCard>>>,
    card: Signal<Aged<CustomerCard>>,
) -> impl IntoView {
    let words = tablet.words();
    view! {
        <section class="column" aria-label=words.story data-testid="card-story">
            <h2 class="column-title">{words.story}</h2>
            {notes::notes(tablet, load, card)}
            {facts(tablet, card)}
            {orders(tablet, card)}
        </section>
    }
}

fn orders(tablet: Tablet, card: Signal<Aged<CustomerCard>>) -> impl IntoView {
    let words = tablet.words();
    let rows = Memo::new(move |_| {
        card.with(|card| {
            card.value
                .orders
                .iter()
                .map(|order| order_row(order, &card.value.items))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <h3 class="label">{words.orders}</h3>
        {move || rows.with(Vec::is_empty).then(|| view! { <p class="soft">{words.no_orders}</p> })}
        <ul class="orders" role="list">{move || rows.get().iter().map(|row| order(tablet, row)).collect_view()}</ul>
    }
}

fn order(tablet: Tablet, row: &OrderRow) -> impl IntoView + use<> {
    let words = tablet.words();
    let lang = tablet.lang.get_untracked();
    let kind = match row.kind {
        OrderKind::Store => words.in_store,
        OrderKind::Online => words.in_shop,
        OrderKind::Return => words.brought_back,
    };
    let others = (row.others > 0).then(|| (words.and_others)(row.others));
    let named = row
        .named
        .iter()
        .cloned()
        .chain(others)
        .collect::<Vec<_>>()
        .join(", ");
    let placed_at = row.placed_at;
    let total = row.total.map(|total| money::format(total, lang));
    view! {
        <li class="order" data-testid="order">
            <span class="line apart">
                <span class="small soft">{move || (words.age)(tablet.age(placed_at))} " · " {kind}</span>
                <span class="price">{total}</span>
            </span>
            <span class="clamp" dir="auto">{named}</span>
        </li>
    }
}

/// Sizes, wish list and birthday, where they are known.
fn facts(tablet: Tablet, card: Signal<Aged<CustomerCard>>) -> impl IntoView {
    let words = tablet.words();
    let facts = Memo::new(move |_| {
        card.with(|card| {
            let customer = &card.value.customer;
            let sizes = customer
                .sizes
                .iter()
                .map(|size| format!("{} {}", size.of, size.size))
                .collect::<Vec<_>>()
                .join(" · ");
            let wishes = customer
                .wish_list
                .iter()
                .map(|sku| titles::title(&card.value.items, sku))
                .collect::<Vec<_>>()
                .join(", ");
            let day = customer.birthday.as_deref().and_then(birthday);
            let day = day
                .map(|(month, day)| {
                    (words.age)(Age::Day {
                        day,
                        month,
                        year: None,
                    })
                })
                .unwrap_or_default();
            [
                (words.sizes, sizes),
                (words.wish_list, wishes),
                (words.birthday, day),
            ]
        })
    });
    move || {
        let known = facts
            .get()
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect::<Vec<_>>();
        (!known.is_empty()).then(|| {
            let rows = known
                .into_iter()
                .map(|(name, text)| view! { <dt>{name}</dt> <dd dir="auto">{text}</dd> });
            view! { <dl class="facts">{rows.collect_view()}</dl> }
        })
    }
}
