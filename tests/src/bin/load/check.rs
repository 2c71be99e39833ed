//! Whether the sale added up.

use crate::tally::Tally;
use aisle_tests::world::World;
use anyhow::{Result, ensure};
use domain::ids::{OrderId, Sku};
use std::collections::{BTreeMap, BTreeSet};

/// Holds what people were told against what lies in the store: each order once, each piece that is gone kept back for
/// somebody, no item below nothing, each click that was answered in the log, once.
pub(crate) async fn adds_up(
    world: &World,
    from: u64,
    stock: &BTreeMap<Sku, i64>,
    tally: &Tally,
) -> Result<()> {
    let orders: BTreeSet<&OrderId> = tally.sold.iter().map(|sold| &sold.order).collect();
    ensure!(orders.len() == tally.sold.len(), "an order was told twice");
    // An answer that was lost may have kept a piece back.
    let lost: usize = tally.errors.values().sum();
    let lost = i64::try_from(lost)?;
    let (shop, left) = crate::look_around(world).await?;
    for sku in &shop.skus {
        let count = |of: &BTreeMap<Sku, i64>| of.get(sku).copied().unwrap_or(0);
        let (had, has, kept_back) = (count(stock), count(&left), count(&tally.kept_back));
        ensure!(has >= 0, "{sku}: {has} pieces are left");
        let gone = had - has - kept_back;
        ensure!(
            (0..=lost).contains(&gone),
            "{sku}: of {had} pieces {has} are left, and {kept_back} were kept back"
        );
    }
    let stored = world.stored()?;
    stored.expect_once(from, &tally.clicks).await?;
    stored.settle().await
}
