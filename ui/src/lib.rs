//! The screens: associate, kiosk, manager and the demo shop.

use leptos::prelude::*;

/// Shows the app: associate, kiosk and manager.
pub fn show_app() {
    leptos::mount::mount_to_body(|| view! { <main><h1>"Aisle"</h1></main> });
}

/// Shows the demo shop.
pub fn show_shop() {
    leptos::mount::mount_to_body(|| view! { <main><h1>"Aisle shop"</h1></main> });
}
