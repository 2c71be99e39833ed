//! Capsules, brought over the wire.

use super::*;
use crate::feed::entity_key;
use crate::functions::identity;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::api::cart::BatchAnswer;
use domain::api::identity::KnownDevice;
use domain::cart::{Capsule, Outcome, SignedCapsule, Workstation, key_id};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const PATH: &str = "/v1/carts/capsules";

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(key: &Ed25519KeyPair) -> String {
    URL_SAFE_NO_PAD.encode(key.public_key())
}

impl Counter {
    /// The key of a device, told to its store.
    async fn register(&self, device: &Device, key: &Ed25519KeyPair) {
        let known = KnownDevice {
            device: device.enrolment.device.clone(),
            store: device.enrolment.store.clone(),
            kind: device.enrolment.kind,
            workstation: Workstation::new(1).unwrap(),
            key_id: key_id(&public(key)),
            public_key: public(key),
        };
        let scope = Scope::team(&known.store);
        let body = serde_json::to_value(&known).unwrap();
        self.shop.put(scope, kind::DEVICE, device.id(), &body).await;
    }

    /// Two pairs of boots, put into a cart by `by`, as `issuer` tells of it.
    fn capsule(issuer: &Device, by: &Device, cart: &str, customer: Option<&str>) -> Capsule {
        let add = Self::command(by, "boots", &Self::add("a", "boots", 2));
        let body = json!({
            "opening": {"id": cart, "store": "1", "currency": "EUR", "customer": customer},
            "generation": 1, "issuer": issuer.id(), "fence": 0,
            "made_at_device": "1999-01-01T00:00:00Z", "commands": [add],
        });
        serde_json::from_value(body).unwrap()
    }
}

fn signed(capsule: Capsule, key: &Ed25519KeyPair) -> Value {
    let signature = key.sign(&capsule.canonical_bytes());
    let signed = SignedCapsule {
        key_id: key_id(&public(key)),
        signature: URL_SAFE_NO_PAD.encode(signature),
        capsule,
    };
    json!({ "signed": signed })
}

#[tokio::test]
async fn i03_a_capsule_counts_once_whoever_brings_it_and_however_often() {
    let counter = counter().await;
    let (one, two) = (&counter.one, &counter.two);
    counter.register(one, &key(1)).await;
    let capsule = signed(Counter::capsule(one, one, "k", None), &key(1));
    for by in [two, one, two, &counter.kiosk] {
        let answer: BatchAnswer = counter.ok(by, PATH, capsule.clone()).await;
        assert_eq!(answer.results.len(), 1);
        assert_eq!(answer.results[0].outcome, Outcome::Applied);
        assert_eq!(answer.view.cart.goods().values().sum::<u64>(), 2);
        let total = answer.view.totals.unwrap().total.minor;
        assert_eq!(total, 20_000, "at the price of now");
    }
    // The very command, as the device itself sends it.
    let add = [("boots", Counter::add("a", "boots", 2))];
    let view = counter.send(one, "k", &add).await;
    assert_eq!(view.cart.counted().count(), 1);
    assert!(view.cart.lease.hold.is_none(), "no lease moves");
}

#[tokio::test]
async fn a_tablet_brings_what_a_kiosk_gave_it_and_a_kiosk_only_its_own() {
    let counter = counter().await;
    let (one, kiosk) = (&counter.one, &counter.kiosk);
    counter.register(one, &key(1)).await;
    counter.register(kiosk, &key(2)).await;
    let passed_on = signed(Counter::capsule(one, kiosk, "k", None), &key(1));
    let answer: BatchAnswer = counter.ok(&counter.two, PATH, passed_on).await;
    assert_eq!(answer.view.cart.lines[0].by.device, kiosk.enrolment.device);
    let others = signed(Counter::capsule(kiosk, one, "l", None), &key(2));
    let refused = counter.problem(one, PATH, others).await;
    assert_eq!(refused, (400, "invalid-request".to_owned()));
    let hers = signed(Counter::capsule(one, one, "m", Some("c-1")), &key(1));
    let refused = counter.problem(kiosk, PATH, hers.clone()).await;
    assert_eq!(
        refused,
        (403, "wrong-cart".to_owned()),
        "a kiosk holds nobody"
    );
    let answer: BatchAnswer = counter.ok(&counter.two, PATH, hers).await;
    assert!(answer.view.cart.opening.customer.is_some());
}

#[tokio::test]
async fn what_nobody_signed_or_nobody_may_sign_is_refused_and_changes_nothing() {
    let counter = counter().await;
    let (one, two) = (&counter.one, &counter.two);
    let capsule = Counter::capsule(one, one, "k", None);
    let good = signed(capsule.clone(), &key(1));
    let refused = async |body: Value| counter.problem(two, PATH, body).await;
    let unknown = refused(good.clone()).await;
    assert_eq!(unknown, (403, "capsule-issuer-unknown".to_owned()));
    counter.register(one, &key(1)).await;
    let another = refused(signed(capsule.clone(), &key(9))).await;
    assert_eq!(another, (403, "capsule-key-unknown".to_owned()));
    let mut forged = good.clone();
    forged["signed"]["capsule"]["commands"][0]["action"]["quantity"] = json!(9);
    let forged = refused(forged).await;
    assert_eq!(forged, (400, "capsule-signature".to_owned()));
    let mut garbled = good.clone();
    garbled["signed"]["signature"] = json!("?");
    assert_eq!(refused(garbled).await.1, "capsule-signature");
    let mut elsewhere = capsule.clone();
    elsewhere.opening.store = crate::testing::shop::store("2");
    assert_eq!(refused(signed(elsewhere, &key(1))).await.1, "wrong-cart");
    let mut many = capsule;
    many.commands = vec![many.commands[0].clone(); 101];
    assert_eq!(refused(signed(many, &key(1))).await.0, 400);
    let services = &counter.shop.bench.services;
    identity::revoke(services, &one.enrolment.device)
        .await
        .unwrap();
    let revoked = refused(good).await;
    assert_eq!(revoked, (403, "capsule-issuer-revoked".to_owned()));
    let there = services.ledger.read(&entity_key(kind::CART, "k")).await;
    assert_eq!(there.unwrap(), None);
}
