//! Icons of the controls.

use leptos::prelude::*;

/// An icon by its name in the sprite; the words beside it or its button's label say what it means.
pub(crate) fn icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false"><use href=format!("#i-{name}")></use></svg>
    }
}

/// An icon that points along the line: it turns round where lines run from right to left.
pub(crate) fn directed(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon icon-directed" aria-hidden="true" focusable="false"><use href=format!("#i-{name}")></use></svg>
    }
}
