//! What a screen says where it has nothing else to show: empty, refused.

use crate::words::Words;
use domain::api::device::{Refusal, RefusalCode};
use leptos::prelude::*;

/// Nothing is here: what it means, and the next step.
pub(crate) fn empty(drawing: &'static str, title: String, help: &'static str) -> impl IntoView {
    view! {
        <div class="state" data-testid="empty">
            <svg class="state-art" aria-hidden="true" focusable="false"><use href=format!("#{drawing}")></use></svg>
            <h2>{title}</h2>
            <p>{help}</p>
        </div>
    }
}

/// A refusal, with a way to ask again where that can help.
pub(crate) fn refused(
    refusal: &Refusal,
    words: &'static Words,
    retry: Callback<()>,
) -> impl IntoView + use<> {
    let can_retry = matches!(refusal.code, RefusalCode::Offline | RefusalCode::Fault);
    view! {
        <div class="state" role="alert" data-testid="refused" data-code=format!("{:?}", refusal.code)>
            <svg class="state-art" aria-hidden="true" focusable="false"><use href="#lantern"></use></svg>
            <p>{sentence(refusal, words)}</p>
            {can_retry.then(|| view! {
                <button class="button" on:click=move |_| retry.run(())>{words.try_again}</button>
            })}
        </div>
    }
}

/// What a refusal means to whoever reads it.
#[must_use]
pub(crate) const fn sentence(refusal: &Refusal, words: &Words) -> &'static str {
    match refusal.code {
        RefusalCode::NotSignedIn => words.refused_sign_in,
        RefusalCode::WrongPin => words.wrong_pin,
        RefusalCode::Locked | RefusalCode::Forbidden => words.refused_forbidden,
        RefusalCode::Offline => words.refused_offline,
        RefusalCode::NotFound => words.refused_not_found,
        RefusalCode::Invalid | RefusalCode::Refused => words.refused_invalid,
        RefusalCode::StorageFull => words.refused_storage,
        RefusalCode::Fault => words.refused_fault,
    }
}

/// Grey bars where rows will be.
pub(crate) fn skeleton(rows: usize, words: &'static Words) -> impl IntoView {
    view! {
        <div class="waiting" role="status" data-testid="skeleton">
            <span class="visually-hidden">{words.loading}</span>
            {(0..rows).map(|_| view! { <span class="waiting-row"></span> }).collect_view()}
        </div>
    }
}
