use super::*;
use crate::functions::identity::{LocalVerifier, revoke, routes};
use crate::ports::tokens::Verifier as _;
use crate::testing::shop::{Shop, as_device, store};
use crate::testing::wire::{Answer, Served, serve};
use domain::api::identity::{DeviceKind, Enrolment};

const GRANT: &str = "grant_type=client_credentials";

async fn open() -> (Shop, Served, Enrolment) {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Kiosk).await;
    let served = serve(routes(shop.bench.services.clone())).await;
    (shop, served, device)
}

fn basic_of(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn error(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.headers["cache-control"], "no-store");
    (answer.status, answer.json::<OAuthError>().error)
}

#[tokio::test]
async fn a_device_gets_a_token_by_header_or_by_form() {
    let (shop, served, device) = open().await;
    let basic = basic_of(device.device.as_str(), &device.secret);
    let by_header = served
        .post_form("/oauth2/token", &[("authorization", &basic)], GRANT)
        .await;
    let form = format!(
        "{GRANT}&client_id={}&client_secret={}",
        device.device, device.secret
    );
    let by_form = served.post_form("/oauth2/token", &[], &form).await;
    for answer in [by_header, by_form] {
        assert_eq!(
            (answer.status, answer.headers["cache-control"].as_str()),
            (200, "no-store")
        );
        let token: TokenResponse = answer.json();
        assert_eq!(
            (token.token_type.as_str(), token.expires_in),
            ("Bearer", 900)
        );
        assert_eq!(
            token.scope,
            "feeds:pull commands:push recommendations:read guests:identify carts:write"
        );
        let verified = shop
            .bench
            .services
            .verifier
            .verify(&token.access_token)
            .await;
        assert_eq!(verified, Ok(as_device(&device)));
    }
}

#[tokio::test]
async fn a_device_may_ask_for_less_but_not_for_more() {
    let (shop, served, device) = open().await;
    let basic = basic_of(device.device.as_str(), &device.secret);
    let headers = [("authorization", basic.as_str())];
    let ask = |scope: &str| format!("{GRANT}&scope={scope}");
    let less = served
        .post_form("/oauth2/token", &headers, &ask("feeds%3Apull"))
        .await;
    let token: TokenResponse = less.json();
    assert_eq!(token.scope, "feeds:pull");
    let principal = shop
        .bench
        .services
        .verifier
        .verify(&token.access_token)
        .await
        .unwrap();
    assert_eq!(principal.permissions, [Permission::FeedsPull]);
    for scope in ["pin%3Averify", "feeds%3Apull+board%3Aread", "x"] {
        let more = served
            .post_form("/oauth2/token", &headers, &ask(scope))
            .await;
        assert_eq!(error(&more), (400, "invalid_scope".to_owned()), "{scope}");
    }
}

#[tokio::test]
async fn refusals_are_those_of_rfc_6749() {
    let (_shop, served, device) = open().await;
    let id = device.device.as_str();
    let basic = basic_of(id, &device.secret);
    let with = [("authorization", basic.as_str())];
    let post = |headers: Vec<(&'static str, String)>, form: String| {
        let served = &served;
        async move {
            let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            error(&served.post_form("/oauth2/token", &headers, &form).await)
        }
    };
    let authorization = |value: String| vec![("authorization", value)];
    let missing = served.post_form("/oauth2/token", &with, "").await;
    assert_eq!(error(&missing), (400, "invalid_request".to_owned()));
    let grant = served
        .post_form("/oauth2/token", &with, "grant_type=password")
        .await;
    assert_eq!(error(&grant), (400, "unsupported_grant_type".to_owned()));
    let twice = format!("{GRANT}&client_id={id}&client_secret={}", device.secret);
    let twice = served.post_form("/oauth2/token", &with, &twice).await;
    assert_eq!(error(&twice), (400, "invalid_request".to_owned()));
    let invalid_client = (401, "invalid_client".to_owned());
    for wrong in [
        basic_of(id, "x"),
        basic_of("nobody", &device.secret),
        basic_of("", ""),
    ] {
        assert_eq!(
            post(authorization(wrong), GRANT.to_owned()).await,
            invalid_client
        );
    }
    assert_eq!(post(vec![], GRANT.to_owned()).await, invalid_client);
    let bearer = authorization("Bearer x".to_owned());
    assert_eq!(
        post(bearer, GRANT.to_owned()).await,
        (400, "invalid_request".to_owned())
    );
    let json = served
        .post("/oauth2/token", "", &serde_json::json!({}))
        .await;
    assert_eq!(error(&json), (400, "invalid_request".to_owned()));
    let unproved = served.post_form("/oauth2/token", &[], GRANT).await;
    assert_eq!(
        unproved.headers["www-authenticate"],
        "Basic realm=\"aisle\""
    );
}

#[tokio::test]
async fn a_revoked_device_learns_it_and_gets_no_token() {
    let (shop, served, device) = open().await;
    revoke(&shop.bench.services, &device.device).await.unwrap();
    let right = basic_of(device.device.as_str(), &device.secret);
    let answer = served
        .post_form("/oauth2/token", &[("authorization", &right)], GRANT)
        .await;
    assert_eq!(error(&answer), (403, "unauthorized_client".to_owned()));
    let wrong = basic_of(device.device.as_str(), "x");
    let answer = served
        .post_form("/oauth2/token", &[("authorization", &wrong)], GRANT)
        .await;
    assert_eq!(error(&answer), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn who_holds_only_the_published_keys_can_verify() {
    let (shop, served, device) = open().await;
    crate::functions::identity::settle_issuer(&shop.bench.services, "https://id.example/")
        .await
        .unwrap();
    let token = shop.token(&device).await;
    let configuration: serde_json::Value =
        served.get("/.well-known/openid-configuration").await.json();
    assert_eq!(configuration["issuer"], "https://id.example/");
    assert_eq!(
        configuration["jwks_uri"],
        "https://id.example/.well-known/jwks.json"
    );
    assert_eq!(
        configuration["token_endpoint"],
        "https://id.example/oauth2/token"
    );
    let keys: jsonwebtoken::jwk::JwkSet = served.get("/.well-known/jwks.json").await.json();
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.validate_exp = false;
    validation.set_issuer(&["https://id.example/"]);
    let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["sub"], device.device.as_str());
    assert_eq!(claims["token_use"], "access");
    let raw = String::from_utf8(served.get("/.well-known/jwks.json").await.body).unwrap();
    assert!(!raw.contains("\"d\""), "the private half stays home");
}

#[tokio::test]
async fn a_revocation_is_the_managers_own_and_counts_at_once() {
    let (shop, served, device) = open().await;
    let token = shop.token(&device).await;
    let services = &shop.bench.services;
    let other = LocalVerifier::new(services.ledger.clone(), services.clock.clone());
    assert!(other.verify(&token).await.is_ok());
    let path = format!("/v1/identity/devices/{}/revoke", device.device);
    let foreign = served.post(&path, &shop.manager("2").await, &()).await;
    assert_eq!(
        (foreign.status, foreign.problem().as_str()),
        (403, "wrong-store")
    );
    assert!(other.verify(&token).await.is_ok());
    let manager = shop.manager("1").await;
    assert_eq!(served.post(&path, &manager, &()).await.status, 204);
    assert_eq!(
        served.post(&path, &manager, &()).await.status,
        204,
        "again is the same"
    );
    assert_eq!(
        other.verify(&token).await,
        Err(crate::ports::tokens::TokenError::Revoked)
    );
    let unknown = served
        .post("/v1/identity/devices/none/revoke", &manager, &())
        .await;
    assert_eq!(unknown.status, 404);
    assert_eq!(device.store, store("1"));
}
