//! What a shopper does in her web app, in her words.

use crate::browser::Browser;
use crate::until::until;
use crate::world::World;
use anyhow::Result;
use thirtyfour::By;

impl Browser {
    /// Opens an item's page and puts a piece into her cart.
    ///
    /// # Errors
    /// When her cart shows nothing.
    pub async fn put_into_her_cart(&self, world: &World, sku: &str) -> Result<()> {
        let page = format!("{}/shop/item/{sku}", world.cloud_url());
        self.open(&page).await?;
        self.click("shop-add").await?;
        self.find("shop-cart-count").await.map(drop)
    }

    /// One piece more of an item in her open cart.
    ///
    /// # Errors
    /// When it is not in it.
    pub async fn one_more(&self, sku: &str) -> Result<()> {
        self.click_by(&format!("{} [data-testid='shop-more']", her_line(sku)))
            .await
    }

    /// Waits until her open cart shows so many pieces of an item.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_her_pieces(&self, sku: &str, pieces: u32) -> Result<()> {
        let css = format!("{} [data-testid='shop-line-pieces']", her_line(sku));
        self.wait_for_figure(&css, pieces).await
    }

    /// Waits until an element shows a number and nothing else.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_for_figure(&self, css: &str, figure: u32) -> Result<()> {
        until(&format!("{figure} at {css}"), || async {
            let shown = self.find_by(css).await?.text().await?;
            Ok((shown.trim() == figure.to_string()).then_some(()))
        })
        .await
    }

    /// Waits until her open cart has so many lines.
    ///
    /// # Errors
    /// When it has not.
    pub async fn wait_for_her_lines(&self, lines: usize) -> Result<()> {
        until(&format!("{lines} lines"), || async {
            let line = By::Css("[data-testid='shop-cart-line']");
            let found = self.driver.find_all(line).await?;
            Ok((found.len() == lines).then_some(()))
        })
        .await
    }

    /// Waits until the cloud knows everything that she did.
    ///
    /// # Errors
    /// When it does not.
    pub async fn wait_until_hers_is_sent(&self) -> Result<()> {
        let script = "const basket = JSON.parse(localStorage.getItem('aisle-cart') ?? '{}'); \
            return !!basket.begun && basket.waiting.length === 0 && !basket.join";
        until("everything is sent", || async {
            let done = self.driver.execute(script, Vec::new()).await?;
            Ok(done.convert::<bool>()?.then_some(()))
        })
        .await
    }

    /// Waits until the shop would open without a network: what the page reads goes through the worker, which keeps it.
    ///
    /// # Errors
    /// When no worker comes.
    pub async fn wait_for_worker(&self) -> Result<()> {
        let script = "return !!navigator.serviceWorker?.controller";
        until("the worker", || async {
            let ready = self.driver.execute(script, Vec::new()).await?;
            Ok(ready.convert::<bool>()?.then_some(()))
        })
        .await?;
        self.driver.refresh().await?;
        self.find("shop-add").await.map(drop)
    }
}

fn her_line(sku: &str) -> String {
    format!("[data-testid='shop-cart-line'][data-sku='{sku}']")
}
