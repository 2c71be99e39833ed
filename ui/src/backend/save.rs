//! Hands a text to people as a file: a download of the browser, or of the window.

use leptos::prelude::set_timeout;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long the text stays behind its address: until the browser has surely written it.
const FOR: Duration = Duration::from_secs(60);

/// Saves a JSON text under a name. Gives whether the browser took it.
pub fn save(name: &str, json: &str) -> bool {
    download(name, json).is_ok()
}

fn download(name: &str, json: &str) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    let parts = js_sys::Array::of1(&JsValue::from_str(json));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let document = web_sys::window()
        .and_then(|window| window.document())
        .ok_or(JsValue::NULL)?;
    let link: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        FOR,
    );
    Ok(())
}
