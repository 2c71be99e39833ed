//! Tells what happens in the shop: puts it into the outbox and sends what waits there.

use crate::backend::shop::{Delivered, deliver};
use crate::backend::{clock, memory};
use crate::shop::outbox::{Outbox, Waiting};
use crate::shop::segment::{Click, Envelope, sent_at};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::fmt::Write;
use std::time::Duration;

/// Under which name this browser's own id is kept.
const ANONYMOUS: &str = "aisle-shop-anonymous";

thread_local! {
    static OUTBOX: RefCell<Outbox> = RefCell::new(Outbox::default());
}

/// This browser's own id: made at the first visit.
pub(crate) fn anonymous() -> String {
    memory::recall(ANONYMOUS)
        .filter(|id| !id.is_empty())
        .unwrap_or_else(|| {
            let made = new_id();
            memory::keep(ANONYMOUS, &made);
            made
        })
}

/// Forgets this browser's own id: the next click is somebody else's.
pub(crate) fn become_somebody_else() {
    memory::forget(ANONYMOUS);
}

/// A random UUID (version 4).
pub(crate) fn new_id() -> String {
    uuid(clock::random_bits())
}

/// Tells something.
pub(crate) fn tell(click: &Click, user: Option<String>, store: &str) {
    let envelope = Envelope {
        message_id: new_id(),
        anonymous: anonymous(),
        user,
        at: clock::now(),
        store: store.to_owned(),
    };
    let waiting = Waiting {
        path: click.path(),
        call: click.call(&envelope),
    };
    OUTBOX.with_borrow_mut(|outbox| outbox.add(waiting));
    send_next();
}

/// Sends what waits when the page is left, whatever is under way.
pub(crate) fn send_when_left() {
    let _ = window_event_listener(ev::pagehide, |_| {
        for waiting in OUTBOX.with_borrow(Outbox::leaving) {
            spawn_local(async move {
                send(waiting).await;
            });
        }
    });
}

fn send_next() {
    let Some(waiting) = OUTBOX.with_borrow_mut(Outbox::begin) else {
        return;
    };
    spawn_local(async move {
        match send(waiting).await {
            Delivered::Yes | Delivered::Refused => {
                OUTBOX.with_borrow_mut(Outbox::done);
                send_next();
            }
            Delivered::Later => {
                let pause_ms = OUTBOX.with_borrow_mut(Outbox::failed);
                set_timeout(send_next, Duration::from_millis(pause_ms));
            }
        }
    });
}

async fn send(mut waiting: Waiting) -> Delivered {
    sent_at(&mut waiting.call, clock::now());
    deliver(waiting.path, &waiting.call.to_string()).await
}

/// Random bits as a UUID (RFC 9562, version 4).
fn uuid(mut bits: [u8; 16]) -> String {
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bits;
    *version = *version & 0x0f | 0x40;
    *variant = *variant & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bits.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_of_version_4() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
