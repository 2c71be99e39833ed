//! The calls about carts, one in each file. What changes what is in a cart is durable here before it is shown; what
//! moves money asks the cloud, but for a sale of what this device was allotted.

mod ask_payment;
mod assign_cart;
mod begin_cart;
mod begin_checkout;
mod capsules;
mod change_cart;
mod claim_cart;
mod confirm_prices;
mod give_up_checkout;
mod inverse;
mod list_carts;
mod mend;
mod merge_carts;
mod offer_cart;
mod online;
mod open_order;
mod page;
mod pay_cart;
mod read_cart;
mod read_picture;
mod return_goods;
mod sell_here;
#[cfg(test)]
mod tests;
mod undo_merge;

pub(super) use mend::mended;
pub(super) use page::{VERSION, kept};

use super::access::Access::{Anyone, Associate, Shopping};
use crate::device::Device;
use domain::api::device::{
    AskPayment, AssignCart, BeginCart, BeginCheckout, ChangeCart, ClaimCart, ConfirmPrices,
    DeviceCall, GiveUpCheckout, ListCarts, MergeCarts, OfferCart, OpenOrder, PayCart, ReadCart,
    ReadPicture, Refusal, ReturnGoods, SellHere, UndoMerge,
};
use serde_json::Value;

impl Device {
    /// Makes a call about carts by its name; `None` where there is none of this name.
    pub(super) async fn call_cart(
        &self,
        name: &str,
        args: Value,
    ) -> Option<Result<Value, Refusal>> {
        Some(match name {
            ListCarts::NAME => self.run(Shopping, args, list_carts::list_carts).await,
            BeginCart::NAME => self.run(Shopping, args, begin_cart::begin_cart).await,
            ChangeCart::NAME => self.run(Shopping, args, change_cart::change_cart).await,
            OpenOrder::NAME => self.run(Shopping, args, open_order::open_order).await,
            SellHere::NAME => self.run(Associate, args, sell_here::sell_here).await,
            ReadPicture::NAME => self.run(Anyone, args, read_picture::read_picture).await,
            _ => return self.call_cart_online(name, args).await,
        })
    }

    /// Those that ask the cloud.
    async fn call_cart_online(&self, name: &str, args: Value) -> Option<Result<Value, Refusal>> {
        // Boxed: each of these is a large future, and one alone is made.
        macro_rules! ask {
            ($access:expr, $call:ident) => {
                match self.admit($access, args).await {
                    Ok(admitted) => Box::pin(self.$call(admitted)).await,
                    Err(refusal) => Err(refusal),
                }
            };
        }
        Some(match name {
            ReadCart::NAME => ask!(Shopping, read_cart),
            AssignCart::NAME => ask!(Associate, assign_cart),
            MergeCarts::NAME => ask!(Associate, merge_carts),
            UndoMerge::NAME => ask!(Associate, undo_merge),
            OfferCart::NAME => ask!(Shopping, offer_cart),
            ClaimCart::NAME => ask!(Shopping, claim_cart),
            BeginCheckout::NAME => ask!(Shopping, begin_checkout),
            ConfirmPrices::NAME => ask!(Shopping, confirm_prices),
            PayCart::NAME => ask!(Shopping, pay_cart),
            AskPayment::NAME => ask!(Shopping, ask_payment),
            GiveUpCheckout::NAME => ask!(Shopping, give_up_checkout),
            ReturnGoods::NAME => ask!(Associate, return_goods),
            _ => return None,
        })
    }
}
