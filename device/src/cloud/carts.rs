//! Carts, as the cloud decides on them: what needs it, because money or another device is in it.

use super::answer::{SMALL_BYTES, from_json, read};
use super::{ANSWER_WITHIN, Cloud, CloudError, SCREEN_WITHIN};
use domain::api::cart::{
    AllotAnswer, AllotRequest, AssignCustomer, CartView, CheckoutAnswer, CheckoutRequest,
    ClaimAnswer, ClaimRequest, ConfirmPrices, LeaseRequest, MergeRequest, PayAnswer, PayRequest,
    ReturnAnswer, ReturnRequest, UndoMergeRequest,
};
use domain::api::identity::RegisterKey;
use domain::cart::Shown;
use domain::help::{HelpAnswer, HelpEnd, HelpRequest};
use domain::ids::{CartId, OrderId};
use reqwest::RequestBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A terminal waits for a card and a PIN.
const PAY_WITHIN: Duration = Duration::from_secs(65);

impl Cloud {
    /// A cart with what it costs.
    pub(crate) async fn read_cart(&self, cart: &CartId) -> Result<CartView, CloudError> {
        let path = of_cart(cart, "");
        self.ask(|| self.get(&path), SCREEN_WITHIN).await
    }

    /// Takes the lease where it is free, or holds it for longer.
    pub(crate) async fn claim_lease(&self, cart: &CartId) -> Result<CartView, CloudError> {
        self.tell(&of_cart(cart, "/lease"), &LeaseRequest::Claim)
            .await
    }

    /// A guest's cart is hers.
    pub(crate) async fn assign_cart(
        &self,
        cart: &CartId,
        request: &AssignCustomer,
    ) -> Result<CartView, CloudError> {
        self.tell(&of_cart(cart, "/customer"), request).await
    }

    /// Another cart goes into this one.
    pub(crate) async fn merge_carts(
        &self,
        cart: &CartId,
        request: &MergeRequest,
    ) -> Result<CartView, CloudError> {
        self.tell(&of_cart(cart, "/merge"), request).await
    }

    /// Each cart has its own again.
    pub(crate) async fn undo_merge(
        &self,
        cart: &CartId,
        request: &UndoMergeRequest,
    ) -> Result<CartView, CloudError> {
        self.tell(&of_cart(cart, "/merge/undo"), request).await
    }

    /// Offers a cart whose lease this device holds.
    pub(crate) async fn offer_cart(&self, cart: &CartId) -> Result<Shown, CloudError> {
        let path = of_cart(cart, "/handoff");
        self.ask(|| self.post(&path), SCREEN_WITHIN).await
    }

    /// Takes a cart over.
    pub(crate) async fn claim_cart(
        &self,
        request: &ClaimRequest,
    ) -> Result<ClaimAnswer, CloudError> {
        self.tell("/v1/carts/handoffs/claim", request).await
    }

    /// Freezes a cart and keeps its goods back.
    pub(crate) async fn begin_checkout(
        &self,
        cart: &CartId,
        request: &CheckoutRequest,
    ) -> Result<CheckoutAnswer, CloudError> {
        self.tell(&of_cart(cart, "/checkout"), request).await
    }

    /// Agrees to changed prices.
    pub(crate) async fn confirm_prices(
        &self,
        cart: &CartId,
        request: &ConfirmPrices,
    ) -> Result<CartView, CloudError> {
        self.tell(&of_cart(cart, "/checkout/confirm"), request)
            .await
    }

    /// Asks for the money. The same attempt again is the same payment.
    pub(crate) async fn pay_cart(
        &self,
        cart: &CartId,
        request: &PayRequest,
    ) -> Result<PayAnswer, CloudError> {
        let path = of_cart(cart, "/checkout/pay");
        self.ask(|| self.post(&path).json(request), PAY_WITHIN)
            .await
    }

    /// Asks where a payment stands.
    pub(crate) async fn ask_payment(&self, cart: &CartId) -> Result<PayAnswer, CloudError> {
        let path = of_cart(cart, "/checkout/ask");
        self.ask(|| self.post(&path), ANSWER_WITHIN).await
    }

    /// Opens a cart again.
    pub(crate) async fn give_up_checkout(&self, cart: &CartId) -> Result<CartView, CloudError> {
        let path = of_cart(cart, "/checkout/give-up");
        self.ask(|| self.post(&path), ANSWER_WITHIN).await
    }

    /// Takes goods back. The same refund again is the same refund.
    pub(crate) async fn return_goods(
        &self,
        order: &OrderId,
        request: &ReturnRequest,
    ) -> Result<ReturnAnswer, CloudError> {
        let path = format!("/v1/orders/{}/returns", escaped(order.as_str()));
        self.tell(&path, request).await
    }

    /// Asks for stock that this device alone may sell, or gives some back.
    pub(crate) async fn allot(&self, request: &AllotRequest) -> Result<AllotAnswer, CloudError> {
        self.tell("/v1/carts/allotments", request).await
    }

    /// Tells the tablets of the store that somebody at this kiosk asks for them.
    pub(crate) async fn ask_help(&self, request: &HelpRequest) -> Result<HelpAnswer, CloudError> {
        self.tell("/v1/carts/help", request).await
    }

    /// Tells them that nobody does any more.
    pub(crate) async fn end_help(&self, request: &HelpEnd) -> Result<HelpAnswer, CloudError> {
        self.tell("/v1/carts/help/end", request).await
    }

    /// Says what this device's signatures are checked with.
    pub(crate) async fn register_key(&self, request: &RegisterKey) -> Result<(), CloudError> {
        let ask = || self.post("/v1/identity/devices/self").json(request);
        self.send_as_device(ask, ANSWER_WITHIN).await.map(drop)
    }

    async fn tell<T: DeserializeOwned>(
        &self,
        path: &str,
        request: &impl Serialize,
    ) -> Result<T, CloudError> {
        self.ask(|| self.post(path).json(request), ANSWER_WITHIN)
            .await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        request: impl Fn() -> RequestBuilder,
        within: Duration,
    ) -> Result<T, CloudError> {
        let response = self.send_as_device(request, within).await?;
        let body = read(response, SMALL_BYTES).await?;
        from_json(&body)
    }
}

fn of_cart(cart: &CartId, rest: &str) -> String {
    format!("/v1/carts/{}{rest}", escaped(cart.as_str()))
}

/// An id as one piece of a path, whatever characters it has.
fn escaped(id: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_piece_of_a_path() {
        assert_eq!(escaped("a-1/../x?y=ü"), "a-1%2F..%2Fx%3Fy%3D%C3%BC");
    }
}
