//! The scanner at window level: every key passes here first.

use crate::scanner::{Decision, Scanner, gap_of};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget, HtmlDocument, HtmlElement, KeyboardEvent, KeyboardEventInit};

/// Calls `scanned` with what a scanner typed, from now on. What a person types arrives a moment later than she types it.
pub(crate) fn listen(scanned: impl Fn(String) + 'static) {
    let query = window().location().search().unwrap_or_default();
    let scanner = Rc::new(RefCell::new(Scanner::new(gap_of(&query))));
    give_back_before_a_touch(scanner.clone());
    let heard = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        // Events of our own making have passed here before; an input method decides for itself.
        if !event.is_trusted() || event.is_composing() || event.repeat() {
            return;
        }
        let decision = decide(&mut scanner.borrow_mut(), &event);
        act(decision, &event, &scanner, &scanned);
    });
    hear("keydown", heard);
}

/// A touch may move the focus: what was typed until then belongs to the field that has it now.
fn give_back_before_a_touch(scanner: Rc<RefCell<Scanner>>) {
    let touched = Closure::<dyn Fn(Event)>::new(move |_| {
        let held = scanner.borrow_mut().other();
        if let Decision::Typed { text, .. } = held {
            give_back(&text);
        }
    });
    hear("pointerdown", touched);
}

/// Hears every event of a kind before anything on the page does, for as long as the page lives.
fn hear<E: wasm_bindgen::convert::FromWasmAbi + 'static>(kind: &str, heard: Closure<dyn Fn(E)>) {
    let options = web_sys::AddEventListenerOptions::new();
    options.set_capture(true);
    let _ = window().add_event_listener_with_callback_and_add_event_listener_options(
        kind,
        heard.as_ref().unchecked_ref(),
        &options,
    );
    heard.forget();
}

fn decide(scanner: &mut Scanner, event: &KeyboardEvent) -> Decision {
    let key = event.key();
    let mut letters = key.chars();
    let only = letters.next().filter(|_| letters.next().is_none());
    match only {
        _ if event.ctrl_key() || event.meta_key() || event.alt_key() => scanner.other(),
        Some(character) => scanner.character(character, event.time_stamp()),
        None if key == "Enter" => scanner.enter(event.time_stamp()),
        // A scanner shifts for capitals.
        None if key == "Shift" => Decision::Pass,
        None => scanner.other(),
    }
}

fn act(
    decision: Decision,
    event: &KeyboardEvent,
    scanner: &Rc<RefCell<Scanner>>,
    scanned: &dyn Fn(String),
) {
    let hold = match decision {
        Decision::Pass => false,
        Decision::Hold => true,
        Decision::Typed { text, hold_key } => {
            give_back(&text);
            hold_key
        }
        Decision::Scan(text) => {
            swallow(event);
            scanned(text);
            return;
        }
    };
    if hold {
        swallow(event);
        release_later(scanner.clone(), event.time_stamp());
    }
}

fn swallow(event: &Event) {
    event.prevent_default();
    event.stop_immediate_propagation();
}

/// Gives the held keys back when no other has come. The time is that of the key: timers run late, never early.
fn release_later(scanner: Rc<RefCell<Scanner>>, key_ms: f64) {
    let gap_ms = scanner.borrow().gap_ms();
    let release = move || {
        let text = scanner.borrow_mut().release(key_ms + gap_ms);
        if let Some(text) = text {
            give_back(&text);
        }
    };
    set_timeout(release, Duration::from_secs_f64(gap_ms / 1_000.0));
}

/// Types what a person typed: into the field that has the focus, else as keys for whoever listens.
fn give_back(text: &str) {
    let Some(target) = document().active_element() else {
        return;
    };
    if is_field(&target) {
        let document: HtmlDocument = document().unchecked_into();
        let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
        return;
    }
    for key in text.chars() {
        press(&target, &key.to_string());
    }
}

fn is_field(element: &web_sys::Element) -> bool {
    let editable = element
        .dyn_ref::<HtmlElement>()
        .is_some_and(HtmlElement::is_content_editable);
    editable || matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA")
}

fn press(target: &EventTarget, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_key(key);
    if let Ok(event) = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init) {
        let _ = target.dispatch_event(&event);
    }
}
