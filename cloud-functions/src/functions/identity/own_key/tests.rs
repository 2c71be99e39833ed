use super::*;
use crate::functions::identity::{revoke, routes};
use crate::testing::shop::Shop;
use crate::testing::wire::serve;
use domain::api::identity::DeviceKind;
use serde_json::json;

#[tokio::test]
async fn each_device_has_a_key_and_a_tills_number_of_its_own() {
    let shop = Shop::open().await;
    let served = serve(routes(shop.bench.services.clone())).await;
    let keys = [[1_u8; 32], [2; 32]].map(|key| secrets::base64url(&key));
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let device = shop.enrol("1", DeviceKind::Tablet).await;
        let token = shop.token(&device).await;
        for key in [&keys[0], &keys[0], &keys[1]] {
            let body = json!({"public_key": key});
            let path = "/v1/identity/devices/self";
            let known: KnownDevice = served.post(path, &token, &body).await.json();
            assert_eq!((&known.public_key, &known.key_id), (key, &key_id(key)));
            numbers.push(known.workstation.number());
        }
        let entity = entity_key(kind::DEVICE, device.device.as_str());
        let services = &shop.bench.services;
        assert!(services.ledger.read(&entity).await.unwrap().is_some());
        for _ in 0..2 {
            revoke(services, &device.device).await.unwrap();
            assert!(services.ledger.read(&entity).await.unwrap().is_none());
        }
    }
    assert_eq!(numbers, [1, 1, 1, 2, 2, 2]);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let shop = Shop::open().await;
    let served = serve(routes(shop.bench.services.clone())).await;
    let token = shop.token(&shop.enrol("1", DeviceKind::Kiosk).await).await;
    for key in ["", "???", "AAAA"] {
        let body = json!({"public_key": key});
        let answer = served.post("/v1/identity/devices/self", &token, &body);
        assert_eq!(answer.await.status, 400, "{key}");
    }
}
