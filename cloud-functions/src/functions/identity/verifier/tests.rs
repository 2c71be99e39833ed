use super::super::secrets::base64url;
use super::super::{mint, revoke, settle_issuer};
use super::*;
use crate::engines::memory::MemoryLedger;
use crate::ports::ledger::{Condition, LedgerError, Stored, Write};
use crate::testing::SeededIds;
use crate::testing::shop::{Shop, as_device, store};
use chrono::TimeDelta;
use domain::access::{Permission, Role};
use domain::api::identity::{Claims, DeviceKind};
use jsonwebtoken::{EncodingKey, Header};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

fn operator() -> Principal {
    Principal {
        role: Role::Operator,
        permissions: Role::Operator.permissions().to_vec(),
        store: None,
        device: None,
        associate: None,
        customer: None,
    }
}

/// A valid token's claims, and the issuer's own key to sign others with.
struct Forge {
    shop: Shop,
    claims: Claims,
    keys: Keys,
}

impl Forge {
    async fn new() -> Self {
        let shop = Shop::open().await;
        let device = shop.enrol("1", DeviceKind::Tablet).await;
        let token = shop.token(&device).await;
        let keys = keys::read(&*shop.bench.services.ledger)
            .await
            .unwrap()
            .unwrap();
        let claims = tokens::open(keys.active().unwrap(), &token).unwrap();
        Self { shop, claims, keys }
    }

    fn kid(&self) -> String {
        self.keys.active().unwrap().kid.clone()
    }

    /// Signed with the issuer's own key.
    fn signed(&self, change: impl Fn(&mut Claims)) -> String {
        let mut claims = self.claims.clone();
        change(&mut claims);
        tokens::sign(self.keys.active().unwrap(), &claims).unwrap()
    }

    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        self.shop.bench.services.verifier.verify(token).await
    }

    async fn reason(&self, token: &str) -> String {
        match self.verify(token).await {
            Err(TokenError::Invalid(reason)) => reason,
            other => panic!("{other:?} of {token}"),
        }
    }
}

#[tokio::test]
async fn what_was_minted_is_verified_as_it_was_meant() {
    let forge = Forge::new().await;
    let device = forge.shop.enrol("2", DeviceKind::Kiosk).await;
    let mut less = as_device(&device);
    less.permissions = vec![Permission::FeedsPull];
    for principal in [operator(), as_device(&device), less] {
        let token = forge.shop.mint(&principal).await;
        assert_eq!(forge.verify(&token).await, Ok(principal));
    }
}

#[tokio::test]
async fn a_token_needs_what_its_role_must_have() {
    let shop = Shop::open().await;
    let services = &shop.bench.services;
    for role in [Role::Tablet, Role::Kiosk, Role::Associate, Role::Manager] {
        let nobody = Principal { role, ..operator() };
        assert!(mint(services, &nobody).await.is_err(), "{role:?}");
    }
}

#[tokio::test]
async fn a_token_without_a_signature_of_ours_is_refused() {
    let forge = Forge::new().await;
    let good = forge.signed(|_| {});
    assert!(forge.verify(&good).await.is_ok());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let other = base64url(
        &serde_json::to_vec(&Claims {
            role: Role::Operator,
            ..forge.claims.clone()
        })
        .unwrap(),
    );
    let none = base64url(format!(r#"{{"alg":"none","kid":"{}"}}"#, forge.kid()).as_bytes());
    let (_, payload) = message.split_once('.').unwrap();
    for bad in [
        String::new(),
        "a.b.c".to_owned(),
        message.to_owned(),
        format!("{message}."),
        format!("{header}.{other}.{signature}"),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{good}{}", "A".repeat(MAX_TOKEN_BYTES)),
    ] {
        forge.reason(&bad).await;
    }
}

#[tokio::test]
async fn the_public_key_is_no_hmac_secret() {
    let forge = Forge::new().await;
    let pair = forge.keys.active().unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(forge.kid());
    let point = pair.verifying.try_get_as_bytes().unwrap().to_vec();
    let jwk = format!(
        r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
        pair.x, pair.y
    );
    for secret in [point, jwk.into_bytes()] {
        let key = EncodingKey::from_secret(&secret);
        let token = jsonwebtoken::encode(&header, &forge.claims, &key).unwrap();
        assert_eq!(forge.reason(&token).await, "another algorithm");
    }
}

#[tokio::test]
async fn another_issuers_key_is_refused_whatever_it_is_called() {
    let forge = Forge::new().await;
    let (elsewhere, now) = (
        MemoryLedger::default(),
        forge.shop.bench.services.clock.now(),
    );
    let foreign = keys::load(&elsewhere, &SeededIds::new(99), now)
        .await
        .unwrap();
    let foreign = foreign.active().unwrap();
    let token = tokens::sign(foreign, &forge.claims).unwrap();
    assert_eq!(forge.reason(&token).await, "no such key");
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(forge.kid());
    let token = jsonwebtoken::encode(&header, &forge.claims, &foreign.signing).unwrap();
    assert_eq!(forge.reason(&token).await, "InvalidSignature");
    header.kid = None;
    let token = jsonwebtoken::encode(&header, &forge.claims, &foreign.signing).unwrap();
    assert_eq!(forge.reason(&token).await, "no kid");
}

#[tokio::test]
async fn claims_that_are_not_ours_are_refused() {
    let forge = Forge::new().await;
    let now = forge.claims.iat;
    for (token, reason) in [
        (
            forge.signed(|c| c.iss = "https://evil.example".into()),
            "another issuer",
        ),
        (
            forge.signed(|c| c.token_use = "id".into()),
            "not an access token",
        ),
        (
            forge.signed(|c| c.client_id = "other".into()),
            "another client_id",
        ),
        (forge.signed(|c| c.iat = now + 31), "made in the future"),
        (forge.signed(|c| c.store = None), "no store"),
        (
            forge.signed(|c| c.store = Some(store("2"))),
            "another store's device",
        ),
        (
            forge.signed(|c| c.sub = "other".into()),
            "a device's token is about the device",
        ),
        (
            forge.signed(|c| {
                c.device = DeviceId::parse("ghost").ok();
                c.sub = "ghost".into();
                c.client_id = "ghost".into();
            }),
            "no such device",
        ),
    ] {
        assert_eq!(forge.reason(&token).await, reason);
    }
}

#[tokio::test]
async fn a_token_ends_after_a_quarter_of_an_hour_and_the_leeway() {
    let forge = Forge::new().await;
    let token = forge.signed(|_| {});
    let clock = &forge.shop.bench.clock;
    clock.advance(TimeDelta::seconds(15 * 60 + LEEWAY - 1));
    assert!(forge.verify(&token).await.is_ok());
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(forge.verify(&token).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn a_token_cannot_allow_more_than_its_role() {
    let forge = Forge::new().await;
    let greedy = forge.signed(|c| c.scope = "feeds:pull devices:enrol board:read x".into());
    let principal = forge.verify(&greedy).await.unwrap();
    assert_eq!(principal.permissions, [Permission::FeedsPull]);
}

#[tokio::test]
async fn a_new_key_is_found_and_old_tokens_live_on() {
    let forge = Forge::new().await;
    let old = forge.signed(|_| {});
    assert!(forge.verify(&old).await.is_ok());
    let services = &forge.shop.bench.services;
    settle_issuer(services, "https://id.example").await.unwrap();
    let new = forge.shop.mint(&operator()).await;
    assert!(forge.verify(&new).await.is_ok());
    assert!(forge.verify(&old).await.is_ok());
}

/// Counts reads of the issuer's keys, and can be made to fail.
struct Counting {
    inner: MemoryLedger,
    key_reads: AtomicUsize,
    failing: std::sync::atomic::AtomicBool,
}

#[async_trait]
impl Ledger for Counting {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(LedgerError::Unavailable("gone".to_owned()));
        }
        if key.partition == "K#issuer" {
            self.key_reads.fetch_add(1, Ordering::SeqCst);
        }
        self.inner.read(key).await
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        self.inner.read_all(keys).await
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        self.inner.range(partition, range, limit).await
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        self.inner.write(batch).await
    }
}

#[tokio::test]
async fn an_unknown_key_is_fetched_once_and_then_it_fails_closed() {
    let forge = Forge::new().await;
    let ledger = Arc::new(Counting {
        inner: MemoryLedger::default(),
        key_reads: AtomicUsize::new(0),
        failing: false.into(),
    });
    let clock = forge.shop.bench.services.clock.clone();
    let ours = keys::load(&*ledger, &SeededIds::new(7), clock.now())
        .await
        .unwrap();
    let verifier = LocalVerifier::new(ledger.clone(), clock);
    ledger.key_reads.store(0, Ordering::SeqCst);
    let foreign = forge.signed(|_| {});
    assert!(matches!(
        verifier.verify(&foreign).await,
        Err(TokenError::Invalid(_))
    ));
    assert_eq!(ledger.key_reads.load(Ordering::SeqCst), 1);
    let of_operator = Claims {
        iss: ours.active().unwrap().issuer.clone(),
        role: Role::Operator,
        sub: "operator".into(),
        client_id: "aisle-cloud".into(),
        device: None,
        ..forge.claims.clone()
    };
    let token = tokens::sign(ours.active().unwrap(), &of_operator).unwrap();
    for _ in 0..3 {
        assert!(verifier.verify(&token).await.is_ok());
    }
    assert_eq!(
        ledger.key_reads.load(Ordering::SeqCst),
        1,
        "known keys are remembered"
    );
    ledger.failing.store(true, Ordering::SeqCst);
    assert!(matches!(
        verifier.verify(&foreign).await,
        Err(TokenError::Unavailable(_))
    ));
    assert!(verifier.source("k").await.is_err());
}

#[tokio::test]
async fn a_revocation_counts_at_once_wherever_the_token_was_checked_before() {
    let forge = Forge::new().await;
    let bench = &forge.shop.bench;
    let elsewhere = LocalVerifier::new(bench.services.ledger.clone(), bench.services.clock.clone());
    let token = forge.signed(|_| {});
    for _ in 0..2 {
        assert!(forge.verify(&token).await.is_ok());
        assert!(elsewhere.verify(&token).await.is_ok());
    }
    let device = forge.claims.device.as_ref().unwrap();
    revoke(&bench.services, device).await.unwrap();
    assert_eq!(forge.verify(&token).await, Err(TokenError::Revoked));
    assert_eq!(elsewhere.verify(&token).await, Err(TokenError::Revoked));
}

#[tokio::test]
async fn a_token_that_was_checked_before_ends_with_its_time_and_with_its_key() {
    let forge = Forge::new().await;
    let bench = &forge.shop.bench;
    let (short, long) = (
        forge.signed(|c| c.exp = c.iat + 60),
        forge.signed(|c| c.exp = c.iat + 3_600),
    );
    for token in [&short, &long] {
        assert!(forge.verify(token).await.is_ok());
    }
    bench.clock.advance(TimeDelta::seconds(60 + LEEWAY));
    assert_eq!(forge.verify(&short).await, Err(TokenError::Expired));
    assert!(forge.verify(&long).await.is_ok());
    settle_issuer(&bench.services, "https://id.example")
        .await
        .unwrap();
    assert!(
        forge
            .verify(&forge.shop.mint(&operator()).await)
            .await
            .is_ok()
    );
    bench.clock.advance(TimeDelta::minutes(20));
    assert_eq!(forge.reason(&long).await, "no such key");
}

#[tokio::test]
async fn a_write_key_is_a_source_where_it_is_one() {
    let shop = Shop::open().await;
    let services = &shop.bench.services;
    let body = r#"{"source":"web","currency":"EUR","store":"1"}"#;
    let write = Write::put(Key::new("W#key-1", "V"), body, Condition::Absent);
    services.ledger.write(vec![write]).await.unwrap();
    let source = |key: &'static str| services.verifier.source(key);
    assert_eq!(source("key-1").await, Ok(Some("web".to_owned())));
    assert_eq!(source("key-2").await, Ok(None));
    assert_eq!(source("").await, Ok(None));
    let long = "k".repeat(MAX_WRITE_KEY_BYTES + 1);
    assert_eq!(services.verifier.source(&long).await, Ok(None));
}
