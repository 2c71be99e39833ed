//! Commands in their order: each decided, written and answered once, whatever is repeated.

use super::batch::{self, Batch};
use super::outcome::{self, Outcome, command_hash};
use super::refusal::PushRefusal;
use super::state;
use crate::devices::DeviceState;
use crate::feed::{Numbers, PublishError, publish_with};
use crate::ports::ledger::LedgerError;
use crate::services::Services;
use crate::table::Row;
use domain::api::sync::{Command, CommandResult, MAX_COMMANDS};
use domain::ids::DeviceId;

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

/// A way through the commands of a push.
struct Way<'a> {
    services: &'a Services,
    device: &'a DeviceId,
    /// What is still to be answered.
    rest: &'a [Command],
    results: Vec<CommandResult>,
    /// How often the next one was tried.
    tries: usize,
}

/// Decides each command, or answers what was decided.
pub(super) async fn decide(
    services: &Services,
    device: &DeviceId,
    commands: &[Command],
) -> Result<Vec<CommandResult>, PushRefusal> {
    let mut way = Way {
        services,
        device,
        rest: commands,
        results: Vec::with_capacity(commands.len()),
        tries: 0,
    };
    while let Some(next) = way.rest.first() {
        let state = state(services, device).await?;
        match place(state.value.last_cseq, next.cseq) {
            Place::Later { expected } => return Err(PushRefusal::Gap { expected }),
            Place::Decided => way.repeat(state.value.last_cseq).await?,
            Place::Next => way.write(&state).await?,
        }
    }
    Ok(way.results)
}

impl Way<'_> {
    /// These are answered.
    fn passed(&mut self, results: Vec<CommandResult>) {
        self.rest = self.rest.get(results.len()..).unwrap_or_default();
        self.results.extend(results);
        self.tries = 0;
    }

    /// The outcomes of then, of all that were decided.
    async fn repeat(&mut self, last: u64) -> Result<(), PushRefusal> {
        let decided = self.rest.iter().take_while(|command| command.cseq <= last);
        let decided = self.rest.get(..decided.count()).unwrap_or_default();
        let outcomes = outcome::list(self.services, self.device, decided).await?;
        let mut results = Vec::with_capacity(decided.len());
        for (command, outcome) in decided.iter().zip(outcomes) {
            let cseq = command.cseq;
            let outcome = outcome.ok_or(PushRefusal::Lost { cseq })?;
            results.push(own(command, outcome, last)?.repeated());
        }
        self.passed(results);
        Ok(())
    }

    /// Decides on the next ones and writes that; where something moved first, on one alone.
    async fn write(&mut self, state: &Row<DeviceState>) -> Result<(), PushRefusal> {
        if self.tries == MAX_TRIES {
            return Err(PushRefusal::Busy);
        }
        let most = if self.tries == 0 { MAX_COMMANDS } else { 1 };
        self.tries += 1;
        let batch = batch::gather(self.services, state, self.rest, most).await?;
        match write(self.services, state, &batch).await? {
            Written::Done(results) => self.passed(results),
            Written::Moved => {}
            Written::Unknown => {
                if let Some(results) = self.settled(batch.len()).await? {
                    self.passed(results);
                }
            }
        }
        Ok(())
    }

    /// Whether a write of so many commands whose outcome is unknown was done. Only what it wrote itself can say.
    async fn settled(&self, count: usize) -> Result<Option<Vec<CommandResult>>, PushRefusal> {
        let written = self.rest.get(..count).unwrap_or_default();
        let outcomes = outcome::list(self.services, self.device, written).await?;
        let mut results = Vec::with_capacity(count);
        for (command, outcome) in written.iter().zip(outcomes) {
            let Some(outcome) = outcome else {
                return Ok(None);
            };
            let before = command.cseq.saturating_sub(1);
            results.push(own(command, outcome, before)?.result);
        }
        // Nobody told the feed's listeners.
        for scope in results.iter().flat_map(|result| result.seqs.keys()) {
            self.services.poke.moved(scope);
        }
        Ok(Some(results))
    }
}

/// The outcome, if it is this command's.
fn own(command: &Command, outcome: Outcome, last: u64) -> Result<Outcome, PushRefusal> {
    if outcome.hash == command_hash(command) {
        return Ok(outcome);
    }
    Err(PushRefusal::Mismatch {
        cseq: command.cseq,
        expected: last.saturating_add(1),
    })
}

/// What became of a write.
enum Written {
    Done(Vec<CommandResult>),
    /// Something moved first; nothing was written.
    Moved,
    Unknown,
}

/// Entities, feed entries, heads, the device's state and the outcomes, all or nothing.
async fn write(
    services: &Services,
    state: &Row<DeviceState>,
    batch: &Batch<'_>,
) -> Result<Written, PushRefusal> {
    let beside = |numbers: &Numbers| batch.beside(state, numbers).map_err(PublishError::from);
    let (ledger, poke) = (&*services.ledger, &services.poke);
    match publish_with(ledger, poke, batch.moves(), beside).await {
        Ok(numbers) => Ok(Written::Done(batch.results(&numbers))),
        Err(PublishError::Beside { .. } | PublishError::Moved { .. }) => Ok(Written::Moved),
        Err(PublishError::Ledger(LedgerError::UnknownOutcome(_))) => Ok(Written::Unknown),
        Err(PublishError::Busy) => Err(PushRefusal::Busy),
        Err(error) => Err(error.into()),
    }
}
