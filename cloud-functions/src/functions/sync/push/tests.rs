use super::*;
use crate::devices::command_key;
use crate::feed::{self, entity_key};
use crate::functions::identity::revoke;
use crate::functions::sync::routes;
use crate::ports::ledger::{Condition, Ledger as _};
use crate::ports::poke::Poke;
use crate::testing::faults::{Fault, FaultyLedger};
use crate::testing::shop::{Shop, as_device, store};
use crate::testing::wire::{Answer, Served, serve};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::api::sync::{
    Change, Command, CommandResult, CommandStatus, Cursor, Scope, command as kinds, kind,
};
use domain::ids::CommandId;
use domain::problem::Problem;
use serde_json::{Value, json};
use std::sync::Arc;

/// A tablet of store 1 that pushes over a wire.
pub(super) struct Tablet {
    pub(super) shop: Shop,
    pub(super) served: Served,
    pub(super) device: Enrolment,
    pub(super) token: String,
}

pub(super) async fn tablet() -> Tablet {
    of(Shop::open().await).await
}

pub(super) async fn of(shop: Shop) -> Tablet {
    of_kind(shop, DeviceKind::Tablet).await
}

pub(super) async fn of_kind(shop: Shop, kind: DeviceKind) -> Tablet {
    let device = shop.enrol("1", kind).await;
    let token = shop.token(&device).await;
    let served = serve(routes(shop.bench.services.clone())).await;
    Tablet {
        shop,
        served,
        device,
        token,
    }
}

/// A tablet whose ledger fails as it is told.
pub(super) async fn faulty() -> (Tablet, Arc<FaultyLedger>) {
    let faults = std::sync::OnceLock::new();
    let shop = Shop::open_on(|inner| faults.get_or_init(|| FaultyLedger::over(inner)).clone());
    let tablet = of(shop.await).await;
    (tablet, faults.into_inner().unwrap())
}

pub(super) fn note(n: u64) -> Value {
    json!({"id": format!("n-{n}"), "customer": "c-1", "text": format!("Likes {n}"), "author": "a-1", "written_at": "2026-05-31T10:00:00Z", "pinned": false})
}

pub(super) fn command_with(cseq: u64, kind: &str, version: u32, args: &Value) -> Command {
    Command {
        cseq,
        id: CommandId::parse(format!("k-{cseq}")).unwrap(),
        kind: kind.to_owned(),
        version,
        args: serde_json::value::to_raw_value(args).unwrap(),
        issued_at_device: "1970-01-01T00:00:00Z".parse().unwrap(),
    }
}

pub(super) fn add(cseq: u64, args: &Value) -> Command {
    command_with(cseq, kinds::NOTE_ADD, 1, args)
}

/// Changes the text of a note.
pub(super) fn change(cseq: u64, note: &Value, base: u64, text: &str) -> Command {
    let args = json!({"id": note["id"], "customer": note["customer"], "base": base, "text": text, "pinned": false, "author": "a-1"});
    command_with(cseq, kinds::NOTE_CHANGE, 1, &args)
}

/// Takes a note away.
pub(super) fn remove(cseq: u64, note: &Value, base: u64) -> Command {
    let args =
        json!({"id": note["id"], "customer": note["customer"], "base": base, "author": "a-1"});
    command_with(cseq, kinds::NOTE_REMOVE, 1, &args)
}

impl Tablet {
    pub(super) fn request(&self, commands: Vec<Command>) -> PushRequest {
        PushRequest {
            device: self.device.device.clone(),
            schema: SCHEMA,
            first_cseq: commands.first().map_or(1, |command| command.cseq),
            commands,
        }
    }

    pub(super) async fn send_packed(&self, body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("content-encoding", "zstd"),
            ("accept-encoding", "gzip, zstd"),
        ];
        self.served
            .send("POST", "/v1/sync/push", &headers, body)
            .await
    }

    async fn send(&self, commands: Vec<Command>) -> Answer {
        let request = self.request(commands);
        self.served
            .post("/v1/sync/push", &self.token, &request)
            .await
    }

    pub(super) async fn push(&self, commands: Vec<Command>) -> PushResponse {
        let answer = self.send(commands).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The decision on one command.
    pub(super) async fn decided(&self, command: Command) -> CommandResult {
        self.push(vec![command]).await.results.remove(0)
    }

    async fn problem(&self, commands: Vec<Command>) -> (u16, String) {
        let answer = self.send(commands).await;
        (answer.status, answer.problem())
    }

    /// The customers' feed, whose numbers are exactly 1 to the head (I5).
    pub(super) async fn feed(&self) -> Vec<Change> {
        let (ledger, scope) = (
            &*self.shop.bench.services.ledger,
            Scope::customers(&store("1")),
        );
        let head = feed::read_head(ledger, &scope).await.unwrap();
        let changes = feed::read_after(ledger, &scope, Cursor::default(), 1_000)
            .await
            .unwrap();
        let numbers: Vec<u64> = changes.iter().map(|change| change.seq).collect();
        assert_eq!(numbers, (1..=head.seq).collect::<Vec<_>>());
        changes
    }

    /// The ids of the notes in the feed, in its order.
    pub(super) async fn notes(&self) -> Vec<String> {
        let feed = self.feed().await;
        let notes = feed.into_iter().filter(|change| change.kind == kind::NOTE);
        notes.map(|change| change.id).collect()
    }

    pub(super) async fn last_cseq(&self) -> u64 {
        let services = &self.shop.bench.services;
        state(services, &self.device.device)
            .await
            .unwrap()
            .value
            .last_cseq
    }
}

pub(super) fn rejected(result: &CommandResult) -> (CommandStatus, &str) {
    (result.status, result.code.as_deref().unwrap_or("-"))
}

#[tokio::test]
async fn a_note_is_in_the_feed_with_its_command_and_in_the_ledger() {
    let tablet = tablet().await;
    let response = tablet.push(vec![add(1, &note(1))]).await;
    let scope = Scope::customers(&store("1"));
    assert_eq!(response.last_cseq, 1);
    assert_eq!(response.results[0].status, CommandStatus::Applied);
    assert_eq!(response.results[0].seqs, [(scope, 2)].into());
    let feed = tablet.feed().await;
    let change = &feed[1];
    assert_eq!(
        (change.kind.as_str(), change.id.as_str(), change.version),
        ("note", "n-1", 1)
    );
    assert_eq!(change.command, CommandId::parse("k-1").ok());
    let key = entity_key(kind::NOTE, "n-1");
    let kept = tablet
        .shop
        .bench
        .services
        .ledger
        .read(&key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.body, change.body.as_ref().unwrap().get());
    assert_eq!(serde_json::from_str::<Value>(&kept.body).unwrap(), note(1));
}

#[tokio::test]
async fn a_lost_acknowledgement_costs_nothing() {
    let tablet = tablet().await;
    let commands = || vec![add(1, &note(1)), add(2, &json!({})), add(3, &note(3))];
    let first = tablet.push(commands()).await;
    for _ in 0..3 {
        let again = tablet.push(commands()).await;
        assert_eq!(again.last_cseq, 3);
        for (again, first) in again.results.iter().zip(&first.results) {
            let mut expected = first.clone();
            if expected.status == CommandStatus::Applied {
                expected.status = CommandStatus::Duplicate;
            }
            assert_eq!(again, &expected, "the outcome of then");
        }
    }
    assert_eq!(tablet.notes().await, ["n-1", "n-3"]);
}

#[tokio::test]
async fn a_push_that_overlaps_an_older_one_goes_on_from_there() {
    let tablet = tablet().await;
    tablet.push(vec![add(1, &note(1)), add(2, &note(2))]).await;
    let response = tablet.push(vec![add(2, &note(2)), add(3, &note(3))]).await;
    let statuses: Vec<_> = response
        .results
        .iter()
        .map(|result| result.status)
        .collect();
    assert_eq!(statuses, [CommandStatus::Duplicate, CommandStatus::Applied]);
    assert_eq!(tablet.notes().await, ["n-1", "n-2", "n-3"]);
}

#[tokio::test]
async fn a_gap_is_refused_and_says_what_is_expected() {
    let tablet = tablet().await;
    let answer = tablet.send(vec![add(3, &note(3))]).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (409, "cseq-gap")
    );
    assert_eq!(answer.json::<Problem>().expected, Some(1));
    let inside = tablet.send(vec![add(1, &note(1)), add(3, &note(3))]).await;
    assert_eq!(
        (inside.status, inside.problem().as_str()),
        (409, "cseq-gap")
    );
    assert_eq!(inside.json::<Problem>().expected, Some(2));
    assert_eq!(
        (tablet.last_cseq().await, tablet.notes().await.len()),
        (0, 0)
    );
    let zero = PushRequest {
        first_cseq: 0,
        ..tablet.request(vec![add(0, &note(1))])
    };
    let answer = tablet
        .served
        .post("/v1/sync/push", &tablet.token, &zero)
        .await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (400, "invalid-request")
    );
}

#[tokio::test]
async fn a_number_belongs_to_one_command_for_ever() {
    let tablet = tablet().await;
    tablet.push(vec![add(1, &note(1))]).await;
    let mismatch = (409, "command-mismatch".to_owned());
    assert_eq!(tablet.problem(vec![add(1, &note(2))]).await, mismatch);
    assert_eq!(
        tablet
            .problem(vec![command_with(1, "note.add", 2, &note(1))])
            .await,
        mismatch
    );
    assert_eq!(
        tablet
            .problem(vec![command_with(1, "other", 1, &note(1))])
            .await,
        mismatch
    );
    let mut renamed = add(1, &note(1));
    renamed.id = CommandId::parse("k-other").unwrap();
    assert_eq!(
        tablet.problem(vec![renamed, add(2, &note(2))]).await,
        mismatch
    );
    assert_eq!(
        tablet.notes().await,
        ["n-1"],
        "nothing after a mismatch is decided"
    );
    let answer = tablet.send(vec![add(1, &note(2))]).await;
    assert_eq!(answer.json::<Problem>().expected, Some(2));
    let mut later = add(1, &note(1));
    later.issued_at_device = "2036-01-01T00:00:00Z".parse().unwrap();
    let again = tablet.decided(later).await;
    assert_eq!(
        again.status,
        CommandStatus::Duplicate,
        "a device's clock counts for nothing"
    );
}

#[tokio::test]
async fn what_cannot_be_is_rejected_for_good_and_holds_nothing_up() {
    let tablet = tablet().await;
    let with = |field: &str, value: Value| {
        let mut note = note(9);
        note[field] = value;
        note
    };
    let cases = [
        (add(1, &json!({"text": 5})), "note-invalid"),
        (add(2, &with("text", json!(" \n"))), "note-invalid"),
        (
            add(3, &with("text", json!("x".repeat(2_001)))),
            "note-invalid",
        ),
        (
            add(4, &with("customer", json!("nobody"))),
            "customer-unknown",
        ),
        (add(5, &with("customer", json!("c-2"))), "customer-unknown"),
        (add(6, &with("author", json!("nobody"))), "author-unknown"),
        (add(7, &with("author", json!("a-2"))), "author-unknown"),
        (command_with(8, "note.burn", 1, &note(9)), "kind-unknown"),
        (command_with(9, "note.add", 3, &note(9)), "kind-unknown"),
    ];
    for (command, code) in cases {
        let result = tablet.decided(command.clone()).await;
        assert_eq!(rejected(&result), (CommandStatus::Rejected, code));
        assert!(
            result
                .message
                .as_ref()
                .is_some_and(|message| message.len() <= 300)
        );
        let again = tablet.decided(command).await;
        assert_eq!(again, result, "who missed the refusal is refused again");
    }
    let response = tablet.push(vec![add(10, &note(9))]).await;
    assert_eq!(
        (response.last_cseq, response.results[0].status),
        (10, CommandStatus::Applied)
    );
    assert_eq!(tablet.notes().await, ["n-9"]);
}

#[tokio::test]
async fn a_note_is_written_once_under_whatever_command() {
    let tablet = tablet().await;
    tablet.push(vec![add(1, &note(1))]).await;
    let same = tablet.decided(add(2, &note(1))).await;
    assert_eq!((same.status, same.seqs.len()), (CommandStatus::Applied, 0));
    let mut other = note(1);
    other["text"] = json!("Hates 1");
    other["written_at"] = json!("2026-05-31T10:00:01Z");
    let other = tablet.decided(add(3, &other)).await;
    assert_eq!(rejected(&other), (CommandStatus::Rejected, "note-exists"));
    assert_eq!(tablet.notes().await, ["n-1"]);
}

#[tokio::test]
async fn a_device_pushes_its_own_commands_in_its_own_schema() {
    let tablet = tablet().await;
    let other = tablet.shop.enrol("1", DeviceKind::Tablet).await;
    let foreign = PushRequest {
        device: other.device,
        ..tablet.request(vec![add(1, &note(1))])
    };
    let answer = tablet
        .served
        .post("/v1/sync/push", &tablet.token, &foreign)
        .await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (403, "wrong-device")
    );
    for schema in [0, SCHEMA + 1] {
        let request = PushRequest {
            schema,
            ..tablet.request(vec![add(1, &note(1))])
        };
        let answer = tablet
            .served
            .post("/v1/sync/push", &tablet.token, &request)
            .await;
        assert_eq!((answer.status, answer.problem().as_str()), (426, "schema"));
        assert_eq!(answer.headers["upgrade"], "aisle-sync/1");
    }
    let many = (1..=101).map(|cseq| add(cseq, &note(cseq))).collect();
    assert_eq!(tablet.problem(many).await, (413, "too-much".to_owned()));
    assert_eq!(tablet.push(vec![]).await.last_cseq, 0);
    assert_eq!(tablet.notes().await.len(), 0);
}

#[tokio::test]
async fn people_push_nothing() {
    let tablet = tablet().await;
    let request = tablet.request(vec![add(1, &note(1))]);
    let manager = tablet.shop.manager("1").await;
    let answer = tablet
        .served
        .post("/v1/sync/push", &manager, &request)
        .await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (403, "forbidden")
    );
    let answer = tablet.served.post("/v1/sync/push", "", &request).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_revoked_device_writes_nothing() {
    let tablet = tablet().await;
    let services = &tablet.shop.bench.services;
    revoke(services, &tablet.device.device).await.unwrap();
    assert_eq!(
        tablet.problem(vec![add(1, &note(1))]).await,
        (403, "revoked".to_owned())
    );
    // Past the gate too: revoked between the token's check and the write.
    let request = tablet.request(vec![add(1, &note(1))]);
    let caller = as_device(&tablet.device);
    let late = push(services, &caller, &request).await;
    assert!(matches!(late, Err(PushRefusal::Revoked)));
    assert_eq!(tablet.notes().await.len(), 0);
}

#[tokio::test]
async fn a_revocation_between_decision_and_write_wins() {
    let (tablet, ledger) = faulty().await;
    let (services, device) = (
        tablet.shop.bench.services.clone(),
        tablet.device.device.clone(),
    );
    ledger.before_next_write(async move { revoke(&services, &device).await.unwrap() });
    assert_eq!(
        tablet.problem(vec![add(1, &note(1))]).await,
        (403, "revoked".to_owned())
    );
    assert!(ledger.is_spent());
    assert_eq!(tablet.notes().await.len(), 0);
    assert_eq!(
        tablet.problem(vec![]).await,
        (403, "revoked".to_owned()),
        "it stays revoked"
    );
}

#[tokio::test]
async fn a_customer_who_goes_between_decision_and_write_gets_no_note() {
    let (tablet, ledger) = faulty().await;
    let services = tablet.shop.bench.services.clone();
    ledger.before_next_write(async move {
        let gone = feed::Move {
            scope: Scope::customers(&store("1")),
            kind: kind::CUSTOMER,
            id: "c-1".to_owned(),
            body: None,
            command: None,
            condition: Condition::Any,
        };
        // Another instance: within one, whoever is second waits.
        let (ledger, poke) = (&*services.ledger, Poke::default());
        feed::publish(ledger, &poke, &[gone], &[]).await.unwrap();
    });
    let result = tablet.decided(add(1, &note(1))).await;
    assert!(ledger.is_spent());
    assert_eq!(
        rejected(&result),
        (CommandStatus::Rejected, "customer-unknown")
    );
    assert_eq!(tablet.notes().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tablets_push_together_and_the_feed_has_no_gap() {
    let first = tablet().await;
    let device = first.shop.enrol("1", DeviceKind::Tablet).await;
    let token = first.shop.token(&device).await;
    let second = PushRequest {
        device: device.device.clone(),
        ..first.request((1..=20).map(|cseq| add(cseq, &note(100 + cseq))).collect())
    };
    let commands = (1..=20).map(|cseq| add(cseq, &note(cseq))).collect();
    let (one, other) = tokio::join!(
        first.push(commands),
        first.served.post("/v1/sync/push", &token, &second)
    );
    let other: PushResponse = other.json();
    for response in [&one, &other] {
        assert_eq!(response.last_cseq, 20);
        assert!(
            response
                .results
                .iter()
                .all(|result| result.status == CommandStatus::Applied)
        );
    }
    let mut notes = first.notes().await;
    notes.sort();
    notes.dedup();
    assert_eq!(notes.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tablet_that_pushes_the_same_many_times_at_once_writes_it_once() {
    let tablet = tablet().await;
    let pushes = (0..8).map(|_| {
        let tablet = &tablet;
        async move {
            let commands = (1..=10).map(|cseq| add(cseq, &note(cseq))).collect();
            tablet.push(commands).await
        }
    });
    let responses = futures_util::future::join_all(pushes).await;
    for n in 0..10 {
        let applied = responses
            .iter()
            .filter(|response| response.results[n].status == CommandStatus::Applied);
        assert_eq!(
            applied.count(),
            1,
            "command {n} was applied for one of them"
        );
    }
    assert_eq!(tablet.notes().await.len(), 10);
    assert_eq!(tablet.last_cseq().await, 10);
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_up_before_anything_else() {
    let (tablet, ledger) = faulty().await;
    let mut pokes = tablet.shop.bench.services.poke.listen();
    ledger.next_writes(&[Some(Fault::DoneUntold), None, Some(Fault::LostUntold), None]);
    // Each looks at what the one before it made: they need a write each.
    let commands = vec![
        add(1, &note(1)),
        change(2, &note(1), 1, "two"),
        change(3, &note(1), 2, "three"),
    ];
    let response = tablet.push(commands).await;
    assert!(ledger.is_spent());
    assert_eq!(response.last_cseq, 3);
    assert!(
        response
            .results
            .iter()
            .all(|result| result.status == CommandStatus::Applied)
    );
    assert_eq!(tablet.notes().await, ["n-1"; 3]);
    for _ in 0..3 {
        assert_eq!(
            pokes.try_recv(),
            Ok(Scope::customers(&store("1"))),
            "each is told"
        );
    }
}

#[tokio::test]
async fn a_ledger_that_fails_half_way_leaves_what_was_decided() {
    let (tablet, ledger) = faulty().await;
    ledger.next_writes(&[None, Some(Fault::Refused)]);
    let commands = || vec![add(1, &note(1)), change(2, &note(1), 1, "two")];
    assert_eq!(
        tablet.problem(commands()).await,
        (503, "unavailable".to_owned())
    );
    assert_eq!(
        (tablet.last_cseq().await, tablet.notes().await),
        (1, vec!["n-1".to_owned()])
    );
    let key = command_key(&tablet.device.device, 2);
    assert_eq!(
        ledger.read(&key).await,
        Ok(None),
        "no part of the second is there"
    );
    let again = tablet.push(commands()).await;
    let statuses: Vec<_> = again.results.iter().map(|result| result.status).collect();
    assert_eq!(statuses, [CommandStatus::Duplicate, CommandStatus::Applied]);
    assert_eq!(tablet.notes().await, ["n-1", "n-1"]);
}

#[tokio::test]
async fn what_is_no_push_is_a_problem() {
    let tablet = tablet().await;
    let bearer = format!("Bearer {}", tablet.token);
    let json = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    for body in ["", "{", "[]", "{\"device\":\"a#b\"}", "\u{0}"] {
        let answer = tablet
            .served
            .send("POST", "/v1/sync/push", &json, body.as_bytes())
            .await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "invalid-request"),
            "{body}"
        );
    }
}
