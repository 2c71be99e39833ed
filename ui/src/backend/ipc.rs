//! The device behind Tauri's IPC, and its signals as events of the window.

use super::{fault, refusal, tell_text};
use domain::api::device::Refusal;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// The event that carries signals.
const EVENT: &str = "aisle://signal";

fn internals() -> Option<JsValue> {
    let window = web_sys::window()?;
    let internals = Reflect::get(&window, &"__TAURI_INTERNALS__".into()).ok()?;
    internals.is_object().then_some(internals)
}

/// Whether this page is in the window of the app.
pub(super) fn is_here() -> bool {
    internals().is_some()
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

fn method(internals: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(internals, &name.into()).ok()?.dyn_into().ok()
}

async fn invoke(command: &str, args: &JsValue) -> Result<JsValue, JsValue> {
    let internals = internals().unwrap_or_default();
    let invoke = method(&internals, "invoke").ok_or(JsValue::NULL)?;
    let promise = invoke.call2(&internals, &command.into(), args)?;
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}

fn text_of(value: &JsValue) -> String {
    JSON::stringify(value).map_or_else(|_| String::new(), String::from)
}

/// Asks the device.
pub(super) async fn call(name: &str, args: &str) -> Result<String, Refusal> {
    let args = JSON::parse(args).map_err(|_| fault("a request that is no JSON"))?;
    let args = object(&[("name", name.into()), ("args", args)]);
    match invoke("call", &args).await {
        Ok(reply) => Ok(text_of(&reply)),
        Err(error) => Err(refusal(&text_of(&error))),
    }
}

/// Listens to the window's events.
pub(super) fn connect() {
    let heard = Closure::<dyn Fn(JsValue)>::new(|event: JsValue| {
        let payload = Reflect::get(&event, &"payload".into()).unwrap_or_default();
        tell_text(&text_of(&payload));
    });
    let handler = heard.into_js_value();
    spawn_local(async move {
        let internals = internals().unwrap_or_default();
        let Some(register) = method(&internals, "transformCallback") else {
            return;
        };
        let handler = register.call1(&internals, &handler).unwrap_or_default();
        let target = object(&[("kind", "Any".into())]);
        let args = object(&[
            ("event", EVENT.into()),
            ("target", target),
            ("handler", handler),
        ]);
        if let Err(error) = invoke("plugin:event|listen", &args).await {
            web_sys::console::error_2(&"no signals from the device".into(), &error);
        }
    });
}
