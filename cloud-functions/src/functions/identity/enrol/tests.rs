use super::*;
use crate::functions::identity::{create_code, revoke, routes};
use crate::testing::shop::{Shop, store};
use crate::testing::wire::serve;
use domain::api::identity::{CodeRequest, DeviceKind, EnrolmentCode};

const NONCE: &str = "00112233445566778899aabbccddeeff";

async fn code(shop: &Shop) -> String {
    let request = CodeRequest {
        store: store("1"),
        kind: DeviceKind::Tablet,
    };
    let code = create_code(&shop.bench.services, &request).await.unwrap();
    assert_eq!(code.expires_in, 600);
    code.code
}

fn request(code: &str, nonce: &str) -> EnrolRequest {
    EnrolRequest {
        code: code.to_owned(),
        nonce: nonce.to_owned(),
    }
}

#[tokio::test]
async fn a_code_makes_one_device_and_a_repeat_is_the_same_one() {
    let shop = Shop::open().await;
    let services = &shop.bench.services;
    let code = code(&shop).await;
    let first = enrol(services, &request(&code, NONCE)).await.unwrap();
    assert_eq!(
        (first.kind, &first.store),
        (DeviceKind::Tablet, &store("1"))
    );
    let typed = format!("{}-{}", &code[..4], code[4..].to_lowercase());
    let again = enrol(services, &request(&typed, &NONCE.to_uppercase()))
        .await
        .unwrap();
    assert_eq!(again, first);
    let other = enrol(services, &request(&code, &NONCE.replace('0', "1"))).await;
    assert!(matches!(other, Err(EnrolError::Refused)));
}

#[tokio::test]
async fn a_repeat_is_answered_long_after_the_code_ended_but_not_after_revocation() {
    let shop = Shop::open().await;
    let services = &shop.bench.services;
    let code = code(&shop).await;
    let first = enrol(services, &request(&code, NONCE)).await.unwrap();
    shop.bench.clock.advance(TimeDelta::days(3));
    let again = enrol(services, &request(&code, NONCE)).await.unwrap();
    assert_eq!(again, first);
    revoke(services, &first.device).await.unwrap();
    let revoked = enrol(services, &request(&code, NONCE)).await;
    assert!(matches!(revoked, Err(EnrolError::Refused)));
}

#[tokio::test]
async fn an_unused_code_ends_after_ten_minutes() {
    let shop = Shop::open().await;
    let code = code(&shop).await;
    shop.bench.clock.advance(TimeDelta::seconds(600));
    let late = enrol(&shop.bench.services, &request(&code, NONCE)).await;
    assert!(matches!(late, Err(EnrolError::Refused)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_devices_that_show_a_code_together_one_is_enrolled() {
    let shop = Shop::open().await;
    let code = code(&shop).await;
    let tries = (0..8_u32).map(|n| {
        let (services, request) = (
            shop.bench.services.clone(),
            request(&code, &format!("{n:032}")),
        );
        tokio::spawn(async move { enrol(&services, &request).await })
    });
    let ends = futures_util::future::join_all(tries).await;
    let enrolled = ends.iter().filter(|end| end.as_ref().unwrap().is_ok());
    assert_eq!(enrolled.count(), 1);
}

#[tokio::test]
async fn guessing_is_slowed_for_right_codes_too_and_then_forgotten() {
    let shop = Shop::open().await;
    let services = &shop.bench.services;
    let good = code(&shop).await;
    for _ in 0..10 {
        let wrong = enrol(services, &request("00000000", NONCE)).await;
        assert!(matches!(wrong, Err(EnrolError::Refused)));
    }
    let blocked = enrol(services, &request(&good, NONCE)).await;
    assert!(matches!(blocked, Err(EnrolError::Wait(2))));
    shop.bench.clock.advance(TimeDelta::seconds(2));
    enrol(services, &request(&good, NONCE)).await.unwrap();
    let forgotten = enrol(services, &request("00000000", NONCE)).await;
    assert!(matches!(forgotten, Err(EnrolError::Refused)));
}

#[tokio::test]
async fn what_is_no_nonce_is_refused_before_anything_is_counted() {
    let shop = Shop::open().await;
    for nonce in ["", "00", &"g".repeat(32), &"0".repeat(33)] {
        for _ in 0..20 {
            let refused = enrol(&shop.bench.services, &request("00000000", nonce)).await;
            assert!(matches!(refused, Err(EnrolError::BadNonce)), "{nonce}");
        }
    }
}

#[tokio::test]
async fn the_ledger_holds_neither_code_nor_secret() {
    let shop = Shop::open().await;
    let services = &shop.bench.services;
    let code = code(&shop).await;
    let device = enrol(services, &request(&code, NONCE)).await.unwrap();
    let state = services
        .ledger
        .read(&devices::state_key(&device.device))
        .await;
    let state = state.unwrap().unwrap().body;
    let row = services
        .ledger
        .read(&code_key(&code))
        .await
        .unwrap()
        .unwrap();
    for secret in [code.as_str(), device.secret.as_str(), NONCE] {
        assert!(!state.contains(secret) && !row.body.contains(secret));
        assert!(!row.key.partition.contains(secret));
    }
}

#[tokio::test]
async fn a_manager_enrols_for_her_own_store_only() {
    let shop = Shop::open().await;
    let served = serve(routes(shop.bench.services.clone())).await;
    let manager = shop.manager("1").await;
    let ask = |of: &str| CodeRequest {
        store: store(of),
        kind: DeviceKind::Kiosk,
    };
    let path = "/v1/identity/enrolment-codes";
    assert_eq!(served.post(path, "", &ask("1")).await.status, 401);
    let foreign = served.post(path, &manager, &ask("2")).await;
    assert_eq!(
        (foreign.status, foreign.problem().as_str()),
        (403, "wrong-store")
    );
    let code: EnrolmentCode = served.post(path, &manager, &ask("1")).await.json();
    let answer = served
        .post("/v1/identity/enrol", "", &request(&code.code, NONCE))
        .await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.json::<Enrolment>().kind, DeviceKind::Kiosk);
}

#[tokio::test]
async fn an_unknown_store_and_a_wrong_code_are_problems_that_say_so() {
    let shop = Shop::open().await;
    let served = serve(routes(shop.bench.services.clone())).await;
    let nowhere = CodeRequest {
        store: store("404"),
        kind: DeviceKind::Kiosk,
    };
    let unknown = create_code(&shop.bench.services, &nowhere).await;
    assert!(matches!(
        unknown,
        Err(crate::functions::identity::CodeError::StoreUnknown(_))
    ));
    for _ in 0..10 {
        let wrong = served
            .post("/v1/identity/enrol", "", &request("0000-0000", NONCE))
            .await;
        assert_eq!(
            (wrong.status, wrong.problem().as_str()),
            (400, "code-refused")
        );
    }
    let blocked = served
        .post("/v1/identity/enrol", "", &request("0000-0000", NONCE))
        .await;
    assert_eq!(
        (blocked.status, blocked.problem().as_str()),
        (429, "enrolment-blocked")
    );
    assert_eq!(blocked.headers["retry-after"], "2");
}
