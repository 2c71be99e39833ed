//! Goods whose prices a scenario chooses, beside those of the demo store: the simulated provider goes by amounts.

use crate::demo;
use crate::paths;
use crate::world::World;
use anyhow::{Result, ensure};
use std::fmt::Write as _;
use tokio::process::Command;

/// An item to import.
#[derive(Debug, Clone, Copy)]
pub struct Goods {
    /// Its number; nine pieces are in stock.
    pub sku: &'static str,
    /// What people find it by.
    pub title: &'static str,
    /// `10.51`, in EUR.
    pub price: &'static str,
}

impl World {
    /// The demo store, and these goods in it.
    ///
    /// # Errors
    /// When they cannot be imported, or the cloud does not start.
    pub async fn with_goods(goods: &[Goods]) -> Result<Self> {
        let mut world = Self::empty()?;
        demo::copy_to(&world.cloud_folder()).await?;
        let mut file = "id\ttitle\tprice\tquantity\tproduct_type\tcolor\n".to_owned();
        for Goods { sku, title, price } in goods {
            writeln!(file, "{sku}\t{title}\t{price} EUR\t9\tHome\tSage")?;
        }
        let path = world.folder().join("goods.tsv");
        std::fs::write(&path, file)?;
        let mut import = Command::new(paths::program("aisle-cloud")?);
        import
            .args(["import", "--data"])
            .arg(world.cloud_folder())
            .arg(&path);
        let output = import.output().await?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        world.start_cloud().await?;
        Ok(world)
    }
}
