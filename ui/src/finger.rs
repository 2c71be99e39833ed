//! Whether something on the screen is being pressed. Lists keep their order for as long: a row that moved away between
//! finger down and finger up would lose the tap, or give it to a neighbour.

use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;

/// A press ends this long after the finger is up where no click follows: touch screens send the click late.
const CLICK_WITHIN: Duration = Duration::from_millis(350);
/// A finger that rests on the screen longer than this holds nothing up any more.
const PRESS_MAX: Duration = Duration::from_secs(60);

/// Presses so far, and whether the last one still goes on.
#[derive(Clone, Copy)]
struct Finger {
    presses: StoredValue<u64>,
    down: RwSignal<bool>,
}

impl Finger {
    fn press(self) {
        self.presses.update_value(|presses| *presses += 1);
        self.down.set(true);
        self.end_after(PRESS_MAX);
    }

    /// Ends the press at hand, unless another has begun by then.
    fn end_after(self, pause: Duration) {
        let press = self.presses.get_value();
        set_timeout(
            move || {
                if self.presses.get_value() == press && self.down.get_untracked() {
                    self.down.set(false);
                }
            },
            pause,
        );
    }
}

/// Watches from now on, for everything below the owner at hand.
pub(crate) fn watch() {
    let finger = Finger {
        presses: StoredValue::new(0),
        down: RwSignal::new(false),
    };
    provide_context(finger);
    let _ = window_event_listener(ev::pointerdown, move |_| finger.press());
    let _ = window_event_listener(ev::pointerup, move |_| finger.end_after(CLICK_WITHIN));
    let _ = window_event_listener(ev::pointercancel, move |_| finger.end_after(Duration::ZERO));
    // After whoever hears the click, which comes here last.
    let _ = window_event_listener(ev::click, move |_| finger.end_after(Duration::ZERO));
    let _ = window_event_listener(ev::blur, move |_| finger.end_after(Duration::ZERO));
}

/// Whether something is being pressed; a reader runs again when that changes.
#[must_use]
pub(crate) fn is_down(finger: Option<Press>) -> bool {
    finger.is_some_and(|press| press.0.down.get())
}

/// What [`is_down`] reads.
#[derive(Clone, Copy)]
pub(crate) struct Press(Finger);

/// The press of the screen at hand; `None` where nobody watches.
#[must_use]
pub(crate) fn press() -> Option<Press> {
    use_context::<Finger>().map(Press)
}
