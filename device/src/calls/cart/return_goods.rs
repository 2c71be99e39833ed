//! Takes goods back: the cloud gives back what they cost.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use super::open_order::order_page;
use super::page::author;
use crate::cloud::CloudError;
use crate::device::Device;
use crate::refusal::{not_found, of_replica, refuse};
use domain::api::cart::ReturnRequest;
use domain::api::device::{Delivery, Refusal, RefusalCode, ReturnGoods};
use domain::ids::RefundId;
use serde_json::Value;
use sync::OrderHere;

const WHAT: &str = "Taking goods back";

impl Device {
    pub(super) async fn return_goods(
        &self,
        (caller, request): (Caller, ReturnGoods),
    ) -> Result<Value, Refusal> {
        let (id, pieces) = (request.order, request.pieces);
        let text = id.to_string();
        let (here, by) = self
            .blocking(move |shared| {
                let here = shared.replica.cart_order(&text).map_err(of_replica)?;
                let told = || {
                    Some(OrderHere {
                        order: shared.carts.order(&text)?,
                        settlement: domain::cart::Settlement::default(),
                        state: Delivery::Sent,
                    })
                };
                let here = here.or_else(told).ok_or_else(|| not_found("order"))?;
                Ok((here, author(shared, &caller)?))
            })
            .await?;
        if here.state != Delivery::Sent {
            let why = "Taking goods back needs the network: the sale itself is not sent yet";
            return Err(refuse(RefusalCode::Offline, why));
        }
        let carts = &self.shared().carts;
        let asked = ReturnRequest {
            id: carts.begin_return(&here.order.id, &pieces, || refund_id(&here, &pieces)),
            pieces,
            by,
            seen: u32::try_from(here.settlement.refunds.len()).ok(),
        };
        let answer = self
            .shared()
            .cloud
            .return_goods(&here.order.id, &asked)
            .await;
        // What may have been done, and was not heard of, is the same return when it is asked for again.
        if matches!(&answer, Ok(_) | Err(CloudError::Refused(_))) {
            carts.end_return(&here.order.id);
        }
        let settlement = answer.map_err(|error| of_cart(&error, WHAT))?.settlement;
        self.shared().signals.cart(here.order.cart.clone());
        let here = OrderHere { settlement, ..here };
        json(
            &self
                .blocking(move |shared| order_page(shared, here))
                .await?,
        )
    }
}

/// The same for a second tap: it follows from what had come back before. Where the answer was lost and the feed told of
/// it since, the id of then is kept beside ([`crate::carts::CartSlot::begin_return`]).
fn refund_id(
    here: &OrderHere,
    pieces: &std::collections::BTreeMap<domain::ids::LineId, u32>,
) -> RefundId {
    let before = here.settlement.refunds.len().to_string();
    let mut parts = vec![here.order.id.as_str().to_owned(), before];
    for (line, count) in pieces {
        parts.extend([line.to_string(), count.to_string()]);
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    RefundId::derived("refund", &parts)
}
