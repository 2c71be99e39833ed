//! What she should know of her cart: that nobody answers, what waits, what others did, and that two carts became one.

use crate::model::cart::channel;
use crate::model::titles;
use crate::parts::icon::icon;
use crate::shop::basket::Basket;
use crate::shop::courier;
use crate::shop::line::{Trouble, post};
use crate::shop::state::Shop;
use domain::api::cart::{CartView, UndoMergeRequest};
use domain::cart::{Notice, NoticeKind};
use domain::ids::{LineId, Sku};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The notices above the cart; nothing where there is nothing to say.
pub(crate) fn cart_news(shop: Shop) -> impl IntoView {
    view! {
        {unsent(shop)}
        {joined(shop)}
        {news(shop)}
    }
}

fn unsent(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
    let waiting =
        Memo::new(move |_| u32::try_from(shop.basket.with(Basket::unsent)).unwrap_or(u32::MAX));
    move || {
        (!shop.reached.get()).then(|| {
            let waiting = waiting.get();
            view! {
                <p class="notice notice-warn" role="status" data-testid="shop-offline">
                    {icon("cloud-off")}
                    <span>
                        {hers.offline}
                        {(waiting > 0).then(|| view! { <br/> <span data-testid="shop-unsent">{(words.unsent)(waiting)}</span> })}
                    </span>
                </p>
            }
        })
    }
}

fn joined(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
    let merged = Memo::new(move |_| shop.basket.with(|basket| basket.merged().is_some()));
    move || {
        merged.get().then(|| view! {
            <div class="notice apart" role="status" data-testid="shop-joined">
                <span>{hers.joined}</span>
                <span class="line">
                    <button class="button" data-testid="shop-separate" on:click=move |_| separate(shop)>{icon("undo")} {words.undo}</button>
                    <button class="button button-icon button-quiet" aria-label=words.news_read
                        on:click=move |_| shop.with_basket(Basket::leave_merged)>{icon("close")}</button>
                </span>
            </div>
        })
    }
}

/// Each cart has its own again; both stay hers.
fn separate(shop: Shop) {
    spawn_local(async move {
        match try_separate(shop).await {
            Ok(()) => shop.say(shop.hers().apart),
            Err(Trouble::Offline) => shop.say(shop.hers().no_answer),
            Err(Trouble::Refused(_)) => shop.say(shop.hers().not_now),
        }
    });
}

async fn try_separate(shop: Shop) -> Result<(), Trouble> {
    if !courier::settle(shop).await {
        return Err(Trouble::Offline);
    }
    let (merged, cart) = shop
        .basket
        .with_untracked(|basket| (basket.merged().cloned(), basket.id().cloned()));
    let (Some(merged), Some(cart)) = (merged, cart) else {
        return Ok(());
    };
    let path = format!("/v1/carts/{cart}/merge/undo");
    let view: CartView = post(shop, &path, &UndoMergeRequest { id: merged.id }).await?;
    shop.with_basket(|basket| {
        basket.saw(view);
        basket.leave_merged();
    });
    courier::assign(shop, &merged.from).await
}

/// What happened elsewhere, and what could not be done here.
fn news(shop: Shop) -> impl IntoView {
    let words = shop.lang.get_untracked().cart();
    let said = Memo::new(move |_| sentences(shop));
    move || {
        let said = said.get();
        (!said.is_empty()).then(|| view! {
            <div class="notice apart" role="status" data-testid="shop-news">
                <ul role="list" class="stack">{said.into_iter().map(|text| view! { <li dir="auto">{text}</li> }).collect_view()}</ul>
                <button class="button" data-testid="shop-news-read" on:click=move |_| shop.with_basket(Basket::has_read)>{words.news_read}</button>
            </div>
        })
    }
}

fn sentences(shop: Shop) -> Vec<String> {
    let (news, turned) = shop
        .basket
        .with(|basket| (basket.news(), basket.turned().to_vec()));
    let words = shop.lang.get_untracked().cart();
    let news = news
        .iter()
        .rev()
        .take(3)
        .filter_map(|notice| sentence(shop, notice));
    let turned = turned.iter().map(|turned| {
        let title = turned
            .sku
            .as_ref()
            .map_or_else(|| words.a_line.to_owned(), |sku| title(shop, sku));
        format!(
            "{title}: {}",
            crate::model::cart::stage::refusal(&turned.refusal, words)
        )
    });
    news.chain(turned).collect()
}

/// What a notice says to her; what she did herself is no news.
fn sentence(shop: Shop, notice: &Notice) -> Option<String> {
    let words = shop.lang.get_untracked().cart();
    let of_line = |line: &LineId| {
        let sku = shop.basket.with_untracked(|basket| {
            let cart = basket.confirmed().map(|view| &view.cart)?;
            let there = cart.line(line).map(|line| line.sku.clone());
            there.or_else(|| {
                cart.sold
                    .iter()
                    .find(|sold| sold.id == *line)
                    .map(|sold| sold.sku.clone())
            })
        });
        sku.map_or_else(|| words.a_line.to_owned(), |sku| title(shop, &sku))
    };
    Some(match &notice.kind {
        NoticeKind::StaleQuantity {
            line,
            by,
            before,
            now,
        } => (words.news_quantity)(
            &of_line(line),
            *before,
            *now,
            channel::place(by.channel, words),
        ),
        NoticeKind::RemovedWhileChanged {
            sku, by, quantity, ..
        } => (words.news_removed)(
            &title(shop, sku),
            *quantity,
            channel::place(by.channel, words),
        ),
        NoticeKind::LineRenamed { given, .. } => (words.news_twice)(&of_line(given)),
        NoticeKind::HeldDuringCheckout { line } => (words.news_held)(&of_line(line)),
        NoticeKind::FollowUp { line, .. } => (words.news_follow_up)(&of_line(line)),
        NoticeKind::HeldThenRefused { line, .. } => (words.news_held_refused)(&of_line(line)),
        NoticeKind::PricesConfirmed { lines } => (words.news_prices)(*lines),
        // Said above the cart, or by the cart itself.
        _ => return None,
    })
}

fn title(shop: Shop, sku: &Sku) -> String {
    let view = shop
        .catalogue
        .with(|catalogue| catalogue.find(sku).cloned());
    let Some(view) = view else {
        return sku.to_string();
    };
    let variant = titles::variant(&view);
    if variant.is_empty() {
        view.item.title
    } else {
        format!("{}, {variant}", view.item.title)
    }
}
