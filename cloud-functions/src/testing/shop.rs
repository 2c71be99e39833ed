//! Two stores with people in them, and devices that are enrolled as real ones are.

use super::{Bench, bench};
use crate::engines::letters::LedgerLetters;
use crate::feed::{self, Move};
use crate::functions::identity::{self, LocalVerifier};
use crate::ports::ledger::{Condition, Ledger};
use domain::access::{Principal, Role};
use domain::api::identity::{CodeRequest, DeviceKind, EnrolRequest, Enrolment};
use domain::api::sync::{Scope, kind};
use domain::ids::{AssociateId, StoreId};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Two stores, `1` and `2`. In each an associate `a-<store>` with the PIN 1234, a manager `m-<store>` with the PIN
/// 567890, and a customer `c-<store>`.
pub(crate) struct Shop {
    /// The services and the doubles behind them; tokens are the local issuer's.
    pub(crate) bench: Bench,
}

/// Of 1234 and 567890: hashing is slow on purpose, and every test opens a shop.
static PIN_HASHES: LazyLock<(String, String)> = LazyLock::new(|| {
    let hash = |pin: &str| identity::hash_pin(pin, b"the tests' salt").unwrap();
    (hash("1234"), hash("567890"))
});

/// A store's id.
pub(crate) fn store(name: &str) -> StoreId {
    StoreId::parse(name).unwrap()
}

impl Shop {
    /// Opens both stores.
    pub(crate) async fn open() -> Self {
        Self::open_on(|ledger| ledger).await
    }

    /// Opens both stores on a ledger that is wrapped in another.
    pub(crate) async fn open_on(wrap: impl Fn(Arc<dyn Ledger>) -> Arc<dyn Ledger>) -> Self {
        let mut bench = bench();
        let services = &mut bench.services;
        services.ledger = wrap(services.ledger.clone());
        services.letters = Arc::new(LedgerLetters::new(services.ledger.clone()));
        let verifier = LocalVerifier::new(services.ledger.clone(), services.clock.clone());
        services.verifier = Arc::new(verifier);
        let shop = Self { bench };
        for name in ["1", "2"] {
            shop.fill(&store(name)).await;
        }
        shop
    }

    async fn fill(&self, store: &StoreId) {
        let body = json!({"id": store, "name": "Aisle", "country": "PT", "locale": "pt-PT", "zone": "Europe/Lisbon", "currency": "EUR"});
        self.put(Scope::inventory(store), kind::STORE, store.as_str(), &body)
            .await;
        let team = [
            ("a", Role::Associate, &*PIN_HASHES.0),
            ("m", Role::Manager, &*PIN_HASHES.1),
        ];
        for (prefix, role, pin_hash) in team {
            let id = format!("{prefix}-{store}");
            let body = json!({"id": id, "name": "Rui", "role": role, "store": store, "pin_hash": pin_hash});
            self.put(Scope::team(store), kind::ASSOCIATE, &id, &body)
                .await;
        }
        self.customer(store, &format!("c-{store}")).await;
    }

    /// A customer of a store.
    pub(crate) async fn customer(&self, store: &StoreId, id: &str) {
        let body = json!({"id": id, "name": {"given": "Ana"}, "home_store": store});
        self.put(Scope::customers(store), kind::CUSTOMER, id, &body)
            .await;
    }

    /// Makes an entity this, and tells its feed.
    pub(crate) async fn put(&self, scope: Scope, kind: &'static str, id: &str, body: &Value) {
        let moved = Move {
            scope,
            kind,
            id: id.to_owned(),
            body: Some(serde_json::value::to_raw_value(body).unwrap()),
            command: None,
            condition: Condition::Any,
        };
        let services = &self.bench.services;
        feed::publish(&*services.ledger, &services.poke, &[moved], &[])
            .await
            .unwrap();
    }

    /// Enrols a device.
    pub(crate) async fn enrol(&self, of: &str, kind: DeviceKind) -> Enrolment {
        let services = &self.bench.services;
        let request = CodeRequest {
            store: store(of),
            kind,
        };
        let code = identity::create_code(services, &request)
            .await
            .unwrap()
            .code;
        let nonce = services.ids.uuid(services.clock.now()).simple().to_string();
        identity::enrol(services, &EnrolRequest { code, nonce })
            .await
            .unwrap()
    }

    /// A token of a device.
    pub(crate) async fn token(&self, device: &Enrolment) -> String {
        self.mint(&as_device(device)).await
    }

    /// A token of a manager.
    pub(crate) async fn manager(&self, of: &str) -> String {
        let role = Role::Manager;
        let principal = Principal {
            role,
            permissions: role.permissions().to_vec(),
            store: Some(store(of)),
            device: None,
            associate: Some(AssociateId::parse(format!("m-{of}")).unwrap()),
            customer: None,
        };
        self.mint(&principal).await
    }

    /// A token of anybody.
    pub(crate) async fn mint(&self, principal: &Principal) -> String {
        let token = identity::mint(&self.bench.services, principal).await;
        token.unwrap().access_token
    }
}

/// A device as a caller.
pub(crate) fn as_device(device: &Enrolment) -> Principal {
    let role = device.kind.role();
    Principal {
        role,
        permissions: role.permissions().to_vec(),
        store: Some(device.store.clone()),
        device: Some(device.device.clone()),
        associate: None,
        customer: None,
    }
}
