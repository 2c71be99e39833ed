//! The browser's address and history, as typed routes.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

/// A screen that has an address.
pub(crate) trait Address: Clone + PartialEq + Send + Sync + 'static {
    /// Reads the path of an address; what it does not know is the first screen.
    fn parse(path: &str) -> Self;
    /// The path that [`Address::parse`] reads back.
    fn path(&self) -> String;
}

/// Where an app is; a copy is cheap.
pub(crate) struct Place<R: Address>(RwSignal<R>);

impl<R: Address> Clone for Place<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Address> Copy for Place<R> {}

impl<R: Address> Place<R> {
    /// Reads the address and follows the browser's own back and forward.
    #[must_use]
    pub(crate) fn follow() -> Self {
        let place = Self(RwSignal::new(current::<R>()));
        let _ = window_event_listener(ev::popstate, move |_| place.0.set(current()));
        place
    }

    /// Where it is; a reader runs again when that changes.
    #[must_use]
    pub(crate) fn route(self) -> R {
        self.0.get()
    }

    /// Where it is at this moment.
    #[must_use]
    pub(crate) fn route_now(self) -> R {
        self.0.get_untracked()
    }

    /// Goes there.
    pub(crate) fn go(self, route: R) {
        if self.0.with_untracked(|now| *now == route) {
            return;
        }
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&route.path()));
        }
        self.0.set(route);
    }

    /// Goes there without a way back.
    pub(crate) fn replace(self, route: R) {
        let query = window().location().search().unwrap_or_default();
        if let Ok(history) = window().history() {
            let path = format!("{}{query}", route.path());
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
        }
        self.0.set(route);
    }
}

fn current<R: Address>() -> R {
    let path = window().location().pathname().unwrap_or_default();
    R::parse(&path)
}

/// Widths below this are a phone's, in CSS pixels.
const PHONE_BELOW_PX: f64 = 600.0;

/// How large letters are: a phone is held closer than a tablet.
pub(crate) fn scale() -> &'static str {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    match width {
        Some(width) if width < PHONE_BELOW_PX => "phone",
        _ => "tablet",
    }
}

/// Whether the page runs as an app of its own, without a browser around it.
pub(crate) fn is_installed() -> bool {
    let query = window().match_media("(display-mode: standalone)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// Moves the focus to the content after it changed, so that keyboard and screen reader begin there.
pub(crate) fn focus_content() {
    let content = document().get_element_by_id("content");
    if let Some(content) = content.and_then(|content| content.dyn_into::<HtmlElement>().ok()) {
        content.set_scroll_top(0);
        let _ = content.focus();
    }
}

/// Whether a click is an ordinary one, that the app follows itself; others open a new tab or window.
#[must_use]
pub(crate) fn is_plain(click: &ev::MouseEvent) -> bool {
    let modified = click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key();
    click.button() == 0 && !modified
}
