//! A cloud with one large store.

use aisle_tests::world::World;
use anyhow::Result;
use cloud_functions::feed::{self, Move};
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring;
use cloud_functions::ports::ledger::Condition;
use cloud_functions::services::Services;
use domain::api::sync::{Scope, kind};
use domain::ids::StoreId;
use serde_json::{Value, json};

/// The store that everything is in.
pub(super) const STORE: &str = "1";
/// Who works in it.
pub(super) const AUTHOR: &str = "a-1";

/// The cloud serves; its folder can be written beside it.
pub(super) struct BenchStore {
    world: World,
    services: Services,
    pub(super) customers: u64,
}

impl BenchStore {
    pub(super) async fn start(customers: u64) -> Result<Self> {
        let mut world = World::empty()?;
        let folder = world.cloud_folder();
        std::fs::create_dir_all(&folder)?;
        let services = wiring::open(&DataFolder::open(&folder)?)?.services;
        let store = StoreId::parse(STORE)?;
        let open = json!({"id": STORE, "name": "Aisle", "country": "PT", "locale": "pt-PT", "zone": "Europe/Lisbon", "currency": "EUR"});
        let author = json!({"id": AUTHOR, "name": "Rui", "role": "associate", "store": STORE, "pin_hash": ""});
        let moves = [
            moved(
                Scope::inventory(&store),
                kind::STORE,
                STORE.to_owned(),
                &open,
            )?,
            moved(
                Scope::team(&store),
                kind::ASSOCIATE,
                AUTHOR.to_owned(),
                &author,
            )?,
        ];
        publish(&services, &moves).await?;
        println!("making {customers} customers");
        let scope = Scope::customers(&store);
        let numbers: Vec<u64> = (0..customers).collect();
        for numbers in numbers.chunks(feed::MAX_PUBLISH) {
            let moves = numbers.iter().map(|number| {
                moved(
                    scope.clone(),
                    kind::CUSTOMER,
                    id(*number),
                    &customer(*number, 0),
                )
            });
            publish(&services, &moves.collect::<Result<Vec<_>>>()?).await?;
        }
        world.start_cloud().await?;
        Ok(Self {
            world,
            services,
            customers,
        })
    }

    pub(super) fn url(&self) -> String {
        self.world.cloud_url()
    }

    pub(super) async fn code(&self) -> Result<String> {
        self.world.enrolment_code("tablet").await
    }

    /// Changes so many customers, as an import would.
    pub(super) async fn change(&self, customers: u64, round: u64) -> Result<()> {
        let scope = Scope::customers(&StoreId::parse(STORE)?);
        let step = (self.customers / customers).max(1);
        let moves: Result<Vec<_>> = (0..customers)
            .map(|n| n * step)
            .map(|n| moved(scope.clone(), kind::CUSTOMER, id(n), &customer(n, round)))
            .collect();
        for moves in moves?.chunks(feed::MAX_PUBLISH) {
            publish(&self.services, moves).await?;
        }
        Ok(())
    }
}

pub(super) fn id(number: u64) -> String {
    format!("c-{number:07}")
}

/// Somebody, in about 274 bytes of JSON; the same for every engine that is measured.
pub(super) fn customer(number: u64, round: u64) -> Value {
    const GIVEN: [&str; 16] = [
        "Ana", "Beatriz", "Carlos", "Duarte", "Eva", "Filipa", "Gil", "Helena", "Ines", "Joana",
        "Luis", "Maria", "Nuno", "Olga", "Pedro", "Rita",
    ];
    const FAMILY: [&str; 16] = [
        "Almeida",
        "Barros",
        "Costa",
        "Dias",
        "Esteves",
        "Ferreira",
        "Gomes",
        "Henriques",
        "Lopes",
        "Martins",
        "Neves",
        "Oliveira",
        "Pereira",
        "Ramos",
        "Santos",
        "Teixeira",
    ];
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ round;
    let pick = |names: &[&'static str; 16], shift: u32| {
        names
            .get((mixed >> shift) as usize % 16)
            .copied()
            .unwrap_or_default()
    };
    let (given, family) = (pick(&GIVEN, 40), pick(&FAMILY, 50));
    json!({
        "id": id(number),
        "name": {"given": given, "family": family},
        "email": format!("{}.{}{number}@example.com", given.to_lowercase(), family.to_lowercase()),
        "phone": {"raw": format!("9{:08}", mixed >> 40), "e164": format!("+3519{:08}", mixed >> 40)},
        "card": format!("{:013}", mixed >> 24),
        "home_store": STORE,
        "tier": "silver",
        "since": "2021-04-05T10:00:00Z",
        "points": round,
    })
}

fn moved(scope: Scope, kind: &'static str, id: String, body: &Value) -> Result<Move> {
    Ok(Move {
        scope,
        kind,
        id,
        body: Some(serde_json::value::to_raw_value(body)?),
        command: None,
        condition: Condition::Any,
    })
}

async fn publish(services: &Services, moves: &[Move]) -> Result<()> {
    feed::publish(&*services.ledger, &services.poke, moves, &[]).await?;
    Ok(())
}
