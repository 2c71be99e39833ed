//! What associates say of recommendations.

use super::tests::{Tablet, command_with, rejected, tablet};
use crate::feed::entity_key;
use domain::api::sync::{CommandStatus, Scope, kind};
use domain::pick::{MAX_PICKS, Picks};
use serde_json::{Value, json};

fn pick(sku: &str, verdict: impl Into<Value>) -> Value {
    json!({"customer": "c-1", "sku": sku, "verdict": verdict.into(), "author": "a-1", "at": "2026-06-01T10:00:00Z"})
}

async fn say(tablet: &Tablet, cseq: u64, args: &Value) -> (CommandStatus, String, usize) {
    let result = tablet
        .decided(command_with(cseq, "pick.set", 1, args))
        .await;
    let (status, code) = rejected(&result);
    (status, code.to_owned(), result.seqs.len())
}

async fn picks(tablet: &Tablet) -> Picks {
    let key = entity_key(kind::PICKS, "c-1");
    let stored = tablet.shop.bench.services.ledger.read(&key).await.unwrap();
    stored.map_or_else(Picks::default, |stored| {
        serde_json::from_str(&stored.body).unwrap()
    })
}

fn listed(picks: &Picks) -> (Vec<&str>, Vec<&str>) {
    (
        picks.pinned().map(|sku| sku.as_str()).collect(),
        picks.dismissed().map(|sku| sku.as_str()).collect(),
    )
}

#[tokio::test]
async fn what_is_said_is_decided_once_and_the_last_word_counts() {
    let tablet = tablet().await;
    let applied = |moves| (CommandStatus::Applied, "-".to_owned(), moves);
    assert_eq!(
        say(&tablet, 1, &pick("boots", json!("pinned"))).await,
        applied(1)
    );
    assert_eq!(
        say(&tablet, 2, &pick("tent", json!("dismissed"))).await,
        applied(1)
    );
    // A tablet that was set back says it again under another number.
    assert_eq!(
        say(&tablet, 3, &pick("boots", json!("pinned"))).await,
        applied(0)
    );
    assert_eq!(listed(&picks(&tablet).await), (vec!["boots"], vec!["tent"]));
    assert_eq!(
        say(&tablet, 4, &pick("boots", json!("dismissed"))).await,
        applied(1)
    );
    assert_eq!(
        say(&tablet, 5, &pick("tent", Value::Null)).await,
        applied(1)
    );
    assert_eq!(listed(&picks(&tablet).await), (vec![], vec!["boots"]));
    let change = tablet.feed().await.pop().unwrap();
    assert_eq!(
        (change.kind.as_str(), change.id.as_str()),
        (kind::PICKS, "c-1")
    );
    assert_eq!(change.command.unwrap().as_str(), "k-5");
}

#[tokio::test]
async fn many_of_one_push_build_on_each_other_and_there_is_a_bound() {
    let tablet = tablet().await;
    for push in 0..3 {
        let commands = (1..=100).map(|n| {
            let cseq = push * 100 + n;
            command_with(
                cseq,
                "pick.set",
                1,
                &pick(&format!("i-{cseq}"), json!("dismissed")),
            )
        });
        let response = tablet.push(commands.collect()).await;
        assert!(
            response
                .results
                .iter()
                .all(|result| result.status == CommandStatus::Applied)
        );
    }
    let picks = picks(&tablet).await;
    assert_eq!(picks.picks.len(), MAX_PICKS);
    assert_eq!(listed(&picks).1.first(), Some(&"i-300"));
}

#[tokio::test]
async fn nothing_is_said_by_or_of_strangers_nor_of_who_refused() {
    let tablet = tablet().await;
    let code = async |cseq: u64, field: &str, value: Value| {
        let mut args = pick("boots", json!("pinned"));
        args[field] = value;
        let (status, code, _) = say(&tablet, cseq, &args).await;
        assert_eq!(status, CommandStatus::Rejected);
        code
    };
    assert_eq!(code(1, "customer", json!("c-2")).await, "customer-unknown");
    assert_eq!(code(2, "author", json!("a-2")).await, "author-unknown");
    assert_eq!(code(3, "verdict", json!("burnt")).await, "pick-invalid");
    let store = crate::testing::shop::store("1");
    let refusing = json!({"id": "c-1", "name": {}, "home_store": "1", "consents": [
        {"purpose": "personalisation", "granted": false, "at": "2026-01-01T00:00:00Z"}]});
    tablet
        .shop
        .put(Scope::customers(&store), kind::CUSTOMER, "c-1", &refusing)
        .await;
    assert_eq!(
        code(4, "sku", json!("boots")).await,
        "personalisation-refused"
    );
    let back = say(&tablet, 5, &pick("boots", Value::Null)).await;
    assert_eq!(back.0, CommandStatus::Applied);
}
