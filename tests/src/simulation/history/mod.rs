//! What the cloud ever wrote, kept beside the ledger: what devices are compared with, and the checks of each write.
//!
//! It reads the ledger's items as they are written and knows nothing of the code that writes them.

mod feed;
mod items;

pub(super) use feed::{Feed, Rows, Told};
pub(super) use items::{Decided, Status};

use super::violation::Violation;
use cloud_functions::ports::ledger::Write;
use items::{Item, StateItem};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was written.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    /// By scope.
    pub feeds: BTreeMap<String, Feed>,
    /// Decisions by device and number.
    pub decided: BTreeMap<(String, u64), Decided>,
    /// Decisions by command.
    pub outcomes: BTreeMap<String, Decided>,
    /// How often a command changed something.
    pub effects: BTreeMap<String, u32>,
    states: BTreeMap<String, StateItem>,
    /// What was written and may not be.
    pub violations: Vec<Violation>,
    /// Looks at I3, I5, I8, I9 and I13, in this order.
    pub looks: [u64; 5],
}

impl History {
    /// A batch was written.
    pub(super) fn commit(&mut self, batch: &[Write]) {
        let mut items = Items::default();
        for write in batch {
            items.take(write);
        }
        let moves_feed = !items.heads.is_empty() || !items.entries.is_empty();
        if moves_feed {
            self.looks[1] += 1;
            self.commit_feeds(&items);
        }
        for (device, state) in &items.states {
            self.commit_state(device, state, &items);
        }
        for (device, decided) in items.decided {
            self.commit_decision(device, decided);
        }
    }

    /// What became of each command.
    pub(super) fn statuses(&self) -> impl Iterator<Item = (String, Status)> + '_ {
        let outcomes = self.outcomes.iter();
        outcomes.map(|(id, decided)| (id.clone(), decided.status))
    }

    fn commit_feeds(&mut self, items: &Items) {
        let mut wrong = Vec::new();
        for (scope, head) in &items.heads {
            let feed = self.feeds.entry(scope.clone()).or_default();
            let entries = items.entries.get(scope).cloned().unwrap_or_default();
            wrong.extend(
                feed.commit(head, entries)
                    .err()
                    .map(|what| format!("{scope}: {what}")),
            );
        }
        let headless = items
            .entries
            .keys()
            .filter(|scope| !items.heads.contains_key(*scope));
        wrong.extend(headless.map(|scope| format!("{scope}: entries without a head")));
        for (scope, seq) in &items.dropped {
            let floor = self.feeds.get(scope).map_or(0, |feed| feed.floor);
            if *seq > floor {
                wrong.push(format!(
                    "{scope}: entry {seq} is deleted above the floor {floor}"
                ));
            }
        }
        for entry in items.entries.values().flat_map(BTreeMap::values) {
            if !items
                .entities
                .contains(&(entry.kind.clone(), entry.id.clone(), entry.body.clone()))
            {
                wrong.push(format!(
                    "{} {} is told, and is not so",
                    entry.kind, entry.id
                ));
            }
            if let Some(command) = &entry.command {
                self.looks[0] += 1;
                let effects = self.effects.entry(command.clone()).or_default();
                *effects += 1;
                if *effects > 1 {
                    self.violations.push(Violation::new(
                        "i03",
                        format!("{command} has {effects} effects"),
                    ));
                }
            }
        }
        self.violations
            .extend(wrong.into_iter().map(|what| Violation::new("i05", what)));
    }

    fn commit_state(&mut self, device: &str, state: &StateItem, items: &Items) {
        let before = self
            .states
            .insert(device.to_owned(), state.clone())
            .unwrap_or_default();
        self.looks[2] += 1;
        let moved = state.last_cseq != before.last_cseq;
        let decided = items.decided.iter().filter(|(of, _)| of == device);
        let decided: BTreeSet<u64> = decided.map(|(_, decided)| decided.cseq).collect();
        if moved
            && !decided
                .into_iter()
                .eq(before.last_cseq + 1..=state.last_cseq)
        {
            let what = format!(
                "{device}: last_cseq from {} to {}",
                before.last_cseq, state.last_cseq
            );
            self.violations.push(Violation::new("i08", what));
        }
        self.looks[4] += 1;
        if moved && before.revoked {
            self.violations.push(Violation::new(
                "i13",
                format!("{device} is revoked and writes"),
            ));
        }
    }

    fn commit_decision(&mut self, device: String, decided: Decided) {
        self.looks[3] += 1;
        let state = self.states.get(&device).map_or(0, |state| state.last_cseq);
        if state < decided.cseq {
            let what = format!(
                "{device}: command {} is decided, the mark is {state}",
                decided.cseq
            );
            self.violations.push(Violation::new("i08", what));
        }
        let key = (device, decided.cseq);
        if let Some(before) = self.decided.get(&key)
            && before.hash != decided.hash
        {
            let what = format!("{} {} was {}, is {}", key.0, key.1, before.id, decided.id);
            self.violations.push(Violation::new("i09", what));
        }
        if decided.status == Status::Rejected
            && self.effects.contains_key(&decided.id)
            && !self.outcomes.contains_key(&decided.id)
        {
            let what = format!("{} is rejected and has an effect", decided.id);
            self.violations.push(Violation::new("i03", what));
        }
        // What was done stays done, whatever a later repeat under another number is told.
        let outcome = self
            .outcomes
            .entry(decided.id.clone())
            .or_insert_with(|| decided.clone());
        if outcome.status == Status::Rejected {
            *outcome = decided.clone();
        }
        self.decided.insert(key, decided);
    }
}

/// A batch, item by item.
#[derive(Debug, Default)]
struct Items {
    heads: BTreeMap<String, feed::HeadItem>,
    entries: BTreeMap<String, BTreeMap<u64, Told>>,
    entities: BTreeSet<(String, String, Option<String>)>,
    dropped: Vec<(String, u64)>,
    states: BTreeMap<String, StateItem>,
    decided: Vec<(String, Decided)>,
}

impl Items {
    fn take(&mut self, write: &Write) {
        match items::read(write) {
            Item::Head(scope, head) => drop(self.heads.insert(scope, head)),
            Item::Entry(scope, seq, told) => {
                drop(self.entries.entry(scope).or_default().insert(seq, told));
            }
            Item::Dropped(scope, seq) => self.dropped.push((scope, seq)),
            Item::Entity(kind, id, body) => drop(self.entities.insert((kind, id, body))),
            Item::State(device, state) => drop(self.states.insert(device, state)),
            Item::Decided(device, decided) => self.decided.push((device, decided)),
            Item::Other => {}
        }
    }
}
