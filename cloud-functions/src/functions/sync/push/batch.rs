//! Several commands of one device, decided together and written in one go: a sync of the disk costs the same for one as
//! for thirty. Each keeps a decision and an outcome of its own.

use super::super::commands::{self, Decision};
use super::outcome::{Outcome, command_hash};
use super::reading::Reading;
use crate::devices::{DeviceState, command_key, state_key};
use crate::feed::{MAX_PUBLISH, Move, Numbers, entity_key};
use crate::ports::ledger::{Condition, Key, MAX_WRITES, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use domain::api::sync::{Command, CommandResult, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// The most bytes of a batch's bodies, by a rough count: half of what a ledger takes.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// What an outcome and the rest of an entry take beside bodies, roughly.
const OVERHEAD_BYTES: usize = 2_048;

/// Commands, in their order, with the decisions on them.
#[derive(Default)]
pub(super) struct Batch<'a> {
    decided: Vec<(&'a Command, Decision)>,
    /// What is written or checked beside the feed, each once.
    beside: BTreeMap<Key, Write>,
    /// What an earlier decision changes: a later one that looks at it has to wait for it.
    changed: BTreeSet<Key>,
    scopes: BTreeSet<Scope>,
    moves: usize,
    bytes: usize,
}

/// Decides on the first of `commands`, and on as many of the next, up to `most`, as can be written with it.
pub(super) async fn gather<'a>(
    services: &Services,
    state: &Row<DeviceState>,
    commands: &'a [Command],
    most: usize,
) -> Result<Batch<'a>, TableError> {
    let reading = Reading::of(&*services.ledger);
    let now = services.clock.now();
    let mut batch = Batch::default();
    for command in commands.iter().take(most) {
        let decision = commands::decide(&reading, &state.value.store, command, now).await?;
        let grown = batch.grown(&decision);
        let read = reading.take_read();
        let fits = grown <= MAX_WRITES && batch.has_room(&decision);
        // A first one goes alone, whatever it takes.
        if batch.len() > 0 && !(fits && read.is_disjoint(&batch.changed)) {
            break;
        }
        batch.add(command, decision);
    }
    Ok(batch)
}

impl Batch<'_> {
    /// How many commands are in it.
    pub(super) fn len(&self) -> usize {
        self.decided.len()
    }

    /// Everything that moves, in the order of the commands.
    pub(super) fn moves(&self) -> Vec<Move> {
        let moves = self
            .decided
            .iter()
            .flat_map(|(_, decision)| &decision.moves);
        moves.cloned().collect()
    }

    /// How many writes it takes with one decision more: the device's state, outcomes, what is beside, entities, entries
    /// and heads.
    fn grown(&self, decision: &Decision) -> usize {
        let new = |write: &&Write| !self.beside.contains_key(write.key());
        let beside = self.beside.len() + decision.beside.iter().filter(new).count();
        let scopes = decision.moves.iter().map(|moved| &moved.scope);
        let heads = self.scopes.iter().chain(scopes).collect::<BTreeSet<_>>();
        let moves = self.moves + decision.moves.len();
        1 + self.decided.len() + 1 + beside + 2 * moves + heads.len()
    }

    fn has_room(&self, decision: &Decision) -> bool {
        self.moves + decision.moves.len() <= MAX_PUBLISH
            && self.bytes + bytes(decision) <= MAX_BYTES
    }
}

impl<'a> Batch<'a> {
    fn add(&mut self, command: &'a Command, decision: Decision) {
        for moved in &decision.moves {
            self.changed.insert(entity_key(moved.kind, &moved.id));
            self.scopes.insert(moved.scope.clone());
        }
        self.moves += decision.moves.len();
        self.bytes += bytes(&decision);
        for write in &decision.beside {
            if !matches!(write, Write::Check { .. }) {
                self.changed.insert(write.key().clone());
            }
            self.beside.insert(write.key().clone(), write.clone());
        }
        self.decided.push((command, decision));
    }

    /// The result of each command, where the moves were given `numbers`.
    pub(super) fn results(&self, numbers: &Numbers) -> Vec<CommandResult> {
        let mut each = numbers.each.iter();
        let result = |(command, decision): &(&Command, Decision)| CommandResult {
            cseq: command.cseq,
            status: decision.status,
            code: decision.code.map(str::to_owned),
            message: decision.message.clone(),
            seqs: decision
                .moves
                .iter()
                .zip(each.by_ref())
                .map(|(moved, seq)| (moved.scope.clone(), *seq))
                .collect(),
        };
        self.decided.iter().map(result).collect()
    }

    /// What is written beside the feed. The state moves only from the revision that was read, so of two pushes of one
    /// device one is first, and none slips past a revocation.
    pub(super) fn beside(
        &self,
        state: &Row<DeviceState>,
        numbers: &Numbers,
    ) -> Result<Vec<Write>, TableError> {
        let device = &state.value.device;
        let last = self.decided.last().map(|(command, _)| command.cseq);
        let next = DeviceState {
            last_cseq: last.unwrap_or(state.value.last_cseq),
            ..state.value.clone()
        };
        let mut writes = vec![table::put(state_key(device), &next, state.unchanged())?];
        for ((command, _), result) in self.decided.iter().zip(self.results(numbers)) {
            let outcome = Outcome {
                id: command.id.clone(),
                hash: command_hash(command),
                result,
            };
            let key = command_key(device, command.cseq);
            writes.push(table::put(key, &outcome, Condition::Absent)?);
        }
        writes.extend(self.beside.values().cloned());
        Ok(writes)
    }
}

/// A body lies in an entity and in an entry.
fn bytes(decision: &Decision) -> usize {
    let bodies = decision.moves.iter().flat_map(|moved| &moved.body);
    OVERHEAD_BYTES + bodies.map(|body| 2 * body.get().len()).sum::<usize>()
}
