//! The demo shop: a storefront whose clicks go through ingest.

use leptos::prelude::*;

/// The shop.
pub(crate) fn shop() -> impl IntoView {
    view! { <main><h1>"Aisle"</h1></main> }
}
