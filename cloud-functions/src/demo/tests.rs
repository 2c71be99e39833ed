//! The demo store holds together, and is the same for everybody.

use super::*;
use crate::feed::{entity_key, read_head};
use crate::ports::events::Delivery;
use crate::testing::bench;
use domain::event::{Action, Event};
use domain::ids::DepartmentId;
use std::collections::BTreeMap;

fn drawn() -> (Assets, Vec<people::Person>, Vec<CloudEvent>) {
    let assets = Assets::read().unwrap();
    let mut chance = Chance::new(SEED);
    let now = "2026-06-01T12:00:00Z".parse().unwrap();
    let people = people::draw(&assets, &mut chance, now);
    let visits = Shopping::new(&assets).draw_visits(&people, &mut chance, now);
    (assets, people, visits)
}

#[test]
fn there_is_a_city_full_of_different_people() {
    let (assets, people, _) = drawn();
    assert_eq!(people.len(), people::CUSTOMERS);
    assert!(
        assets.products.len() >= 400,
        "{} items",
        assets.products.len()
    );
    let departments: std::collections::BTreeSet<&DepartmentId> =
        assets.products.iter().map(|p| &p.item.department).collect();
    assert_eq!(departments.len(), 8);
    let cards: std::collections::BTreeSet<_> = people
        .iter()
        .filter_map(|p| p.customer.card.clone())
        .collect();
    assert_eq!(cards.len(), people.len(), "every card is somebody's own");
    let scanned = domain::scan::read_scan(cards.iter().next().unwrap().as_str());
    assert!(matches!(scanned, domain::scan::Scan::Card { .. }));
    for store in &assets.stores {
        assert!(
            people
                .iter()
                .filter(|p| p.customer.home_store == store.id)
                .count()
                > 200
        );
    }
}

#[test]
fn the_same_seed_draws_the_same_store() {
    let ((_, people, visits), (_, again, visits_again)) = (drawn(), drawn());
    let first = |people: &[people::Person]| {
        people
            .iter()
            .map(|p| p.customer.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(first(&people), first(&again));
    let ids = |visits: &[CloudEvent]| visits.iter().map(|v| v.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&visits), ids(&visits_again));
}

/// Within a visit the next item is of the same department far more often than chance would have it.
#[test]
fn visits_follow_tastes() {
    let (assets, _, visits) = drawn();
    let mut last = BTreeMap::<String, DepartmentId>::new();
    let (mut same, mut all) = (0_u32, 0_u32);
    for visit in &visits {
        let event: Event = serde_json::from_str(visit.data.get()).unwrap();
        let Action::ProductViewed(product) = event.action else {
            continue;
        };
        let department = product.department.unwrap();
        if let Some(before) = last.insert(visit.partitionkey.clone(), department.clone()) {
            all += 1;
            same += u32::from(before == department);
        }
    }
    let count = |id: &DepartmentId| {
        assets
            .products
            .iter()
            .filter(|p| p.item.department == *id)
            .count()
    };
    let total = assets.products.len();
    let departments: std::collections::BTreeSet<_> = assets
        .products
        .iter()
        .map(|p| p.item.department.clone())
        .collect();
    let by_chance: usize =
        departments.iter().map(|id| count(id).pow(2)).sum::<usize>() * 100 / total.pow(2);
    assert!(
        same as usize * 100 / all as usize > 2 * by_chance,
        "{same} of {all}, {by_chance} % by chance"
    );
}

#[tokio::test]
async fn a_seeded_ledger_has_everything_and_is_seeded_once() {
    let bench = bench();
    assert!(seed(&bench.services).await.unwrap());
    assert!(!seed(&bench.services).await.unwrap());
    let ledger = &*bench.services.ledger;
    let store = crate::people::store(ledger, &domain::ids::StoreId::parse("1").unwrap())
        .await
        .unwrap()
        .unwrap();
    let customers = read_head(ledger, &Scope::customers(&store.id))
        .await
        .unwrap();
    assert!(customers.seq > 1_000, "{customers:?}");
    let scope = Scope::carts(&store.id);
    let cursor = domain::api::sync::Cursor::default();
    let told = crate::feed::read_after(ledger, &scope, cursor, 1_000).await;
    let told = told.unwrap();
    let of = |kind: &str| -> BTreeMap<String, serde_json::Value> {
        let of = told.iter().filter(|change| change.kind == kind);
        let body =
            |change: &domain::api::sync::Change| change.body.as_ref().unwrap().get().to_owned();
        of.map(|change| {
            (
                change.id.clone(),
                serde_json::from_str(&body(change)).unwrap(),
            )
        })
        .collect()
    };
    let carts = of(kind::CART);
    let open: Vec<_> = carts
        .values()
        .filter(|cart| cart["status"]["state"] == "open")
        .collect();
    let channels: std::collections::BTreeSet<String> = carts
        .values()
        .map(|cart| cart["lines"][0]["by"]["channel"].to_string())
        .collect();
    assert_eq!((carts.len(), channels.len()), (13, 3), "{channels:?}");
    assert!(
        open.len() >= 8,
        "{} of {:?}",
        open.len(),
        carts.values().next()
    );
    let orders = of(kind::CART_ORDER);
    assert!((3..=5).contains(&orders.len()), "{} orders", orders.len());
    assert!(orders.values().any(|order| order["channel"] == "online"));
    let stored = ledger
        .read(&entity_key(kind::ASSOCIATE, "a102"))
        .await
        .unwrap()
        .unwrap();
    let associate: Associate = serde_json::from_str(&stored.body).unwrap();
    assert!(associate.pin_hash.starts_with("$argon2id$"));
    assert!(
        ledger
            .read(&Key::new(format!("W#{WRITE_KEY}"), "V"))
            .await
            .unwrap()
            .is_some()
    );
}

/// What was drawn is worth learning from: the recommender finds neighbours in it.
#[tokio::test]
async fn the_recommender_learns_from_it() {
    let bench = bench();
    seed(&bench.services).await.unwrap();
    let learner = crate::functions::recommend::consumer(bench.services.clone());
    let (_, _, visits) = drawn();
    for (batch, events) in visits.chunks(500).enumerate() {
        let delivery = |(place, event): (usize, &CloudEvent)| Delivery {
            sequence: (batch * 500 + place + 1) as u64,
            replayed: false,
            event: event.clone(),
        };
        let deliveries: Vec<_> = events.iter().enumerate().map(delivery).collect();
        learner.consume(&deliveries).await.unwrap();
    }
    let store = domain::ids::StoreId::parse("1").unwrap();
    let memory = &bench.services.memory;
    let standing = memory.stand(&bench.services, &store).await.unwrap();
    let model = standing.current.pupil.model();
    let (sessions, _) = model.history_count();
    assert!(sessions > 3_000, "{sessions} sessions");
    let similar = model.similar(
        &domain::ids::Sku::parse("OU001-NAVY-M").unwrap(),
        &Default::default(),
        5,
    );
    assert_eq!(similar.len(), 5);
}
