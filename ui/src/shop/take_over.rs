//! A cart comes here from another screen: by the address in its QR, by its code, or by the camera.

use crate::backend::camera::{self, Camera};
use crate::model::cart::code;
use crate::shop::courier;
use crate::shop::line::{Trouble, post, session};
use crate::shop::route::ShopRoute;
use crate::shop::state::Shop;
use domain::api::cart::{ClaimAnswer, ClaimRequest};
use domain::cart::{Channel, Claimant, Proof};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taking {
    Idle,
    Asking,
    Failed(&'static str),
}

/// The page that another screen's QR leads to.
pub(crate) fn handoff_page(shop: Shop, secret: String) -> impl IntoView {
    let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
    let taking = RwSignal::new(Taking::Idle);
    let again = secret.clone();
    take(shop, taking, Proof::Secret { secret });
    view! {
        <h1>{words.take_over}</h1>
        {move || match taking.get() {
            Taking::Idle | Taking::Asking => view! { <p class="soft" role="status">{hers.taking}</p> }.into_any(),
            Taking::Failed(why) => {
                let secret = again.clone();
                view! {
                    <p class="notice notice-warn" role="alert" data-testid="shop-not-taken">{why}</p>
                    <button class="button" on:click=move |_| take(shop, taking, Proof::Secret { secret: secret.clone() })>{shop.words().try_again}</button>
                }.into_any()
            }
        }}
    }
}

/// The page where a code is typed or scanned.
pub(crate) fn take_over_page(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
    let taking = RwSignal::new(Taking::Idle);
    let typed = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match code::typed(&typed.get_untracked()) {
            Some(code) => take(shop, taking, Proof::Code { code }),
            None => taking.set(Taking::Failed(words.code_bad)),
        }
    };
    let busy = move || taking.get() == Taking::Asking;
    let failed = move || match taking.get() {
        Taking::Failed(why) => Some(why),
        _ => None,
    };
    view! {
        <div class="stack shop-narrow">
            <h1>{hers.bring_here}</h1>
            <p class="soft">{hers.bring_help}</p>
            <form class="stack" on:submit=submit>
                <label class="field">
                    <span class="label">{words.code}</span>
                    <input class="input shop-code-input" type="text" dir="ltr" data-testid="shop-code-input" maxlength="12" autocomplete="off"
                        autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX"
                        aria-invalid=move || failed().map(|_| "true") on:input:target=move |event| typed.set(event.target().value())/>
                </label>
                {move || failed().map(|why| view! { <p class="notice notice-warn" role="alert" data-testid="shop-not-taken">{why}</p> })}
                <button class="button button-primary" type="submit" data-testid="shop-take" disabled=busy>{words.take_over}</button>
            </form>
            {camera::has_reader().then(|| with_camera(shop, taking))}
        </div>
    }
}

/// The camera, where the browser reads codes by itself.
fn with_camera(shop: Shop, taking: RwSignal<Taking>) -> impl IntoView {
    let words = shop.lang.get_untracked().cart();
    let (on, none) = (RwSignal::new(false), RwSignal::new(false));
    let node: NodeRef<html::Video> = NodeRef::new();
    let look = move |video: web_sys::HtmlVideoElement| {
        spawn_local(async move {
            let Some(camera) = Camera::open(&video).await else {
                none.try_set(true);
                on.try_set(false);
                return;
            };
            while on.try_get_untracked() == Some(true) {
                let seen = camera.look().await;
                let secret = seen.iter().find_map(|text| secret_in(text));
                if let Some(secret) = secret {
                    on.try_set(false);
                    take(shop, taking, Proof::Secret { secret });
                }
            }
            camera.close();
        });
    };
    Effect::new(move |_| {
        if let Some(video) = node.get() {
            look(video);
        }
    });
    on_cleanup(move || {
        on.try_set(false);
    });
    view! {
        {move || if on.get() {
            view! {
                <video class="shop-camera" node_ref=node muted playsinline aria-label=words.camera_help></video>
                <p class="soft small">{words.camera_help}</p>
            }.into_any()
        } else {
            view! { <button class="button" data-testid="shop-camera" on:click=move |_| on.set(true)>{words.camera}</button> }.into_any()
        }}
        {move || none.get().then(|| view! { <p class="notice" role="status">{words.camera_none}</p> })}
    }
}

/// The secret in what a QR says: the end of its address.
fn secret_in(text: &str) -> Option<String> {
    let code::Scanned::Handoff(address) = code::Scanned::of(text)? else {
        return None;
    };
    let (_, secret) = address.rsplit_once('/')?;
    let secret = secret.split(['?', '#']).next()?;
    Some(secret.to_owned())
}

fn take(shop: Shop, taking: RwSignal<Taking>, proof: Proof) {
    if taking.get_untracked() == Taking::Asking {
        return;
    }
    taking.set(Taking::Asking);
    spawn_local(async move {
        match claim(shop, proof).await {
            Ok(()) => shop.place.replace(ShopRoute::Cart),
            Err(trouble) => {
                let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
                taking.try_set(Taking::Failed(match trouble.slug() {
                    "" | "unavailable" => hers.no_answer,
                    "code-unknown" | "code-over" | "invalid-request" => words.code_unknown,
                    "too-many-tries" => hers.wait_tries,
                    _ => hers.not_now,
                }));
            }
        }
    });
}

async fn claim(shop: Shop, proof: Proof) -> Result<(), Trouble> {
    // What she did before belongs to the cart before.
    if !courier::settle(shop).await {
        return Err(Trouble::Offline);
    }
    crate::shop::line::ready(shop).await?;
    let device = session().map(|session| session.device().clone());
    let claimant = Claimant {
        device: device.ok_or(Trouble::Offline)?,
        // The lease is her browser's, whatever size its window has.
        channel: Channel::Phone,
        nonce: nonce(&proof),
    };
    let answer: ClaimAnswer = post(
        shop,
        "/v1/carts/handoffs/claim",
        &ClaimRequest { proof, claimant },
    )
    .await?;
    shop.with_basket(|basket| basket.turn_to(answer.view));
    shop.taken.set(None);
    shop.say(shop.lang.get_untracked().cart().taken);
    Ok(())
}

/// The same in every try of this page, so that an answer that was lost can be asked for again.
fn nonce(proof: &Proof) -> String {
    thread_local! {
        static NONCES: std::cell::RefCell<Option<(Proof, String)>> = const { std::cell::RefCell::new(None) };
    }
    NONCES.with_borrow_mut(|kept| match kept {
        Some((of, nonce)) if of == proof => nonce.clone(),
        _ => {
            let nonce = crate::shop::clicks::new_id().replace('-', "");
            *kept = Some((proof.clone(), nonce.clone()));
            nonce
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_the_end_of_the_address() {
        let secret = "f".repeat(32);
        let address = format!("http://127.0.0.1:4170/h/{secret}?x=1");
        assert_eq!(secret_in(&address), Some(secret));
        assert_eq!(secret_in("https://example.com/"), None);
        assert_eq!(secret_in("aisle:1/2:xyz"), None);
    }
}
