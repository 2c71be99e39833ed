//! A pad of digits for fingers; the keyboard's digits do the same.

use crate::parts::icon::icon;
use crate::words::Words;
use leptos::ev;
use leptos::prelude::*;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// A digit, or `+`.
    Digit(char),
    /// Takes the last one back.
    Back,
    /// Done.
    Enter,
}

impl Key {
    /// The key of the keyboard, where the pad has it.
    #[must_use]
    pub(crate) fn of(name: &str) -> Option<Self> {
        let mut letters = name.chars();
        match (name, letters.next(), letters.next()) {
            ("Enter", ..) => Some(Self::Enter),
            ("Backspace", ..) => Some(Self::Back),
            (_, Some(digit), None) if digit.is_ascii_digit() || digit == '+' => {
                Some(Self::Digit(digit))
            }
            _ => None,
        }
    }
}

/// The pad. `done` words the key that ends; it can be pressed when `ready`.
pub(crate) fn keypad(
    words: &'static Words,
    done: &'static str,
    ready: Signal<bool>,
    press: Callback<Key>,
) -> impl IntoView {
    listen(press);
    let digit = move |digit: char| {
        view! {
            <button type="button" class="button key" data-testid=format!("pin-{digit}")
                on:pointerdown=|event| event.prevent_default()
                on:click=move |_| press.run(Key::Digit(digit))>{digit}</button>
        }
    };
    view! {
        <div class="keypad" dir="ltr">
            {('1'..='9').map(digit).collect_view()}
            <button type="button" class="button button-quiet key" aria-label=words.delete_digit data-testid="pin-back"
                on:pointerdown=|event| event.prevent_default()
                on:click=move |_| press.run(Key::Back)>{icon("backspace")}</button>
            {digit('0')}
            <button type="button" class="button button-primary key" aria-label=done data-testid="pin-done"
                disabled=move || !ready.get()
                on:click=move |_| press.run(Key::Enter)>{icon("check")}</button>
        </div>
    }
}

/// Keys of the keyboard, as long as the pad is shown. Enter on a button is that button's.
fn listen(press: Callback<Key>) {
    let handle = window_event_listener(ev::keydown, move |event| {
        let Some(key) = Key::of(&event.key()) else {
            return;
        };
        let on_button = document()
            .active_element()
            .is_some_and(|element| element.tag_name() == "BUTTON");
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if modified || (key == Key::Enter && on_button) {
            return;
        }
        event.prevent_default();
        press.run(key);
    });
    on_cleanup(move || handle.remove());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyboard_has_the_same_keys() {
        assert_eq!(Key::of("7"), Some(Key::Digit('7')));
        assert_eq!(Key::of("Enter"), Some(Key::Enter));
        assert_eq!(Key::of("Backspace"), Some(Key::Back));
        for other in ["a", "Escape", "F1", "", "٣"] {
            assert_eq!(Key::of(other), None, "{other}");
        }
    }
}
