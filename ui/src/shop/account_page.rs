//! Who is browsing: a demo without a password.

use crate::shop::state::Shop;
use leptos::prelude::*;

/// The page.
pub(crate) fn account_page(shop: Shop) -> impl IntoView {
    let words = shop.words();
    view! {
        <div class="shop-account-page stack">
            <h1>{words.account}</h1>
            <p class="soft">{words.account_demo}</p>
            {move || match shop.user.get() {
                Some(user) => known(shop, &user).into_any(),
                None => unknown(shop).into_any(),
            }}
        </div>
    }
}

fn known(shop: Shop, user: &str) -> impl IntoView + use<> {
    let words = shop.words();
    view! {
        <p class="notice" role="status" data-testid="shop-user">{(words.signed_in_as)(user)}</p>
        <button class="button" data-testid="shop-sign-out" on:click=move |_| shop.forget()>{words.sign_out}</button>
    }
}

fn unknown(shop: Shop) -> impl IntoView {
    let words = shop.words();
    let typed = RwSignal::new(String::new());
    let fit =
        move || domain::ids::CustomerId::parse(typed.with(|typed| typed.trim().to_owned())).is_ok();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if fit() {
            shop.identify(typed.get_untracked().trim().to_owned());
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <label class="field">
                <span class="label">{words.account_help}</span>
                <input class="input" type="text" data-testid="shop-identify" maxlength="128" autocomplete="off" spellcheck="false"
                    on:input:target=move |event| typed.set(event.target().value())/>
            </label>
            <button class="button button-primary" type="submit" data-testid="shop-sign-in" disabled=move || !fit()>{words.sign_in}</button>
        </form>
    }
}
