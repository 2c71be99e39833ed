//! Every route, called by everybody who may not and by somebody who may.

use crate::client;
use cloud_functions::browsers::{self, Browser};
use cloud_functions::devices::{DeviceState, state_key};
use cloud_functions::functions::identity::mint;
use cloud_functions::host::embedded::Embedded;
use cloud_functions::host::stop::{Stopper, stop};
use cloud_functions::http::Grant;
use cloud_functions::ports::ledger::{Condition, Key, Write};
use cloud_functions::services::Services;
use domain::access::{Access, Permission, Principal, Role};
use domain::api::identity::DeviceKind;
use domain::ids::{AssociateId, DeviceId, StoreId};
use serde_json::Value;
use std::collections::BTreeSet;
use tempfile::TempDir;
use tokio::net::TcpListener;

const WRITE_KEY: &str = "shop-key";

/// What anybody may call. A route that joins this list is a decision: it carries its own proof, or shows nothing
/// that is not public.
const PUBLIC: &[&str] = &[
    "get /.well-known/jwks.json",
    "get /.well-known/openid-configuration",
    "get /healthz",
    "get /v1/catalogue",
    "get /v1/catalogue/terms",
    "get /v1/projects/{write_key}/settings",
    "post /oauth2/token",
    "post /v1/identity/enrol",
    "post /v1/payments/webhook",
    "post /v1/shopper/guest",
    "post /v1/shopper/refresh",
];

struct Cloud {
    url: String,
    services: Services,
    grants: Vec<Grant>,
    _stopper: Stopper,
    _folder: TempDir,
}

async fn cloud() -> Cloud {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::open(folder.path(), None).unwrap();
    let (services, grants) = (embedded.services().clone(), embedded.grants());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stopper, stop) = stop();
    tokio::spawn(embedded.run(listener, stop));
    settle(&services).await;
    Cloud {
        url,
        services,
        grants,
        _stopper: stopper,
        _folder: folder,
    }
}

/// A source, and the devices that tokens are for.
async fn settle(services: &Services) {
    let source = r#"{"source":"shop","currency":"EUR"}"#;
    let key = Key::new(format!("W#{WRITE_KEY}"), "V");
    let mut writes = vec![Write::put(key, source, Condition::Any)];
    for kind in [DeviceKind::Tablet, DeviceKind::Kiosk] {
        let state = DeviceState {
            device: device(kind.role()).unwrap(),
            kind,
            store: StoreId::parse("1").unwrap(),
            secret_hash: String::new(),
            last_cseq: 0,
            revoked: false,
            enrolled_at: services.clock.now(),
        };
        let body = serde_json::to_string(&state).unwrap();
        writes.push(Write::put(state_key(&state.device), body, Condition::Any));
    }
    let browser = Browser {
        device: device(Role::Shopper).unwrap(),
        store: StoreId::parse("1").unwrap(),
        customer: None,
        refresh_hash: String::new(),
        refreshed_from: None,
        refreshed_at: services.clock.now(),
        revoked: false,
    };
    let body = serde_json::to_string(&browser).unwrap();
    let key = browsers::key(&browser.device);
    writes.push(Write::put(key, body, Condition::Any));
    services.ledger.write(writes).await.unwrap();
}

fn device(role: Role) -> Option<DeviceId> {
    let name = match role {
        Role::Tablet | Role::Associate | Role::Manager => "tablet-1",
        Role::Kiosk => "kiosk-1",
        Role::Shopper => "browser-1",
        Role::Operator => return None,
    };
    Some(DeviceId::parse(name).unwrap())
}

fn principal(role: Role, permissions: &[Permission]) -> Principal {
    let person = matches!(role, Role::Associate | Role::Manager);
    Principal {
        role,
        permissions: permissions.to_vec(),
        store: (role != Role::Operator).then(|| StoreId::parse("1").unwrap()),
        device: device(role),
        associate: person.then(|| AssociateId::parse("a-1").unwrap()),
        customer: None,
    }
}

async fn token(services: &Services, role: Role, permissions: &[Permission]) -> String {
    let minted = mint(services, &principal(role, permissions)).await;
    format!("Bearer {}", minted.unwrap().access_token)
}

fn basic(user: &str) -> String {
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:"));
    format!("Basic {encoded}")
}

impl Cloud {
    /// Calls a route with an empty object, and answers the status and, of a refusal, the kind of problem.
    async fn call(&self, grant: &Grant, authorization: Option<&str>) -> (u16, String) {
        let path = grant.path.replace('{', "x-").replace('}', "");
        let method = grant.method.to_uppercase().parse().unwrap();
        let mut request = client().request(method, format!("{}{path}", self.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        if grant.method != "get" {
            let json = ("content-type", "application/json");
            request = request.header(json.0, json.1).body("{}");
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        if response.status().is_success() {
            // It may be a stream that has no end.
            return (status, String::new());
        }
        let body = response.bytes().await.unwrap();
        let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
        (status, problem["type"].as_str().unwrap_or("").to_owned())
    }

    async fn refuses(&self, grant: &Grant, authorization: Option<&str>, status: u16, who: &str) {
        let kind = match status {
            401 => "/problems/unauthenticated",
            _ => "/problems/forbidden",
        };
        let refusal = self.call(grant, authorization).await;
        let expected = (status, kind.to_owned());
        assert_eq!(
            refusal, expected,
            "{} {} for {who}",
            grant.method, grant.path
        );
    }

    async fn admits(&self, grant: &Grant, authorization: &str, who: &str) {
        let (status, kind) = self.call(grant, Some(authorization)).await;
        let admitted = status != 401 && status != 403 && status < 500;
        let Grant { method, path, .. } = grant;
        assert!(admitted, "{method} {path} for {who}: {status} {kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearers_route_admits_its_roles_with_the_permission_and_nobody_else() {
    let cloud = cloud().await;
    let stranger = self::cloud().await;
    let mut called = 0;
    for grant in &cloud.grants {
        let Access::Bearer { roles, permission } = grant.access else {
            continue;
        };
        called += 1;
        strangers_are_refused(&cloud, &stranger, grant).await;
        for role in Role::ALL {
            let who = format!("{role:?}");
            let all = token(&cloud.services, role, role.permissions()).await;
            if !roles.contains(&role) {
                cloud.refuses(grant, Some(&all), 403, &who).await;
                continue;
            }
            assert!(
                role.permissions().contains(&permission),
                "{who} can never call {}",
                grant.path
            );
            cloud.admits(grant, &all, &who).await;
            let others = role.permissions().iter().copied();
            let others: Vec<_> = others.filter(|other| *other != permission).collect();
            let lesser = token(&cloud.services, role, &others).await;
            let who = format!("{role:?} without the permission");
            cloud.refuses(grant, Some(&lesser), 403, &who).await;
        }
    }
    assert!(called > 0);
}

/// Who shows nothing, nonsense, or what another issuer signed.
async fn strangers_are_refused(cloud: &Cloud, stranger: &Cloud, grant: &Grant) {
    cloud.refuses(grant, None, 401, "nobody").await;
    let key = basic(WRITE_KEY);
    let nonsense = ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic ???", &key];
    for authorization in nonsense {
        cloud
            .refuses(grant, Some(authorization), 401, authorization)
            .await;
    }
    for role in Role::ALL {
        let foreign = token(&stranger.services, role, role.permissions()).await;
        let who = format!("{role:?} of another issuer");
        cloud.refuses(grant, Some(&foreign), 401, &who).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_senders_route_admits_a_known_write_key_and_nobody_else() {
    let cloud = cloud().await;
    let operator = token(
        &cloud.services,
        Role::Operator,
        Role::Operator.permissions(),
    )
    .await;
    let unknown = basic("another-key");
    let mut called = 0;
    for grant in cloud.grants.iter().filter(|g| g.access == Access::WriteKey) {
        called += 1;
        cloud.refuses(grant, None, 401, "nobody").await;
        for authorization in ["", "Basic", "Basic ???", "Basic Og==", &unknown, &operator] {
            cloud
                .refuses(grant, Some(authorization), 401, authorization)
                .await;
        }
        cloud.admits(grant, &basic(WRITE_KEY), "a sender").await;
    }
    assert!(called > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_devices_token_is_refused_everywhere() {
    let cloud = cloud().await;
    let tokens = [Role::Tablet, Role::Kiosk].map(|role| (role, role.permissions()));
    for (role, permissions) in tokens {
        let token = token(&cloud.services, role, permissions).await;
        let key = state_key(&device(role).unwrap());
        let stored = cloud.services.ledger.read(&key).await.unwrap().unwrap();
        let mut state: DeviceState = serde_json::from_str(&stored.body).unwrap();
        state.revoked = true;
        let body = serde_json::to_string(&state).unwrap();
        let put = Write::put(key, body, Condition::Any);
        cloud.services.ledger.write(vec![put]).await.unwrap();
        for grant in &cloud.grants {
            if matches!(grant.access, Access::Bearer { .. }) {
                let (status, kind) = cloud.call(grant, Some(&token)).await;
                assert_eq!((status, kind.as_str()), (403, "/problems/revoked"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_is_on_the_list_and_everything_is_in_the_document() {
    let cloud = cloud().await;
    let named = |grant: &Grant| format!("{} {}", grant.method, grant.path);
    let public = cloud.grants.iter().filter(|g| g.access == Access::Public);
    let public: BTreeSet<String> = public.map(named).collect();
    let listed: BTreeSet<String> = PUBLIC.iter().map(ToString::to_string).collect();
    assert_eq!(public, listed);
    let document = client().get(format!("{}/openapi.json", cloud.url));
    let document: Value = document.send().await.unwrap().json().await.unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            documented.insert(format!("{method} {path}"));
        }
    }
    let granted: BTreeSet<String> = cloud.grants.iter().map(named).collect();
    assert_eq!(documented, granted);
    for grant in &cloud.grants {
        let operation = &document["paths"][&grant.path][&grant.method];
        check_operation(grant, operation);
    }
}

/// What OpenAPI 3.1 asks of every operation, and what we promise: it says how it refuses, and errors are problems.
fn check_operation(grant: &Grant, operation: &Value) {
    let place = format!("{} {}", grant.method, grant.path);
    let responses = operation["responses"].as_object().unwrap();
    for (status, response) in responses {
        assert!(response["description"].is_string(), "{place} {status}");
        let plain = &response["content"]["application/json"];
        assert!(
            status < &"400".to_owned() || plain.is_null(),
            "{place} {status}"
        );
    }
    let refusals: &[&str] = match grant.access {
        Access::Public => &[],
        Access::WriteKey => &["401"],
        Access::Bearer { .. } => &["401", "403"],
    };
    for status in refusals {
        let problem = &responses[*status]["content"]["application/problem+json"]["schema"];
        assert_eq!(
            problem["$ref"], "#/components/schemas/Problem",
            "{place} {status}"
        );
    }
    let parameters = operation["parameters"].as_array();
    for parameter in parameters.into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let in_path = grant.path.contains(&format!("{{{name}}}"));
        assert_eq!(parameter["in"] == "path", in_path, "{place} {name}");
    }
}
