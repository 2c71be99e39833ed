//! One command: decided, written and answered once, whatever is repeated.

use super::commands::{self, Decision};
use super::outcome::{self, Outcome, command_hash};
use super::refusal::PushRefusal;
use super::state;
use crate::devices::{DeviceState, command_key, state_key};
use crate::feed::{Numbers, PublishError, publish_with};
use crate::ports::ledger::{Condition, LedgerError, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use domain::api::sync::{Command, CommandResult, Scope};
use domain::ids::DeviceId;
use std::collections::BTreeMap;

/// How often a decision starts over when what it was based on moves.
const MAX_TRIES: usize = 40;

/// Where a command's number stands to those that were decided.
enum Place {
    Decided,
    Next,
    Later { expected: u64 },
}

fn place(last: u64, cseq: u64) -> Place {
    let expected = last.saturating_add(1);
    match cseq {
        _ if cseq <= last => Place::Decided,
        _ if cseq == expected => Place::Next,
        _ => Place::Later { expected },
    }
}

/// Decides a command, or answers what was decided.
pub(super) async fn decide(
    services: &Services,
    device: &DeviceId,
    command: &Command,
) -> Result<CommandResult, PushRefusal> {
    for _ in 0..MAX_TRIES {
        let state = state(services, device).await?;
        match place(state.value.last_cseq, command.cseq) {
            Place::Later { expected } => return Err(PushRefusal::Gap { expected }),
            Place::Decided => return repeat(services, device, command).await,
            Place::Next => {}
        }
        let decision = commands::decide(&*services.ledger, &state.value.store, command).await?;
        match write(services, &state, command, decision).await? {
            Written::Done(result) => return Ok(result),
            Written::Moved => {}
            Written::Unknown => {
                if let Some(result) = settled(services, device, command).await? {
                    return Ok(result);
                }
            }
        }
    }
    Err(PushRefusal::Busy)
}

/// The outcome of then.
async fn repeat(
    services: &Services,
    device: &DeviceId,
    command: &Command,
) -> Result<CommandResult, PushRefusal> {
    let cseq = command.cseq;
    let outcome = outcome::lookup(services, device, cseq).await?;
    let outcome = outcome.ok_or(PushRefusal::Lost { cseq })?;
    if outcome.hash != command_hash(command) {
        return Err(PushRefusal::Mismatch { cseq });
    }
    Ok(outcome.repeated())
}

/// Whether a write whose outcome is unknown was done. Only what it wrote itself can say.
async fn settled(
    services: &Services,
    device: &DeviceId,
    command: &Command,
) -> Result<Option<CommandResult>, PushRefusal> {
    let Some(outcome) = outcome::lookup(services, device, command.cseq).await? else {
        return Ok(None);
    };
    if outcome.hash != command_hash(command) {
        return Err(PushRefusal::Mismatch { cseq: command.cseq });
    }
    // Nobody told the feed's listeners.
    outcome
        .result
        .seqs
        .keys()
        .for_each(|scope| services.poke.moved(scope));
    Ok(Some(outcome.result))
}

/// What became of a write.
enum Written {
    Done(CommandResult),
    /// Something moved first; nothing was written.
    Moved,
    Unknown,
}

/// Entities, feed entries, heads, the device's state and the outcome, all or nothing.
async fn write(
    services: &Services,
    state: &Row<DeviceState>,
    command: &Command,
    decision: Decision,
) -> Result<Written, PushRefusal> {
    let result = |seqs: &BTreeMap<Scope, u64>| CommandResult {
        cseq: command.cseq,
        status: decision.status,
        code: decision.code.map(str::to_owned),
        message: decision.message.clone(),
        seqs: seqs.clone(),
    };
    let beside = |numbers: &Numbers| {
        let result = result(&numbers.last);
        beside(state, command, result, &decision.checks).map_err(PublishError::from)
    };
    let (ledger, poke) = (&*services.ledger, &services.poke);
    match publish_with(ledger, poke, &decision.moves, beside).await {
        Ok(numbers) => Ok(Written::Done(result(&numbers.last))),
        Err(PublishError::Beside { .. } | PublishError::Moved { .. }) => Ok(Written::Moved),
        Err(PublishError::Ledger(LedgerError::UnknownOutcome(_))) => Ok(Written::Unknown),
        Err(PublishError::Busy) => Err(PushRefusal::Busy),
        Err(error) => Err(error.into()),
    }
}

/// What is written beside the feed. The state moves only from the revision that was read, so of two pushes of one device
/// one is first, and none slips past a revocation.
fn beside(
    state: &Row<DeviceState>,
    command: &Command,
    result: CommandResult,
    checks: &[Write],
) -> Result<Vec<Write>, TableError> {
    let device = &state.value.device;
    let next = DeviceState {
        last_cseq: command.cseq,
        ..state.value.clone()
    };
    let outcome = Outcome {
        id: command.id.clone(),
        hash: command_hash(command),
        result,
    };
    let mut writes = vec![
        table::put(state_key(device), &next, state.unchanged())?,
        table::put(
            command_key(device, command.cseq),
            &outcome,
            Condition::Absent,
        )?,
    ];
    writes.extend_from_slice(checks);
    Ok(writes)
}
