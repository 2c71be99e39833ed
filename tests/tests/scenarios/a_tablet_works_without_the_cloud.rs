//! With the cloud gone a tablet still finds, opens and recommends, and says how old everything is.

use aisle_tests::browser::Browser;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World, client};
use anyhow::Result;
use domain::api::content::ShelfItem;
use domain::api::device::{CustomerCard, ReadStatus, SearchCustomers, SearchItems, Source};
use domain::api::recommend::{ForYou, Recommendations};
use domain::ids::{CustomerId, Sku, StoreId};
use domain::recommendation::{Reason, Recommendation};

#[tokio::test]
async fn search_card_and_recommendations_outlive_the_cloud() -> Result<()> {
    let mut world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let before = tablet.a_regular().await?;
    world.kill_cloud().await?;
    until("the tablet to notice", || async {
        let online = tablet.call(&ReadStatus {}).await?.sync.online;
        Ok((!online).then_some(()))
    })
    .await?;

    let found = find(&tablet, &before).await?;
    assert!(found, "she is not found by her name");
    let after = tablet.card(&before.customer.id).await?;
    assert_eq!(after.source, Source::Here);
    assert!(after.as_of.is_some(), "nothing says how old it is");
    assert_eq!(after.value.orders, before.orders);
    assert_eq!(after.value.model, before.model);
    assert_eq!(
        shown(&after.value.recommendations),
        shown(&before.recommendations)
    );
    let items = tablet
        .call(&SearchItems {
            query: "tent".into(),
            department: None,
            offset: 0,
            limit: 5,
        })
        .await?;
    assert!(!items.value.hits.is_empty(), "no item is found");

    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&tablet.url()).await?;
    let id = before.customer.id.as_str();
    let name = before.customer.name.full();
    screen.open_customer(&name, id).await?;
    screen.find("recommendation").await?;
    let age = screen.find("card-age").await?;
    assert!(!age.text().await?.is_empty());
    let badge = screen.find("sync-badge").await?;
    assert_eq!(badge.attr("data-state").await?.as_deref(), Some("offline"));
    screen.check_console(&[]).await
}

#[tokio::test]
async fn the_tablet_recommends_what_the_cloud_recommends() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let token = world.tablet_token().await?;
    let regular = tablet.a_regular().await?.customer.id;
    // The model may move between the two questions; then both are asked again.
    let (card, cloud) = until("the same model in both", || async {
        let card = tablet.card(&regular).await?.value;
        let cloud = ask_cloud(&world, &token, &regular, card.recommendations.len()).await?;
        let same = card.model.as_deref() == Some(cloud.model.as_str());
        Ok(same.then_some((card, cloud)))
    })
    .await?;
    assert!(!card.recommendations.is_empty());
    let cloud: Vec<_> = cloud.items.iter().map(named).collect();
    assert_eq!(shown(&card.recommendations), cloud);
    Ok(())
}

async fn find(tablet: &DeviceProgram, card: &CustomerCard) -> Result<bool> {
    let query = card.customer.name.full();
    let hits = tablet.call(&SearchCustomers { query, limit: 10 }).await?;
    let mut hits = hits.value.hits.iter();
    Ok(hits.any(|hit| hit.id == card.customer.id))
}

async fn ask_cloud(
    world: &World,
    token: &str,
    customer: &CustomerId,
    limit: usize,
) -> Result<Recommendations> {
    let question = ForYou {
        customer: Some(customer.clone()),
        anonymous: None,
        store: StoreId::parse("1")?,
        department: None,
        limit,
    };
    let url = format!("{}/v1/recommend/for-you", world.cloud_url());
    let asked = client()?.post(url).bearer_auth(token).json(&question);
    Ok(asked.send().await?.error_for_status()?.json().await?)
}

/// What and why; a score moves with the time of asking.
fn named(recommendation: &Recommendation) -> (Sku, Reason) {
    (recommendation.sku.clone(), recommendation.reason.clone())
}

fn shown(items: &[ShelfItem]) -> Vec<(Sku, Reason)> {
    items
        .iter()
        .map(|item| named(&item.recommendation))
        .collect()
}
