//! The only place that knows how the device and the cloud are reached: Tauri's IPC inside the window, HTTP in a browser.

pub mod camera;
pub mod clock;
mod http;
mod ipc;
pub mod memory;
pub mod save;
pub mod shop;
pub mod shopper;
mod tap;

pub use tap::begin_traces;

use domain::api::device::{DeviceCall, Refusal, RefusalCode, Signal};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Somebody who hears signals; see [`hear`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hearing(u64);

type Listener = Rc<dyn Fn(&Signal)>;

thread_local! {
    static LISTENERS: RefCell<Vec<(Hearing, Listener)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// Asks the device.
///
/// # Errors
/// The device's refusal; [`RefusalCode::Fault`] where it does not answer or cannot be understood.
pub async fn call<C: DeviceCall>(call: &C) -> Result<C::Reply, Refusal> {
    let args = serde_json::to_string(call).map_err(|error| fault(&error.to_string()))?;
    let reply = if ipc::is_here() {
        ipc::call(C::NAME, &args).await
    } else {
        http::call(C::NAME, &args).await
    };
    let reply = reply.inspect_err(|refusal| {
        // Whoever was signed in is not any more: the screens have to know.
        if refusal.code == RefusalCode::NotSignedIn {
            tell(&Signal::Status);
        }
    })?;
    serde_json::from_str(&reply).map_err(|error| fault(&format!("{}: {error}", C::NAME)))
}

/// Begins to listen to the device, once for the whole program.
pub fn connect() {
    if ipc::is_here() {
        ipc::connect();
    } else {
        http::connect();
    }
}

/// Calls `listener` with every signal until [`unhear`].
pub fn hear(listener: impl Fn(&Signal) + 'static) -> Hearing {
    let hearing = Hearing(NEXT.with(|next| next.replace(next.get() + 1)));
    LISTENERS.with_borrow_mut(|listeners| listeners.push((hearing, Rc::new(listener))));
    hearing
}

/// Ends a [`hear`].
pub fn unhear(hearing: Hearing) {
    LISTENERS.with_borrow_mut(|listeners| listeners.retain(|(id, _)| *id != hearing));
}

/// Passes a signal on. The list is copied first, because a listener may begin or end listening.
fn tell(signal: &Signal) {
    let listeners: Vec<Listener> =
        LISTENERS.with_borrow(|all| all.iter().map(|(_, listener)| listener.clone()).collect());
    for listener in listeners {
        listener(signal);
    }
}

/// Tells what arrived as text; what cannot be read means that something changed.
fn tell_text(text: &str) {
    tell(&serde_json::from_str(text).unwrap_or(Signal::Everything));
}

/// Reads a refusal; text that is none becomes a fault.
fn refusal(text: &str) -> Refusal {
    serde_json::from_str(text).unwrap_or_else(|_| fault("the device does not answer"))
}

fn fault(message: &str) -> Refusal {
    Refusal {
        code: RefusalCode::Fault,
        message: message.to_owned(),
        retry_at: None,
    }
}

/// Writes a panic where people look for it: a fault that nobody can read cannot be mended.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_reach_who_listens() {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let notes = heard.clone();
        let hearing = hear(move |signal| notes.borrow_mut().push(signal.clone()));
        tell_text(r#"{"signal":"status"}"#);
        tell_text("what is this");
        unhear(hearing);
        tell(&Signal::Status);
        assert_eq!(*heard.borrow(), [Signal::Status, Signal::Everything]);
    }

    #[test]
    fn a_refusal_is_read_and_anything_else_is_a_fault() {
        let wrong = r#"{"code":"wrong_pin","message":"no"}"#;
        assert_eq!(refusal(wrong).code, RefusalCode::WrongPin);
        assert_eq!(refusal("<html>").code, RefusalCode::Fault);
    }
}
