//! What happened to the cart elsewhere, until somebody has read it.

use crate::model::cart::news;
use crate::parts::icon::icon;
use crate::screens::cart::desk::Desk;
use domain::api::device::{Aged, CartPage};
use leptos::prelude::*;

/// The notices that were not read here yet.
pub(crate) fn news(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let said = Memo::new(move |_| {
        page.with(|page| {
            let fresh = news::fresh(&page.value, desk.read.get());
            let sentence = |notice| news::sentence(notice, &page.value, words);
            fresh.iter().map(sentence).collect::<Vec<_>>()
        })
    });
    let done = move |_| {
        desk.mark_read(page.with_untracked(|page| news::newest(&page.value)));
    };
    let inside = move || {
        let said = said.get();
        (!said.is_empty()).then(|| {
            view! {
                <section class="notice notice-warn cart-news" data-testid="cart-news">
                    {icon("info")}
                    <div class="stack grow">
                        <h2 class="label">{words.news}</h2>
                        <ul role="list">{said.into_iter().map(|text| view! { <li dir="auto" data-testid="cart-notice">{text}</li> }).collect_view()}</ul>
                    </div>
                    <button type="button" class="button" data-testid="cart-news-read" on:click=done>{words.news_read}</button>
                </section>
            }
        })
    };
    view! { <div aria-live="polite">{inside}</div> }
}
