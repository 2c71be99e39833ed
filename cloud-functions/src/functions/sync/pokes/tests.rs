use super::super::routes;
use super::*;
use crate::functions::identity::revoke;
use crate::testing::shop::{Shop, store};
use axum::body::Body;
use axum::http::Request;
use domain::api::identity::{DeviceKind, Enrolment};
use futures_util::StreamExt;
use std::pin::Pin;
use tower::ServiceExt;

type Stream = Pin<Box<dyn futures_util::Stream<Item = Said>>>;

async fn stream(shop: &Shop, device: &Enrolment, seats: &Seats) -> Stream {
    let said = listen(&shop.bench.services, &device.device, seats).await;
    Box::pin(said.unwrap())
}

fn moved<const N: usize>(scopes: [Scope; N]) -> Option<Said> {
    Some(Said::Moved(scopes.into()))
}

// Time stands still and jumps to the next timer where nothing else is left to do.

#[tokio::test(start_paused = true)]
async fn a_device_hears_of_its_own_feeds_alone() {
    let shop = Shop::open().await;
    let (seats, poke) = (Seats::default(), shop.bench.services.poke.clone());
    let (tablet, kiosk) = (
        shop.enrol("1", DeviceKind::Tablet).await,
        shop.enrol("1", DeviceKind::Kiosk).await,
    );
    let mut tablet = stream(&shop, &tablet, &seats).await;
    let mut kiosk = stream(&shop, &kiosk, &seats).await;
    shop.customer(&store("2"), "theirs").await;
    shop.customer(&store("1"), "ours").await;
    poke.moved(&Scope::prices());
    let people = Scope::customers(&store("1"));
    assert_eq!(tablet.next().await, moved([people, Scope::prices()]));
    assert_eq!(
        kiosk.next().await,
        moved([Scope::prices()]),
        "strangers stand there"
    );
    assert_eq!(tablet.next().await, Some(Said::Nothing), "the heartbeat");
}

#[tokio::test(start_paused = true)]
async fn who_missed_pokes_is_told_of_all_that_may_have_moved() {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Tablet).await;
    let mut said = stream(&shop, &device, &Seats::default()).await;
    (0..2_000).for_each(|_| shop.bench.services.poke.moved(&Scope::prices()));
    let Some(Said::Moved(all)) = said.next().await else {
        panic!("it lagged");
    };
    assert_eq!(all.len(), 21);
}

#[tokio::test(start_paused = true)]
async fn i13_a_revoked_device_hears_nothing_more() {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Tablet).await;
    let seats = Seats::default();
    let mut silent = stream(&shop, &device, &seats).await;
    let mut poked = stream(&shop, &device, &seats).await;
    revoke(&shop.bench.services, &device.device).await.unwrap();
    assert_eq!(silent.next().await, None, "at the next heartbeat");
    shop.customer(&store("1"), "new").await;
    assert_eq!(poked.next().await, None, "at the next poke");
    let again = listen(&shop.bench.services, &device.device, &seats).await;
    assert!(matches!(again.err(), Some(SnapshotRefusal::Revoked)));
}

#[tokio::test(start_paused = true)]
async fn i13_a_stream_does_not_outlive_the_longest_token() {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Tablet).await;
    let mut said = stream(&shop, &device, &Seats::default()).await;
    let heartbeats = LONGEST.as_secs() / HEARTBEAT.as_secs();
    for _ in 1..heartbeats {
        assert_eq!(said.next().await, Some(Said::Nothing));
    }
    let rest: Vec<Said> = said.collect().await;
    assert!(rest.len() <= 1, "the last heartbeat at most: {rest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_third_stream_of_a_device_ends_its_first() {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Tablet).await;
    let seats = Seats::default();
    let mut first = stream(&shop, &device, &seats).await;
    let mut second = stream(&shop, &device, &seats).await;
    let mut third = stream(&shop, &device, &seats).await;
    assert_eq!(first.next().await, None);
    shop.customer(&store("1"), "new").await;
    for still in [&mut second, &mut third] {
        assert_eq!(still.next().await, moved([Scope::customers(&store("1"))]));
    }
}

#[tokio::test]
async fn pokes_are_server_sent_events() {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Tablet).await;
    let bearer = format!("Bearer {}", shop.token(&device).await);
    let (router, _, _) = routes(shop.bench.services.clone()).build();
    let ask = |bearer: &str| {
        let request = Request::get("/v1/sync/pokes").header("authorization", bearer);
        router.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    assert_eq!(ask("").await.unwrap().status(), 401);
    let answer = ask(&bearer).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut body = answer.into_body().into_data_stream();
    let mut line =
        async || String::from_utf8(body.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert_eq!(
        line().await,
        ": here\n\n",
        "it says at once that it is open"
    );
    shop.customer(&store("1"), "new").await;
    assert_eq!(
        line().await,
        "event: poke\ndata: [\"store/1/customers\"]\n\n"
    );
}
