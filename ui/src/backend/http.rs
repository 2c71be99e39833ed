//! The device behind loopback HTTP, and its signals as server-sent events.

use super::{fault, refusal, tap, tell, tell_text};
use domain::api::device::{Refusal, Signal};
use domain::trace::TRACEPARENT;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventSource, Headers, MessageEvent, Request, RequestInit, Response};

/// Where signals come from.
const EVENTS: &str = "/device/events";

/// A request in plain words.
pub(super) struct Ask<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a str>,
    /// Whether it goes on when the page is left.
    pub(super) keepalive: bool,
}

/// An answer: its status and its text.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

/// Sends a request; `None` where nothing answers.
pub(super) async fn send(ask: Ask<'_>) -> Option<Answer> {
    let request = request(&ask).ok()?;
    let window = web_sys::window()?;
    let response = JsFuture::from(window.fetch_with_request(&request))
        .await
        .ok()?;
    let response: Response = response.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    Some(Answer {
        status: response.status(),
        text: text.as_string().unwrap_or_default(),
    })
}

fn request(ask: &Ask<'_>) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in ask.headers {
        headers.set(name, value)?;
    }
    headers.set(TRACEPARENT, &tap::trace().to_string())?;
    let init = RequestInit::new();
    init.set_method(ask.method);
    init.set_headers(headers.as_ref());
    if let Some(body) = ask.body {
        init.set_body(&JsValue::from_str(body));
    }
    if ask.keepalive {
        js_sys::Reflect::set(init.as_ref(), &"keepalive".into(), &JsValue::TRUE)?;
    }
    Request::new_with_str_and_init(ask.path, &init)
}

/// Asks the device. `x-aisle` keeps pages of other origins out: they cannot set it without asking first.
pub(super) async fn call(name: &str, args: &str) -> Result<String, Refusal> {
    let path = format!("/device/{name}");
    let answer = send(Ask {
        method: "POST",
        path: &path,
        headers: &[("content-type", "application/json"), ("x-aisle", "1")],
        body: Some(args),
        keepalive: false,
    })
    .await
    .ok_or_else(|| fault("the device does not answer"))?;
    if answer.status < 400 {
        Ok(answer.text)
    } else {
        Err(refusal(&answer.text))
    }
}

/// Opens the stream of signals. The browser opens it again by itself; as something may have been missed meanwhile, every
/// opening after the first means that everything may have changed.
pub(super) fn connect() {
    let Ok(events) = EventSource::new(EVENTS) else {
        return;
    };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        tell_text(&event.data().as_string().unwrap_or_default());
    });
    let opened_before = std::cell::Cell::new(false);
    let opened = Closure::<dyn Fn()>::new(move || {
        if opened_before.replace(true) {
            tell(&Signal::Everything);
        }
    });
    events.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    events.set_onopen(Some(opened.as_ref().unchecked_ref()));
    // They live as long as the page.
    heard.forget();
    opened.forget();
    std::mem::forget(events);
}
