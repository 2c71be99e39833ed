//! A guest's cart becomes somebody's.

use super::super::access::Caller;
use super::super::json;
use super::super::keep::check_customer;
use super::begin_cart::works_on;
use super::online::of_cart;
use crate::device::Device;
use domain::api::cart::AssignCustomer;
use domain::api::device::{AssignCart, Refusal};
use serde_json::Value;

const WHAT: &str = "Saying whose cart it is";

impl Device {
    pub(super) async fn assign_cart(
        &self,
        (_, request): (Caller, AssignCart),
    ) -> Result<Value, Refusal> {
        let AssignCart { cart, customer } = request;
        let her = customer.clone();
        self.blocking(move |shared| check_customer(shared, &her))
            .await?;
        self.until_sent(&cart, WHAT).await?;
        let request = AssignCustomer { customer };
        let view = self.shared().cloud.assign_cart(&cart, &request).await;
        let view = view.map_err(|error| of_cart(&error, WHAT))?;
        let opening = view.cart.opening.clone();
        self.blocking(move |shared| works_on(shared, &opening))
            .await?;
        json(&self.page_of(view).await?)
    }
}
