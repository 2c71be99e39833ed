//! The language button: every language by its own name.

use crate::words::Lang;
use leptos::prelude::*;

/// A button for each language.
pub(crate) fn languages(
    current: Lang,
    label: &'static str,
    choose: impl Fn(Lang) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let one = move |lang: Lang| {
        view! {
            <button class="chip" lang=lang.tag() dir=lang.direction() aria-pressed=(lang == current).to_string()
                data-testid=format!("lang-{}", lang.tag()) on:click=move |_| choose(lang)>
                {lang.own_name()}
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=label>{Lang::ALL.map(one).into_iter().collect_view()}</div>
    }
}
