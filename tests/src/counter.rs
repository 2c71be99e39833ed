//! What an associate does with carts at her tablet, in her words. It works in a browser and in the window alike.

use crate::browser::Browser;
use crate::goods::Goods;
use crate::until::until;
use anyhow::Result;
use thirtyfour::By;

impl Browser {
    /// Types the code that another screen shows, and presses the key. What comes of it is for the caller to see.
    ///
    /// # Errors
    /// When there is no such sheet.
    pub async fn type_cart_code(&self, code: &str) -> Result<()> {
        self.click("rail-carts").await?;
        self.click("take-over-open").await?;
        self.type_into("take-code", code).await?;
        self.wait_for_value("take-code", code).await
    }

    /// Finds an item and puts a piece of it into the cart that was open last, and goes back to that cart.
    ///
    /// # Errors
    /// When it is not found, or the cart does not show it.
    pub async fn put_into_cart(&self, goods: &Goods) -> Result<()> {
        self.click("rail-items").await?;
        self.search("items-search", "items-hits", goods.title)
            .await?;
        let hit = format!("[data-testid='item-hit'][data-sku='{}']", goods.sku);
        self.click_by(&hit).await?;
        self.click("add-to-cart").await?;
        self.click("rail-carts").await?;
        self.find_by(&line(goods.sku)).await.map(drop)
    }

    /// One piece more of an item in the open cart.
    ///
    /// # Errors
    /// When it is not in it.
    pub async fn one_more_in_cart(&self, sku: &str) -> Result<()> {
        self.click_by(&format!("{} [data-testid='cart-more']", line(sku)))
            .await
    }

    /// Waits until the open cart shows so many pieces of an item.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_cart_pieces(&self, sku: &str, pieces: u32) -> Result<()> {
        let css = format!("{} [data-testid='cart-quantity']", line(sku));
        self.wait_for_figure(&css, pieces).await
    }

    /// Waits until nothing of the open cart waits on the tablet, and the tablet reaches the cloud.
    ///
    /// # Errors
    /// When something still waits.
    pub async fn wait_until_cart_is_sent(&self) -> Result<()> {
        self.find_by("[data-testid='sync-badge'][data-state='fresh']")
            .await?;
        until("the cart is sent", || async {
            let unsent = By::Css("[data-testid='cart-unsent']");
            let shown = self.driver.find(unsent).await?.inner_html().await?;
            Ok(shown.replace("<!---->", "").trim().is_empty().then_some(()))
        })
        .await
    }

    /// Waits until the checkout of the open cart is at a stage.
    ///
    /// # Errors
    /// When it does not come there.
    pub async fn wait_for_stage(&self, stage: &str) -> Result<()> {
        let css = format!("[data-testid='checkout'][data-stage='{stage}']");
        self.find_by(&css).await.map(drop)
    }
}

fn line(sku: &str) -> String {
    format!("[data-testid='cart-line'][data-sku='{sku}']")
}
