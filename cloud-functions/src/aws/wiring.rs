//! Binds the ports to Amazon's services, from what the template sets.

#[cfg(feature = "cognito")]
use super::cognito::{CognitoVerifier, Pool};
use super::config::{self, ConfigError};
use super::kinesis::KinesisEventLog;
use super::ledger::DynamoDbLedger;
use super::letters::SqsLetters;
use crate::carts::HookKey;
use crate::engines::ledger_log::{Lanes, LedgerEventLog, MAX_LANES};
use crate::host::wiring::{Engines, Wired, bind};
use crate::ports::backlog::Backlog;
use crate::ports::events::EventLog;
use crate::ports::ids::SystemIds;
use crate::ports::ledger::Ledger;
use std::sync::Arc;

/// Lanes of a log where nobody says how many: consumers of 16 lanes run side by side.
const LANES: u64 = 16;

/// Why the services were not bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WiringError {
    /// The environment of Lambda.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `AISLE_LANES`.
    #[error("AISLE_LANES is {0:?}, not a number from 1 to {MAX_LANES}")]
    Lanes(String),
    /// `AISLE_POOL` without `AISLE_POOL_CLIENT`, or no way to ask it for its keys.
    #[cfg(feature = "cognito")]
    #[error("the user pool cannot be used: {0}")]
    Pool(String),
}

/// Over the table of that name; `AISLE_STREAM` names the stream that consumers are told by, `AISLE_LANES` how many lanes
/// the log has, for good, `AISLE_LETTERS` the queue of letters. Nothing is asked of anybody yet: a cold start waits for its first read alone.
///
/// # Errors
/// What is missing, or makes no sense.
pub fn open(
    table: &str,
    variable: &dyn Fn(&str) -> Option<String>,
    hook_keys: Vec<HookKey>,
) -> Result<Wired, WiringError> {
    let config = config::load(variable)?;
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let lanes = match set("AISLE_LANES") {
        None => Lanes::new(LANES),
        Some(said) => said.parse().ok().and_then(Lanes::new),
    };
    let lanes = lanes.ok_or_else(|| WiringError::Lanes(set("AISLE_LANES").unwrap_or_default()))?;
    let ledger: Arc<dyn Ledger> = Arc::new(DynamoDbLedger::new(&config, table));
    let log = LedgerEventLog::new(Arc::clone(&ledger), lanes, &SystemIds);
    let events: Arc<dyn EventLog> = match set("AISLE_STREAM") {
        Some(stream) => Arc::new(KinesisEventLog::new(log.clone(), &config, stream)),
        None => Arc::new(log.clone()),
    };
    let lane = |lane| -> Option<Arc<dyn Backlog>> { Some(Arc::new(log.lane(lane)?)) };
    let engines = Engines {
        ledger,
        events,
        dead_letters: Arc::new(log.clone()),
        first_lane: Arc::new(log.first_lane()),
        other_lanes: lanes.all().skip(1).filter_map(lane).collect(),
    };
    let mut wired = bind(engines, hook_keys);
    if let Some(queue) = set("AISLE_LETTERS") {
        wired.services.letters = Arc::new(SqsLetters::new(&config, queue));
    }
    #[cfg(feature = "cognito")]
    let wired = with_pool(wired, &set)?;
    Ok(wired)
}

/// People sign in by the user pool whose issuer is `AISLE_POOL`, by its client `AISLE_POOL_CLIENT`, where one is set.
#[cfg(feature = "cognito")]
fn with_pool(mut wired: Wired, set: &dyn Fn(&str) -> Option<String>) -> Result<Wired, WiringError> {
    let Some(issuer) = set("AISLE_POOL") else {
        return Ok(wired);
    };
    let client = set("AISLE_POOL_CLIENT");
    let client = client.ok_or_else(|| WiringError::Pool("AISLE_POOL_CLIENT is not set".into()))?;
    let keys = format!("{issuer}/.well-known/jwks.json");
    let pool = Pool {
        issuer,
        client,
        keys,
    };
    let services = &mut wired.services;
    let (clock, others) = (Arc::clone(&services.clock), Arc::clone(&services.verifier));
    let verifier = CognitoVerifier::new(pool, clock, others);
    let verifier = verifier.map_err(|error| WiringError::Pool(error.to_string()))?;
    services.verifier = Arc::new(verifier);
    Ok(wired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_template_sets_is_bound_without_asking_anybody() {
        let with = |lanes: &'static str| {
            let value = move |name: &str| match name {
                "AISLE_LANES" => Some(lanes.to_owned()),
                "AISLE_POOL" => None,
                _ => Some("http://127.0.0.1:1".to_owned()),
            };
            open("aisle", &value, Vec::new()).map(|wired| wired.lanes.len())
        };
        assert_eq!(with(""), Ok(16));
        assert_eq!(with("3"), Ok(3));
        for wrong in ["0", "257", "many"] {
            assert_eq!(with(wrong), Err(WiringError::Lanes(wrong.to_owned())));
        }
    }

    #[cfg(feature = "cognito")]
    #[test]
    fn a_pool_needs_its_client() {
        let with = |client: &'static str| {
            let value = move |name: &str| match name {
                "AISLE_LANES" => None,
                "AISLE_POOL_CLIENT" => Some(client.to_owned()),
                _ => Some("http://127.0.0.1:1".to_owned()),
            };
            open("aisle", &value, Vec::new()).map(drop)
        };
        assert_eq!(with("tills"), Ok(()));
        let missing = with("").unwrap_err().to_string();
        assert!(
            missing.ends_with("AISLE_POOL_CLIENT is not set"),
            "{missing}"
        );
    }
}
