//! The browser's address and history, as [`Route`]s.

use crate::route::Route;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Where the app is; a copy is cheap.
#[derive(Clone, Copy)]
pub(crate) struct Place(RwSignal<Route>);

impl Place {
    /// Reads the address and follows the browser's own back and forward.
    #[must_use]
    pub(crate) fn follow() -> Self {
        let place = Self(RwSignal::new(current()));
        let _ = window_event_listener(ev::popstate, move |_| place.0.set(current()));
        place
    }

    /// Where it is; a reader runs again when that changes.
    #[must_use]
    pub(crate) fn route(self) -> Route {
        self.0.get()
    }

    /// Where it is at this moment.
    #[must_use]
    pub(crate) fn route_now(self) -> Route {
        self.0.get_untracked()
    }

    /// Goes there.
    pub(crate) fn go(self, route: Route) {
        if self.0.with_untracked(|now| *now == route) {
            return;
        }
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&route.path()));
        }
        self.0.set(route);
    }

    /// Goes there without a way back.
    pub(crate) fn replace(self, route: Route) {
        let query = window().location().search().unwrap_or_default();
        if let Ok(history) = window().history() {
            let path = format!("{}{query}", route.path());
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
        }
        self.0.set(route);
    }
}

fn current() -> Route {
    let path = window().location().pathname().unwrap_or_default();
    Route::parse(&path)
}

/// Whether a click is an ordinary one, that the app follows itself; others open a new tab or window.
#[must_use]
pub(crate) fn is_plain(click: &ev::MouseEvent) -> bool {
    let modified = click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key();
    click.button() == 0 && !modified
}
