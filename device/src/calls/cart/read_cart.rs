//! Opens a cart. A kiosk holds no feed of carts: where the cloud answers, it is asked.

use super::super::access::Caller;
use super::super::json;
use super::page::page;
use crate::device::Device;
use domain::api::device::{ReadCart, Refusal};
use domain::api::identity::DeviceKind;
use domain::ids::CartId;
use serde_json::Value;

impl Device {
    pub(super) async fn read_cart(
        &self,
        (_, request): (Caller, ReadCart),
    ) -> Result<Value, Refusal> {
        self.refresh_guest(&request.cart).await;
        let read = self.blocking(move |shared| {
            let shown = shared.find_cart(&request.cart)?;
            shared.here(page(shared, shown, None)?)
        });
        json(&read.await?)
    }

    /// Asks the cloud for a guest's cart. Whatever goes wrong, what is here is shown.
    async fn refresh_guest(&self, cart: &CartId) {
        let shared = self.shared();
        let hers = shared
            .carts
            .guest()
            .is_some_and(|shown| shown.cart.opening.id == *cart);
        if shared.kind() != DeviceKind::Kiosk || !hers || !shared.contact.read().sync.online {
            return;
        }
        match shared.cloud.read_cart(cart).await {
            Ok(view) => shared.answered(&view.cart),
            Err(error) => tracing::debug!(%error, "the guest's cart is shown as it was"),
        }
    }
}
