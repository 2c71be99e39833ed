//! Builds snapshots where tails have grown long. Run by hosts in the background, or by a scheduler.

use crate::feed::snapshot::{BuildError, build, is_due, tidy};
use crate::feed::{PublishError, list_scopes, read_all_heads, read_head};
use crate::services::Services;
use crate::telemetry::figures::UPKEEP_FAILED;
use domain::api::sync::Scope;
use serde::Serialize;

/// Scopes whose heads are read at once.
const AT_ONCE: usize = 500;
/// The most builds of one scope in one go: a very long tail takes several.
const MAX_BUILDS: usize = 1_000;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// Scopes that were looked at.
    pub scopes: usize,
    /// Scopes that have a new snapshot.
    pub built: usize,
    /// Scopes that could not be built; the log says why.
    pub failed: usize,
}

/// Builds a snapshot of a scope whose tail is long, and deletes what nobody needs any more. Answers whether it built.
/// May run any number of times at once, and be killed.
pub async fn compact(services: &Services, scope: &Scope) -> Result<bool, BuildError> {
    let ledger = &*services.ledger;
    let mut built = false;
    for _ in 0..MAX_BUILDS {
        let head = read_head(ledger, scope).await?;
        if !is_due(&head) {
            break;
        }
        let now = build(ledger, scope).await?;
        if now == head.snapshot {
            break;
        }
        built = true;
    }
    tidy(ledger, scope).await?;
    Ok(built)
}

/// Goes over all scopes once. A scope that cannot be built does not hold up the others.
pub async fn compact_all(services: &Services) -> Result<Compacted, PublishError> {
    let ledger = &*services.ledger;
    let mut round = Compacted::default();
    let mut after = None;
    loop {
        let scopes = list_scopes(ledger, after.as_ref(), AT_ONCE).await?;
        let heads = read_all_heads(ledger, &scopes).await?;
        for (scope, head) in scopes.iter().zip(heads) {
            round.scopes += 1;
            if !is_due(&head) && head.floor == 0 {
                continue;
            }
            match compact(services, scope).await {
                Ok(built) => round.built += usize::from(built),
                Err(error) => {
                    UPKEEP_FAILED.add(1, &[("kind", "snapshot")]);
                    tracing::error!(%scope, %error, "no snapshot was built");
                    round.failed += 1;
                }
            }
        }
        match scopes.last() {
            Some(last) if scopes.len() == AT_ONCE => after = Some(last.clone()),
            _ => return Ok(round),
        }
    }
}
