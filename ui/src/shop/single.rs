//! One at a time: who comes while something is under way waits for its outcome, and begins nothing twice.

use std::cell::RefCell;
use std::future::Future;
use std::thread::LocalKey;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// What is under way.
pub(crate) type UnderWay = RefCell<Option<js_sys::Promise>>;

/// Does `work`, or waits for the one that is being done. Gives what that gave.
pub(crate) async fn once(
    under_way: &'static LocalKey<UnderWay>,
    work: impl Future<Output = bool> + 'static,
) -> bool {
    let running = under_way.with_borrow(Clone::clone);
    let promise = running.unwrap_or_else(|| {
        let promise = future_to_promise(async move {
            let done = work.await;
            under_way.with_borrow_mut(|under_way| *under_way = None);
            Ok(JsValue::from_bool(done))
        });
        under_way.with_borrow_mut(|under_way| *under_way = Some(promise.clone()));
        promise
    });
    let outcome = JsFuture::from(promise).await;
    outcome.is_ok_and(|done| done.is_truthy())
}
