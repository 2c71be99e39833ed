//! Puts an item into a cart from anywhere: an item's page, a shelf, a scan.

use crate::backend;
use crate::parts::notice;
use crate::tablet::{Serving, Tablet};
use domain::api::device::{
    BeginCart, CartChange, CartPage, ChangeCart, Changed, Refusal, RefusalCode,
};
use domain::ids::{CartId, CustomerId, Sku};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Into which cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Into {
    /// That one.
    Cart(CartId),
    /// The one that this device works on for her, or for somebody unknown; begun where there is none.
    Hers(Option<CustomerId>),
}

impl Into {
    /// The cart that is worked on at this moment, else one for somebody unknown.
    pub(crate) fn serving(tablet: Tablet) -> Self {
        let serving = tablet.serving.get_untracked();
        serving.map_or(Self::Hers(None), |serving| Self::Cart(serving.cart))
    }
}

/// Puts one piece in, and says so. Meanwhile `busy` is set: a second tap adds nothing.
pub(crate) fn add(tablet: Tablet, into: Into, sku: Sku, busy: RwSignal<bool>) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    spawn_local(async move {
        let outcome = put(into, sku.clone()).await;
        busy.try_set(false);
        match outcome {
            Ok(changed) => {
                let page = &changed.page.value;
                serve(tablet, page);
                let title = crate::model::cart::line::title(page, &sku);
                tablet.tell((tablet.cart_words().added)(&title));
            }
            Err(refusal) => tablet.tell(sentence(tablet, &refusal).to_owned()),
        }
    });
}

/// Puts one piece in.
pub(crate) async fn put(into: Into, sku: Sku) -> Result<Changed, Refusal> {
    let cart = match into {
        Into::Cart(cart) => cart,
        Into::Hers(customer) => begin(customer).await?,
    };
    let change = CartChange::Add { sku, quantity: 1 };
    backend::call(&ChangeCart { cart, change }).await
}

async fn begin(customer: Option<CustomerId>) -> Result<CartId, Refusal> {
    let anew = false;
    let page = backend::call(&BeginCart { customer, anew }).await?;
    Ok(page.value.cart.opening.id)
}

/// From now on this is the cart that is worked on.
pub(crate) fn serve(tablet: Tablet, page: &CartPage) {
    let serving = Serving {
        cart: page.cart.opening.id.clone(),
        name: page.customer_name.clone(),
        pieces: page.cart.goods().values().sum(),
    };
    tablet.serving.try_set(Some(serving));
}

/// What a refusal of a cart says.
pub(crate) fn sentence(tablet: Tablet, refusal: &Refusal) -> &'static str {
    match refusal.code {
        RefusalCode::Refused => tablet.cart_words().refused_other,
        _ => notice::sentence(refusal, tablet.words()),
    }
}
