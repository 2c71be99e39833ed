//! A retailer's own files: real orders and real catalogues, into a folder that knew nothing.

use aisle_tests::demo::ASSOCIATE;
use aisle_tests::paths;
use aisle_tests::world::World;
use anyhow::{Result, bail};
use domain::api::device::SearchCustomers;
use domain::ids::{CustomerId, OrderId};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Who bought most often in the year of the orders.
const REGULAR: &str = "17841";

#[tokio::test]
async fn half_a_million_order_lines_and_two_catalogues() -> Result<()> {
    let Some([orders, items, products]) = real_files() else {
        return Ok(());
    };
    let mut world = World::empty()?;
    let said = run(&world, &["import"], &[&items, &products, &orders]).await?;
    for expected in [
        "products.csv (items): 3828 rows read, 3827 items, 1 rows refused",
        "products.yaml (products YAML): 2465 rows read, 2465 items, 0 rows refused",
        "orders.csv.gz (orders): 541909 rows read, 4372 customers, 25900 orders, 4 rows refused",
        "row 157196, price: `0.001` has more decimals than GBP has",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    let returned = OrderId::parse("C536391")?;
    let returned = world.stored()?.order(&returned).await?;
    let returned = returned.expect("a return is kept as an order");
    assert!(returned.is_return(), "{returned:?}");
    assert_eq!(returned.customer, Some(CustomerId::parse("17548")?));

    // The demo store's people open the doors of the imported one, as `cargo xtask run --import` does it.
    run(&world, &["seed"], &[]).await?;
    world.start_cloud().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let typed = SearchCustomers {
        query: REGULAR.into(),
        limit: 5,
    };
    let regular = CustomerId::parse(REGULAR)?;
    let hits = tablet.call(&typed).await?.value.hits;
    assert!(hits.iter().any(|hit| hit.id == regular), "found: {hits:?}");
    let card = tablet.card(&regular).await?.value;
    assert!(!card.orders.is_empty(), "her orders are not on her card");
    Ok(())
}

#[tokio::test]
async fn a_broken_row_is_named_and_the_rest_goes_on() -> Result<()> {
    let world = World::empty()?;
    let file = world.folder().join("orders.csv");
    let lines = [
        "order,customer,placed_at,sku,quantity,unit_price,currency",
        "A1,c-1,2026-05-01T10:00:00Z,S1,1,9.90,EUR",
        "A2,c-2,yesterday,S1,1,9.90,EUR",
        "A3,c-3,2026-05-01T10:00:00Z,S1,many,9.90,EUR",
        "A4,c-4,2026-05-01T10:00:00Z,S1,1,9.90,XYZ",
        "A5,c-5,2026-05-01T10:00:00Z,S1,-1,9.90,EUR",
    ];
    std::fs::write(&file, lines.join("\n"))?;
    let said = run(&world, &["import"], &[&file]).await?;
    for expected in [
        "5 rows read",
        "3 rows refused",
        "row 2, ",
        "row 3, ",
        "row 4, ",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    let stored = world.stored()?;
    for (order, kept) in [("A1", true), ("A2", false), ("A5", true)] {
        let found = stored.order(&OrderId::parse(order)?).await?;
        assert_eq!(found.is_some(), kept, "{order}");
    }
    Ok(())
}

fn real_files() -> Option<[PathBuf; 3]> {
    Some([
        paths::data("online_retail/orders.csv.gz")?,
        paths::data("online_retail/products.csv")?,
        paths::data("retail_demo_store/products.yaml")?,
    ])
}

/// Runs `aisle-cloud` on the world's folder; what it said.
async fn run(world: &World, words: &[&str], files: &[&Path]) -> Result<String> {
    let mut command = Command::new(paths::program("aisle-cloud")?);
    command.args(words).arg("--data").arg(world.cloud_folder());
    let output = command.args(files).output().await?;
    if !output.status.success() {
        bail!("{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
