//! Another cart goes into this one.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use crate::device::Device;
use domain::api::cart::MergeRequest;
use domain::api::device::{MergeCarts, Refusal};
use domain::ids::CommandId;
use serde_json::Value;

const WHAT: &str = "Putting two carts together";

impl Device {
    pub(super) async fn merge_carts(
        &self,
        (_, request): (Caller, MergeCarts),
    ) -> Result<Value, Refusal> {
        let MergeCarts { cart, source } = request;
        self.until_sent(&source, WHAT).await?;
        self.until_sent(&cart, WHAT).await?;
        let (to, from) = (cart.clone(), source.clone());
        let id = self.blocking(move |shared| {
            let to = shared.find_cart(&to)?.cart;
            // The same for a second tap; another once it was undone.
            let undone = to.version.to_string();
            let parts = [to.opening.id.as_str(), from.as_str(), undone.as_str()];
            Ok(CommandId::derived("merge", &parts))
        });
        let request = MergeRequest {
            id: id.await?,
            source: source.clone(),
        };
        let view = self.shared().cloud.merge_carts(&cart, &request).await;
        let view = view.map_err(|error| of_cart(&error, WHAT))?;
        self.shared().signals.cart(source);
        json(&self.page_of(view).await?)
    }
}
