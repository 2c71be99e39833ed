use super::*;
use crate::functions::identity::routes;
use crate::testing::shop::{Shop, as_device};
use crate::testing::wire::{Answer, Served, serve};
use domain::access::Permission;
use domain::api::identity::{DeviceKind, Enrolment};

struct Tablet {
    shop: Shop,
    served: Served,
    device: Enrolment,
    token: String,
}

async fn tablet() -> Tablet {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Tablet).await;
    let token = shop.token(&device).await;
    let served = serve(routes(shop.bench.services.clone())).await;
    Tablet {
        shop,
        served,
        device,
        token,
    }
}

impl Tablet {
    async fn sign_in(&self, associate: &str, pin: &str) -> Answer {
        let request = PinRequest {
            associate: AssociateId::parse(associate).unwrap(),
            pin: pin.to_owned(),
        };
        // The tablet's own token lives for a quarter of an hour; a locked PIN may outlast it.
        let token = self.shop.token(&self.device).await;
        self.served.post("/v1/identity/pin", &token, &request).await
    }

    async fn refused(&self, associate: &str, pin: &str) -> (u16, String) {
        let answer = self.sign_in(associate, pin).await;
        (answer.status, answer.problem())
    }
}

#[tokio::test]
async fn an_associate_signs_in_on_her_stores_tablet() {
    let tablet = tablet().await;
    for (id, pin, role) in [
        ("a-1", "1234", Role::Associate),
        ("m-1", "567890", Role::Manager),
    ] {
        let answer = tablet.sign_in(id, pin).await;
        assert_eq!(
            (answer.status, answer.headers["cache-control"].as_str()),
            (200, "no-store")
        );
        let token: TokenResponse = answer.json();
        let verified = tablet
            .shop
            .bench
            .services
            .verifier
            .verify(&token.access_token)
            .await;
        let expected = Principal {
            role,
            permissions: role.permissions().to_vec(),
            associate: Some(AssociateId::parse(id).unwrap()),
            ..as_device(&tablet.device)
        };
        assert_eq!(verified, Ok(expected));
    }
}

#[tokio::test]
async fn nobody_of_another_store_signs_in_or_is_locked_out() {
    let tablet = tablet().await;
    for _ in 0..10 {
        assert_eq!(
            tablet.refused("a-2", "1234").await,
            (403, "pin-refused".to_owned())
        );
        assert_eq!(
            tablet.refused("nobody", "1234").await,
            (403, "pin-refused".to_owned())
        );
    }
    let key = tries_key(&AssociateId::parse("a-2").unwrap());
    assert_eq!(tablet.shop.bench.services.ledger.read(&key).await, Ok(None));
}

#[tokio::test]
async fn five_wrong_pins_lock_for_longer_and_longer() {
    let tablet = tablet().await;
    let clock = &tablet.shop.bench.clock;
    for _ in 0..5 {
        assert_eq!(
            tablet.refused("a-1", "0000").await,
            (403, "pin-refused".to_owned())
        );
    }
    let locked = tablet.sign_in("a-1", "1234").await;
    assert_eq!(
        (locked.status, locked.problem().as_str()),
        (429, "pin-locked")
    );
    assert_eq!(locked.headers["retry-after"], "60");
    assert_eq!(
        tablet.sign_in("m-1", "567890").await.status,
        200,
        "a colleague is not locked"
    );
    clock.advance(TimeDelta::seconds(60));
    assert_eq!(
        tablet.refused("a-1", "0000").await,
        (403, "pin-refused".to_owned())
    );
    let longer = tablet.sign_in("a-1", "1234").await;
    assert_eq!(longer.headers["retry-after"], "120");
    clock.advance(TimeDelta::seconds(120));
    assert_eq!(tablet.sign_in("a-1", "1234").await.status, 200);
    assert_eq!(
        tablet.refused("a-1", "0000").await,
        (403, "pin-refused".to_owned())
    );
    assert_eq!(
        tablet.sign_in("a-1", "1234").await.status,
        200,
        "she starts with none"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_same_moment_are_all_counted() {
    let tablet = tablet().await;
    let guesses = (0..12).map(|n| {
        let guess = format!("{:04}", 2_000 + n);
        let tablet = &tablet;
        async move { tablet.sign_in("a-1", &guess).await.status }
    });
    let ends = futures_util::future::join_all(guesses).await;
    let checked = ends.iter().filter(|status| **status == 403).count();
    assert_eq!(checked, 5, "{ends:?}");
}

#[tokio::test]
async fn what_is_no_pin_is_neither_checked_nor_counted() {
    let tablet = tablet().await;
    for _ in 0..10 {
        assert_eq!(
            tablet.refused("a-1", "12").await,
            (400, "invalid-request".to_owned())
        );
    }
    assert_eq!(tablet.sign_in("a-1", "1234").await.status, 200);
}

#[tokio::test]
async fn only_a_tablet_may_ask() {
    let tablet = tablet().await;
    let request = PinRequest {
        associate: AssociateId::parse("a-1").unwrap(),
        pin: "1234".to_owned(),
    };
    let kiosk = tablet.shop.enrol("1", DeviceKind::Kiosk).await;
    let mut without = as_device(&tablet.device);
    without.permissions.retain(|p| *p != Permission::PinVerify);
    let manager = tablet.shop.manager("1").await;
    let tokens = [
        tablet.shop.token(&kiosk).await,
        tablet.shop.mint(&without).await,
        manager,
    ];
    for token in tokens {
        let answer = tablet
            .served
            .post("/v1/identity/pin", &token, &request)
            .await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "forbidden")
        );
    }
    let answer = tablet.served.post("/v1/identity/pin", "", &request).await;
    assert_eq!(answer.status, 401);
    let answer = tablet
        .served
        .post("/v1/identity/pin", &tablet.token, &request)
        .await;
    assert_eq!(answer.status, 200);
}
