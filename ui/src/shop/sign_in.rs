//! Signing in: an address or number that she gave before, and the six digits that come there.

use crate::shop::courier;
use crate::shop::line::{self, Trouble, post};
use crate::shop::segment::Click;
use crate::shop::stamp::new_command;
use crate::shop::state::Shop;
use domain::api::shopper::{CodeSent, SendCode, ShopperSignIn, ShopperToken};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How many digits a code has.
const DIGITS: usize = 6;

/// What is typed and asked.
#[derive(Clone, Copy)]
struct Form {
    contact: RwSignal<String>,
    sent: RwSignal<Option<CodeSent>>,
    typed: RwSignal<String>,
    busy: RwSignal<bool>,
    complaint: RwSignal<Option<&'static str>>,
}

/// The way in.
pub(crate) fn sign_in(shop: Shop) -> impl IntoView {
    let form = Form {
        contact: RwSignal::new(String::new()),
        sent: RwSignal::new(None),
        typed: RwSignal::new(String::new()),
        busy: RwSignal::new(false),
        complaint: RwSignal::new(None),
    };
    let asked = Memo::new(move |_| form.sent.with(Option::is_some));
    view! {
        <h1>{shop.words().sign_in}</h1>
        <p class="soft">{shop.hers().sign_in_help}</p>
        {move || if asked.get() { code_form(shop, form).into_any() } else { contact_form(shop, form).into_any() }}
        {move || form.complaint.get().map(|why| view! { <p class="notice notice-warn" role="alert" data-testid="shop-sign-in-complaint">{why}</p> })}
    }
}

fn contact_form(shop: Shop, form: Form) -> impl IntoView {
    let hers = shop.hers();
    let fit = move || form.contact.with(|contact| contact.trim().len() >= 3);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if fit() {
            ask(shop, form);
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <label class="field">
                <span class="label">{hers.contact}</span>
                <input class="input" type="text" inputmode="email" dir="ltr" data-testid="shop-contact" maxlength="128" autocomplete="email" autocapitalize="off" spellcheck="false"
                    prop:value=move || form.contact.get() on:input:target=move |event| form.contact.set(event.target().value())/>
            </label>
            <button class="button button-primary" type="submit" data-testid="shop-send-code" disabled=move || form.busy.get() || !fit()>{hers.send_code}</button>
        </form>
    }
}

fn code_form(shop: Shop, form: Form) -> impl IntoView {
    let (words, hers) = (shop.words(), shop.hers());
    let fit = move || form.typed.with(|typed| digits(typed).len() == DIGITS);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if fit() {
            enter(shop, form);
        }
    };
    let back = move |_| {
        form.sent.set(None);
        form.typed.set(String::new());
        form.complaint.set(None);
    };
    view! {
        <form class="stack" on:submit=submit>
            <p role="status" dir="auto">{(hers.code_sent)(form.contact.get_untracked().trim())}</p>
            <label class="field">
                <span class="label">{hers.six_digits}</span>
                <input class="input shop-code-input" type="text" inputmode="numeric" dir="ltr" data-testid="shop-six-digits" maxlength="9" autocomplete="one-time-code" spellcheck="false"
                    on:input:target=move |event| form.typed.set(event.target().value())/>
            </label>
            <button class="button button-primary" type="submit" data-testid="shop-sign-in" disabled=move || form.busy.get() || !fit()>{words.sign_in}</button>
            <button class="button button-quiet" type="button" data-testid="shop-other-contact" on:click=back>{hers.other_contact}</button>
        </form>
    }
}

/// The digits of what was typed; spaces and hyphens are for people.
fn digits(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_digit).collect()
}

fn ask(shop: Shop, form: Form) {
    form.busy.set(true);
    form.complaint.set(None);
    spawn_local(async move {
        let contact = form.contact.get_untracked().trim().to_owned();
        match post::<CodeSent>(shop, "/v1/shopper/codes", &SendCode { contact }).await {
            Ok(sent) => form.sent.set(Some(sent)),
            Err(trouble) => form.complaint.set(Some(complaint(shop, &trouble))),
        }
        form.busy.set(false);
    });
}

fn enter(shop: Shop, form: Form) {
    let Some(sent) = form.sent.get_untracked() else {
        return;
    };
    form.busy.set(true);
    form.complaint.set(None);
    spawn_local(async move {
        let request = ShopperSignIn {
            challenge: sent.challenge,
            code: digits(&form.typed.get_untracked()),
        };
        // What she did as a guest is said as a guest.
        courier::settle(shop).await;
        match post::<ShopperToken>(shop, "/v1/shopper/sign-in", &request).await {
            Ok(token) => enter_as(shop, token),
            Err(trouble) => form.complaint.set(Some(complaint(shop, &trouble))),
        }
        form.busy.set(false);
    });
}

/// The browser is hers from now on; its cart goes to hers.
fn enter_as(shop: Shop, token: ShopperToken) {
    line::take(token);
    if let Some(merge) = new_command() {
        shop.with_basket(|basket| basket.join(merge));
    }
    shop.renamed();
    shop.tell(&Click::Identify);
    courier::go(shop);
}

fn complaint(shop: Shop, trouble: &Trouble) -> &'static str {
    let hers = shop.hers();
    match trouble.status() {
        0 | 500..=599 => hers.no_answer,
        429 => hers.wait_tries,
        _ => hers.wrong_code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_for_people() {
        assert_eq!(digits("123 456"), "123456");
        assert_eq!(digits("12-34-5x"), "12345");
    }
}
