//! She agrees to changed prices.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use crate::device::Device;
use domain::api::cart;
use domain::api::device::{ConfirmPrices, Refusal};
use serde_json::Value;

const WHAT: &str = "Agreeing to prices";

impl Device {
    pub(super) async fn confirm_prices(
        &self,
        (_, request): (Caller, ConfirmPrices),
    ) -> Result<Value, Refusal> {
        self.until_sent(&request.cart, WHAT).await?;
        let confirmed = cart::ConfirmPrices {
            version: request.version,
            prices: request.prices,
        };
        let cloud = &self.shared().cloud;
        let view = cloud.confirm_prices(&request.cart, &confirmed).await;
        let view = view.map_err(|error| of_cart(&error, WHAT))?;
        json(&self.page_of(view).await?)
    }
}
