//! Each cart has its own again.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use crate::device::Device;
use domain::api::cart::UndoMergeRequest;
use domain::api::device::{Refusal, UndoMerge};
use serde_json::Value;

const WHAT: &str = "Taking two carts apart";

impl Device {
    pub(super) async fn undo_merge(
        &self,
        (_, request): (Caller, UndoMerge),
    ) -> Result<Value, Refusal> {
        let UndoMerge { cart, merge } = request;
        self.until_sent(&cart, WHAT).await?;
        let request = UndoMergeRequest { id: merge };
        let view = self.shared().cloud.undo_merge(&cart, &request).await;
        let view = view.map_err(|error| of_cart(&error, WHAT))?;
        json(&self.page_of(view).await?)
    }
}
