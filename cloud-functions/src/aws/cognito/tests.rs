use super::*;
use axum::Router;
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const ONE: &[u8] = include_bytes!("one.der");
const TWO: &[u8] = include_bytes!("two.der");
const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a";

struct Hands(Mutex<DateTime<Utc>>);

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Whoever gets here was not taken for somebody of the pool.
struct Others;

#[async_trait]
impl Verifier for Others {
    async fn verify(&self, _: &str) -> Result<Principal, TokenError> {
        Err(TokenError::Revoked)
    }

    async fn source(&self, write_key: &str) -> Result<Option<String>, TokenError> {
        Ok(Some(write_key.to_owned()))
    }
}

/// A pool that serves what it is told to, over HTTP.
struct Bench {
    served: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
    clock: Arc<Hands>,
    verifier: CognitoVerifier,
}

fn key(der: &[u8]) -> EncodingKey {
    EncodingKey::from_rsa_der(der)
}

fn jwks(keys: &[(&str, &[u8])]) -> String {
    let keys = keys.iter().map(|(kid, der)| {
        let mut jwk = Jwk::from_encoding_key(&key(der), Algorithm::RS256).unwrap();
        jwk.common.key_id = Some((*kid).to_owned());
        jwk
    });
    json!({"keys": keys.collect::<Vec<_>>()}).to_string()
}

impl Bench {
    async fn open() -> Self {
        let served = Arc::new(Mutex::new(jwks(&[("one", ONE)])));
        let asked = Arc::new(AtomicUsize::new(0));
        let (said, count) = (Arc::clone(&served), Arc::clone(&asked));
        let answer = get(move || async move {
            count.fetch_add(1, Ordering::SeqCst);
            said.lock().unwrap().clone()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/jwks", answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let pool = Pool {
            issuer: ISSUER.to_owned(),
            client: "tills".to_owned(),
            keys: format!("http://{address}/jwks"),
        };
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Arc::new(Hands(Mutex::new(now)));
        let verifier = CognitoVerifier::new(pool, clock.clone(), Arc::new(Others)).unwrap();
        Self {
            served,
            asked,
            clock,
            verifier,
        }
    }

    fn later(&self, seconds: i64) {
        *self.clock.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    fn claims(&self) -> Value {
        let now = self.clock.now().timestamp();
        json!({
            "iss": ISSUER, "client_id": "tills", "token_use": "access", "sub": "7f", "username": "as-1",
            "iat": now, "exp": now + 300, "cognito:groups": ["associate", "store:berlin"],
        })
    }

    /// Signed with the first key, with one claim changed.
    async fn with(&self, claim: &str, value: Value) -> Result<Principal, TokenError> {
        let mut claims = self.claims();
        claims[claim] = value;
        self.verifier.verify(&signed("one", ONE, &claims)).await
    }
}

fn signed(kid: &str, der: &[u8], claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(kid.to_owned());
    jsonwebtoken::encode(&header, claims, &key(der)).unwrap()
}

fn refused(reason: &str) -> Result<Principal, TokenError> {
    Err(TokenError::Invalid(reason.to_owned()))
}

#[tokio::test]
async fn groups_are_roles_and_a_store() {
    let bench = Bench::open().await;
    let token = signed("one", ONE, &bench.claims());
    let principal = bench.verifier.verify(&token).await.unwrap();
    assert_eq!(principal.role, Role::Associate);
    assert_eq!(principal.permissions, Role::Associate.permissions());
    assert_eq!(principal.store.unwrap().as_str(), "berlin");
    assert_eq!(principal.associate.unwrap().as_str(), "as-1");
    let both = json!(["associate", "manager", "store:berlin", "coffee"]);
    let manager = bench.with("cognito:groups", both).await.unwrap();
    assert_eq!(manager.role, Role::Manager);
    for (groups, reason) in [
        (json!([]), "no group that is a role"),
        (json!(["operator", "store:a"]), "no group that is a role"),
        (json!(["associate"]), "not one store"),
        (json!(["associate", "store:a", "store:b"]), "not one store"),
        (json!(["associate", "store:"]), "a bad store"),
    ] {
        assert_eq!(bench.with("cognito:groups", groups).await, refused(reason));
    }
}

#[tokio::test]
async fn each_claim_is_checked() {
    let bench = Bench::open().await;
    let now = bench.clock.now().timestamp();
    let id_token = bench.with("token_use", json!("id")).await;
    assert_eq!(id_token, refused("not an access token"));
    let client = bench.with("client_id", json!("web")).await;
    assert_eq!(client, refused("another client"));
    let future = bench.with("iat", json!(now + 31)).await;
    assert_eq!(future, refused("made in the future"));
    assert_eq!(
        bench.with("exp", json!(now - 30)).await,
        Err(TokenError::Expired)
    );
    assert!(bench.with("exp", json!(now - 29)).await.is_ok());
    let unreadable = bench.with("exp", json!("soon")).await;
    assert!(matches!(unreadable, Err(TokenError::Invalid(_))));
}

#[tokio::test]
async fn other_issuers_and_write_keys_are_left_to_the_verifier_beside() {
    let bench = Bench::open().await;
    let other = bench.with("iss", json!(format!("{ISSUER}b"))).await;
    assert_eq!(other, Err(TokenError::Revoked));
    for token in ["", ".", "a.b.c", "..", &"x".repeat(5_000)] {
        let found = bench.verifier.verify(token).await;
        assert_eq!(found, Err(TokenError::Revoked));
    }
    let source = bench.verifier.source("wk").await;
    assert_eq!(source, Ok(Some("wk".to_owned())));
    assert_eq!(bench.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn no_algorithm_but_the_pools_counts() {
    let bench = Bench::open().await;
    let claims = bench.claims();
    // The public key as a shared secret: it is what everybody has.
    let secret = EncodingKey::from_secret(bench.served.lock().unwrap().as_bytes());
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("one".to_owned());
    let confused = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
    assert_eq!(
        bench.verifier.verify(&confused).await,
        refused("another algorithm")
    );
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let none = json!({"alg": "none", "kid": "one"});
    let none = format!("{}.{}.", part(&none), part(&claims));
    let found = bench.verifier.verify(&none).await;
    assert!(matches!(found, Err(TokenError::Invalid(_))), "{found:?}");
    // Another key under the pool's name for its own.
    let forged = signed("one", TWO, &claims);
    let found = bench.verifier.verify(&forged).await;
    assert!(matches!(found, Err(TokenError::Invalid(_))), "{found:?}");
}

#[tokio::test]
async fn keys_rotate_and_invented_names_cost_nothing() {
    let bench = Bench::open().await;
    let first = signed("one", ONE, &bench.claims());
    assert!(bench.verifier.verify(&first).await.is_ok());
    assert!(bench.verifier.verify(&first).await.is_ok());
    assert_eq!(bench.asked.load(Ordering::SeqCst), 1);
    *bench.served.lock().unwrap() = jwks(&[("two", TWO)]);
    let second = signed("two", TWO, &bench.claims());
    assert_eq!(bench.verifier.verify(&second).await, refused("no such key"));
    assert_eq!(bench.asked.load(Ordering::SeqCst), 1);
    bench.later(30);
    assert!(bench.verifier.verify(&second).await.is_ok());
    assert_eq!(bench.verifier.verify(&first).await, refused("no such key"));
    assert_eq!(bench.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_pool_that_cannot_be_read_fails_closed_and_takes_no_known_key_away() {
    let bench = Bench::open().await;
    let first = signed("one", ONE, &bench.claims());
    assert!(bench.verifier.verify(&first).await.is_ok());
    let unknown = signed("two", TWO, &bench.claims());
    for answer in ["{".to_owned(), " ".repeat(70_000)] {
        *bench.served.lock().unwrap() = answer;
        bench.later(30);
        let found = bench.verifier.verify(&unknown).await;
        assert!(
            matches!(found, Err(TokenError::Unavailable(_))),
            "{found:?}"
        );
        assert!(bench.verifier.verify(&first).await.is_ok());
    }
}
