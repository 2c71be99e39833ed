//! Carts on devices, without a screen: filled, read, and what became of them in the cloud.

use crate::stored::Stored;
use crate::world::{DeviceProgram, World};
use anyhow::{Result, ensure};
use domain::api::device::{
    BeginCart, CartChange, CartPage, ChangeCart, MAX_ROWS, ReadCart, SearchItems,
};
use domain::api::sync::{Scope, kind};
use domain::cart::CartOrder;
use domain::ids::{CartId, OrderId, Sku, StoreId};
use std::collections::BTreeMap;

/// Orders by their numbers.
pub type CartOrders = BTreeMap<OrderId, CartOrder>;

impl DeviceProgram {
    /// Items of the demo store with a price, of which there are more than `pieces`.
    ///
    /// # Errors
    /// When there are none.
    pub async fn sold_items(&self, pieces: i64) -> Result<Vec<Sku>> {
        let search = SearchItems {
            query: String::new(),
            department: None,
            offset: 0,
            limit: MAX_ROWS,
        };
        let hits = self.call(&search).await?.value.hits.into_iter();
        let enough = |pieces_there: i64| pieces_there > pieces;
        let sold = hits.filter(|hit| hit.price.is_some() && hit.on_hand.is_some_and(enough));
        let skus: Vec<Sku> = sold.map(|hit| hit.item.sku).collect();
        ensure!(!skus.is_empty(), "nothing to sell");
        Ok(skus)
    }

    /// A new cart with so many pieces of an item.
    ///
    /// # Errors
    /// When the device keeps none.
    pub async fn fill_cart(&self, sku: &Sku, quantity: u32) -> Result<CartId> {
        let begin = BeginCart {
            customer: None,
            anew: true,
        };
        let cart = self.call(&begin).await?.value.cart.opening.id;
        let change = CartChange::Add {
            sku: sku.clone(),
            quantity,
        };
        let change = ChangeCart {
            cart: cart.clone(),
            change,
        };
        self.call(&change).await?;
        Ok(cart)
    }

    /// A cart as the device shows it.
    ///
    /// # Errors
    /// When it does not know it.
    pub async fn read_cart(&self, cart: &CartId) -> Result<CartPage> {
        let cart = cart.clone();
        Ok(self.call(&ReadCart { cart }).await?.value)
    }
}

impl World {
    /// All orders of carts in store 1, as its feed tells them; the demo store has some from the beginning.
    ///
    /// # Errors
    /// When the feed cannot be read.
    pub async fn cart_orders(&self) -> Result<CartOrders> {
        let mut orders = CartOrders::new();
        let scope = Scope::carts(&StoreId::parse("1")?);
        for row in self.stored()?.rows(&scope).await? {
            if row.kind == kind::CART_ORDER {
                let order: CartOrder = serde_json::from_str(row.body.get())?;
                orders.insert(order.id.clone(), order);
            }
        }
        Ok(orders)
    }

    /// Those that were made since.
    ///
    /// # Errors
    /// When the feed cannot be read.
    pub async fn cart_orders_since(&self, before: &CartOrders) -> Result<CartOrders> {
        let mut orders = self.cart_orders().await?;
        orders.retain(|id, _| !before.contains_key(id));
        Ok(orders)
    }
}

impl Stored {
    /// How many payments were asked for and not answered yet.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn payments_in_doubt(&self) -> Result<usize> {
        Ok(self.partition("X#payments").await?.len())
    }
}
