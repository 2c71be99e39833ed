//! Several commands of one device, decided together and written in one go: a sync of the disk costs the same for one as
//! for thirty. Each keeps a decision and an outcome of its own.

use super::super::commands::{self, BUILT_UPON, Decision};
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
    decided: Vec<Decided<'a>>,
    /// Everything that moves, each entity once.
    moves: Vec<Move>,
    /// Where in `moves` an entity is.
    places: BTreeMap<Key, usize>,
    /// What is written or checked beside the feed, each once.
    beside: BTreeMap<Key, Write>,
    /// What an earlier decision changes: a later one that looks at it has to wait for it.
    changed: BTreeSet<Key>,
    scopes: BTreeSet<Scope>,
}

/// A command with the decision on it.
struct Decided<'a> {
    command: &'a Command,
    decision: Decision,
    /// Which of the batch's moves are its.
    places: Vec<usize>,
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
        let decision = commands::decide(&reading, &state.value, command, now).await?;
        let read = reading.take_read();
        // A first one goes alone, whatever it takes.
        if batch.len() > 0 && !(batch.has_room(&decision) && read.is_disjoint(&batch.changed)) {
            break;
        }
        batch.add(command, decision, &reading);
    }
    Ok(batch)
}

fn key_of(moved: &Move) -> Key {
    entity_key(moved.kind, &moved.id)
}

impl Batch<'_> {
    /// How many commands are in it.
    pub(super) fn len(&self) -> usize {
        self.decided.len()
    }

    /// Everything that moves, in the order of the commands that moved it first.
    pub(super) fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Whether one decision more fits: the device's state, outcomes, what is beside, entities, entries and heads.
    fn has_room(&self, decision: &Decision) -> bool {
        let new = |write: &&Write| !self.beside.contains_key(write.key());
        let beside = self.beside.len() + decision.beside.iter().filter(new).count();
        let scopes = decision.moves.iter().map(|moved| &moved.scope);
        let heads = self.scopes.iter().chain(scopes).collect::<BTreeSet<_>>();
        let more = |moved: &&Move| !self.places.contains_key(&key_of(moved));
        let moves = self.moves.len() + decision.moves.iter().filter(more).count();
        let writes = 1 + self.decided.len() + 1 + beside + 2 * moves + heads.len();
        // What is built upon is counted twice here: there is room enough.
        let size = bytes(&self.moves) + bytes(&decision.moves);
        let size = size + (self.decided.len() + 1) * OVERHEAD_BYTES;
        writes <= MAX_WRITES && moves <= MAX_PUBLISH && size <= MAX_BYTES
    }
}

impl<'a> Batch<'a> {
    fn add(&mut self, command: &'a Command, mut decision: Decision, reading: &Reading<'_>) {
        let moves = std::mem::take(&mut decision.moves);
        let places = moves.into_iter().map(|m| self.put(m, reading)).collect();
        for write in &decision.beside {
            if !matches!(write, Write::Check { .. }) {
                self.changed.insert(write.key().clone());
            }
            self.beside.insert(write.key().clone(), write.clone());
        }
        self.decided.push(Decided {
            command,
            decision,
            places,
        });
    }

    /// Takes a move in; of an entity that an earlier decision moved, only what it becomes: what was seen of it is what
    /// that one saw.
    fn put(&mut self, moved: Move, reading: &Reading<'_>) -> usize {
        let key = key_of(&moved);
        if BUILT_UPON.contains(&moved.kind) {
            reading.build_on(key.clone(), moved.body.as_deref());
        } else {
            self.changed.insert(key.clone());
        }
        self.scopes.insert(moved.scope.clone());
        let place = *self.places.entry(key).or_insert(self.moves.len());
        match self.moves.get_mut(place) {
            Some(there) => {
                there.body = moved.body;
                there.command = moved.command.or_else(|| there.command.take());
            }
            None => self.moves.push(moved),
        }
        place
    }

    /// The result of each command, where the moves were given `numbers`.
    pub(super) fn results(&self, numbers: &Numbers) -> Vec<CommandResult> {
        let result = |decided: &Decided<'_>| CommandResult {
            cseq: decided.command.cseq,
            status: decided.decision.status,
            code: decided.decision.code.map(str::to_owned),
            message: decided.decision.message.clone(),
            seqs: self.seqs(decided, numbers),
        };
        self.decided.iter().map(result).collect()
    }

    /// The last number of each feed that a command moved.
    fn seqs(&self, decided: &Decided<'_>, numbers: &Numbers) -> BTreeMap<Scope, u64> {
        let mut seqs = BTreeMap::new();
        for place in &decided.places {
            if let (Some(moved), Some(seq)) = (self.moves.get(*place), numbers.each.get(*place)) {
                let last = seqs.entry(moved.scope.clone()).or_insert(0);
                *last = (*last).max(*seq);
            }
        }
        seqs
    }

    /// What is written beside the feed. The state moves only from the revision that was read, so of two pushes of one
    /// device one is first, and none slips past a revocation.
    pub(super) fn beside(
        &self,
        state: &Row<DeviceState>,
        numbers: &Numbers,
    ) -> Result<Vec<Write>, TableError> {
        let device = &state.value.device;
        let last = self.decided.last().map(|decided| decided.command.cseq);
        let next = DeviceState {
            last_cseq: last.unwrap_or(state.value.last_cseq),
            ..state.value.clone()
        };
        let mut writes = vec![table::put(state_key(device), &next, state.unchanged())?];
        for (decided, result) in self.decided.iter().zip(self.results(numbers)) {
            let command = decided.command;
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
fn bytes(moves: &[Move]) -> usize {
    let bodies = moves.iter().flat_map(|moved| &moved.body);
    bodies.map(|body| 2 * body.get().len()).sum()
}
