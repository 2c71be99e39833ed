use super::super::{compact, compact_all, routes};
use super::*;
use crate::feed::{self, Move};
use crate::functions::identity::revoke;
use crate::ports::ledger::Condition;
use crate::testing::shop::{Shop, store};
use crate::testing::wire::{Answer, Served, serve};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::api::sync::{PullLine, PullRequest, SCHEMA, kind};
use std::collections::BTreeMap;

/// More than a tail may have before a snapshot is due.
const MANY: usize = 2_020;

struct Bench {
    shop: Shop,
    served: Served,
    tablet: Enrolment,
    scope: Scope,
}

async fn bench() -> Bench {
    let shop = Shop::open().await;
    let tablet = shop.enrol("1", DeviceKind::Tablet).await;
    let served = serve(routes(shop.bench.services.clone())).await;
    Bench {
        scope: Scope::customers(&store("1")),
        shop,
        served,
        tablet,
    }
}

impl Bench {
    /// So many changes of a few notes.
    async fn grow(&self, count: usize) {
        let moves: Vec<Move> = (0..count)
            .map(|n| Move {
                scope: self.scope.clone(),
                kind: kind::NOTE,
                id: format!("n-{:02}", n % 45),
                body: Some(serde_json::value::to_raw_value(&n).unwrap()),
                command: None,
                condition: Condition::Any,
            })
            .collect();
        let services = &self.shop.bench.services;
        for chunk in moves.chunks(feed::MAX_PUBLISH) {
            feed::publish(&*services.ledger, &services.poke, chunk, &[])
                .await
                .unwrap();
        }
    }

    async fn get(&self, device: &Enrolment, rest: &str, headers: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {}", self.shop.token(device).await);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        let scope = self.scope.as_str().replace('/', "%2F");
        let path = format!("/v1/sync/snapshot/{scope}/{rest}");
        self.served.send("GET", &path, &all, b"").await
    }

    async fn problem(&self, device: &Enrolment, rest: &str) -> (u16, String) {
        let answer = self.get(device, rest, &[]).await;
        (answer.status, answer.problem())
    }

    /// What a pull with these cursors tells of the scope.
    async fn pull(&self, cursor: Option<(u64, u64)>) -> Vec<PullLine> {
        let named = |(epoch, seq)| (self.scope.clone(), domain::api::sync::Cursor { epoch, seq });
        let request = PullRequest {
            schema: SCHEMA,
            cursors: cursor.map(named).into_iter().collect::<BTreeMap<_, _>>(),
            limit: 5_000,
            wait_ms: 0,
            verify: false,
        };
        let token = self.shop.token(&self.tablet).await;
        let answer = self.served.post("/v1/sync/pull", &token, &request).await;
        assert_eq!(answer.status, 200);
        let text = String::from_utf8(zstd::decode_all(&*answer.body).unwrap()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.filter(|line| self.is_ours(line)).collect()
    }

    fn is_ours(&self, line: &PullLine) -> bool {
        match line {
            PullLine::Grant { scope } | PullLine::Revoke { scope } => *scope == self.scope,
            PullLine::Offer(offer) => offer.scope == self.scope,
            PullLine::Change(change) => change.scope == self.scope,
            PullLine::Checkpoint(_) => false,
        }
    }
}

#[tokio::test]
async fn a_device_without_anything_is_offered_a_snapshot_takes_it_and_goes_on() {
    let bench = bench().await;
    bench.grow(MANY).await;
    let services = &bench.shop.bench.services;
    assert!(compact(services, &bench.scope).await.unwrap());
    bench.grow(2).await;
    let lines = bench.pull(None).await;
    let [PullLine::Grant { .. }, PullLine::Offer(offer)] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(offer.cursor.seq, MANY as u64 + 1, "and the customer");
    let rest = format!("1/{}", offer.cursor.seq);
    let answer = bench.get(&bench.tablet, &rest, &[]).await;
    let manifest: Manifest = answer.json();
    assert_eq!((manifest.sum, manifest.cursor), (offer.sum, offer.cursor));
    assert_eq!(manifest.sum.rows, 46);
    let packed = bench
        .get(&bench.tablet, &rest, &[("accept-encoding", "zstd")])
        .await;
    assert_eq!(zstd::decode_all(&*packed.body).unwrap(), answer.body);
    let part = bench.get(&bench.tablet, &format!("{rest}/0"), &[]).await;
    assert_eq!(part.headers["content-encoding"], "zstd");
    assert_eq!(part.headers["content-type"], "application/x-ndjson");
    assert_eq!(
        part.headers["cache-control"],
        "private, max-age=31536000, immutable"
    );
    let text = String::from_utf8(zstd::decode_all(&*part.body).unwrap()).unwrap();
    assert_eq!(text.lines().count(), 46);
    let same = [("if-none-match", part.headers["etag"].as_str())];
    let again = bench.get(&bench.tablet, &format!("{rest}/0"), &same).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let lines = bench.pull(Some((1, offer.cursor.seq))).await;
    assert!(lines.iter().all(|line| matches!(line, PullLine::Change(_))));
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn who_cannot_go_on_keeps_its_rows_until_the_snapshot_is_there() {
    let bench = bench().await;
    let services = bench.shop.bench.services.clone();
    for _ in 0..2 {
        bench.grow(MANY).await;
        assert_eq!(compact_all(&services).await.unwrap().built, 1);
    }
    let head = feed::read_head(&*services.ledger, &bench.scope)
        .await
        .unwrap();
    assert_eq!(head.floor, MANY as u64 + 1);
    for stale in [
        (1, 1),
        (1, head.floor - 1),
        (9, head.seq),
        (1, head.seq + 1),
        (1, 0),
    ] {
        let lines = bench.pull(Some(stale)).await;
        assert!(
            matches!(lines.as_slice(), [PullLine::Offer(_)]),
            "{stale:?}: {lines:?}"
        );
    }
    let lines = bench.pull(Some((1, head.floor))).await;
    assert_eq!(
        lines.len(),
        MANY,
        "the tail since the older snapshot is there"
    );
    assert_eq!(compact_all(&services).await.unwrap().built, 0);
}

#[tokio::test]
async fn what_was_given_up_is_gone_and_what_never_was_is_not_found() {
    let bench = bench().await;
    let services = bench.shop.bench.services.clone();
    let tablet = &bench.tablet;
    assert_eq!(
        bench.problem(tablet, "1/5").await,
        (404, "not-found".to_owned())
    );
    let mut seqs = Vec::new();
    for _ in 0..3 {
        bench.grow(MANY).await;
        compact(&services, &bench.scope).await.unwrap();
        let head = feed::read_head(&*services.ledger, &bench.scope)
            .await
            .unwrap();
        seqs.push(head.snapshot.unwrap().seq);
    }
    let gone = (410, "snapshot-gone".to_owned());
    assert_eq!(bench.problem(tablet, &format!("1/{}", seqs[0])).await, gone);
    assert_eq!(
        bench.problem(tablet, &format!("1/{}/0", seqs[0])).await,
        gone
    );
    assert_eq!(
        bench.problem(tablet, &format!("2/{}/0", seqs[2])).await,
        gone
    );
    for seq in &seqs[1..] {
        assert_eq!(
            bench.get(tablet, &format!("1/{seq}"), &[]).await.status,
            200
        );
        let beyond = bench.problem(tablet, &format!("1/{seq}/1")).await;
        assert_eq!(beyond, (404, "not-found".to_owned()));
    }
    for odd in ["1/x", "1/-1", "1/5/x", "1/99999999999999999999"] {
        let refused = bench.problem(tablet, odd).await;
        assert_eq!(refused, (400, "invalid-request".to_owned()), "{odd}");
    }
}

#[tokio::test]
async fn i12_only_who_is_granted_a_scope_reads_its_snapshot() {
    let bench = bench().await;
    bench.grow(MANY).await;
    compact(&bench.shop.bench.services, &bench.scope)
        .await
        .unwrap();
    let rest = format!("1/{}", MANY + 1);
    let kiosk = bench.shop.enrol("1", DeviceKind::Kiosk).await;
    let other = bench.shop.enrol("2", DeviceKind::Tablet).await;
    for device in [&kiosk, &other] {
        for rest in [rest.clone(), format!("{rest}/0")] {
            let refused = bench.problem(device, &rest).await;
            assert_eq!(refused, (403, "not-granted".to_owned()));
        }
    }
    let nobody = bench.served.get("/v1/sync/snapshot/a/1/1/0").await;
    assert_eq!(nobody.status, 401);
    // A token that was good a moment ago.
    let caller = crate::testing::shop::as_device(&bench.tablet);
    let services = &bench.shop.bench.services;
    assert!(admit(services, &caller, &bench.scope).await.is_ok());
    revoke(services, &bench.tablet.device).await.unwrap();
    let refused = admit(services, &caller, &bench.scope).await;
    assert!(matches!(refused, Err(SnapshotRefusal::Revoked)));
}

#[tokio::test]
async fn a_storefront_begins_with_snapshots_and_finds_back_when_it_was_left_behind() {
    let bench = bench().await;
    let services = bench.shop.bench.services.clone();
    let shelf = Scope::catalogue(domain::api::sync::catalogue_shard("s-1"));
    let title = |title: String| serde_json::json!({"sku": "s-1", "title": title, "style": "s", "brand": "b", "department": "d"});
    let show = async |storefront: &crate::memory::Storefront| {
        let shown = storefront.show(&services, &store("1")).await.unwrap();
        shown
            .title(&domain::ids::Sku::parse("s-1").unwrap())
            .map(str::to_owned)
    };
    let early = crate::memory::Storefront::default();
    bench
        .shop
        .put(shelf.clone(), kind::ITEM, "s-1", &title("0".to_owned()))
        .await;
    let _ = show(&early).await;
    for round in 1..=2 {
        bench
            .shop
            .put(shelf.clone(), kind::ITEM, "s-1", &title(round.to_string()))
            .await;
        feed::snapshot::build(&*services.ledger, &shelf)
            .await
            .unwrap();
    }
    let late = crate::memory::Storefront::default();
    let seen = show(&late).await;
    assert_eq!(seen.as_deref(), Some("2"));
    bench
        .shop
        .bench
        .clock
        .advance(chrono::TimeDelta::seconds(5));
    assert_eq!(show(&early).await, seen);
}
