//! Merging *different* carts, as when a guest signs in, and undoing it. (A handoff is not a merge: there the cart stays
//! the same, and only its lease moves.)

mod undo;

pub use undo::{UndoneMerge, undo_merge};

use super::line::Line;
use super::outcome::{NoticeKind, Outcome, Refusal, Step};
use super::state::{Cart, MAX_LINES, Status};
use crate::ids::{CartId, CommandId, LineId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What comes into a cart from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Absorption {
    /// The command that merges: a repeat is the same merge.
    pub merge: CommandId,
    /// From which cart.
    pub from: CartId,
    /// The version of the cart that it comes into.
    pub version: u64,
    /// Its lines.
    pub lines: Vec<MergedLine>,
}

/// What a merge does with one line of the cart that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum MergedLine {
    /// There was one of the same SKU and the same source of its price: the larger of the two quantities stays.
    Joined {
        /// The line that was there.
        line: LineId,
        /// Its balance before.
        before: i64,
        /// What it gained.
        gained: i64,
    },
    /// It stands beside the others, under a new id.
    Kept {
        /// As it stands there.
        line: Line,
    },
}

/// Where a cart went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Departure {
    /// The command that merged.
    pub merge: CommandId,
    /// Into which cart.
    pub into: CartId,
    /// The version of the cart that goes.
    pub version: u64,
    /// Where its lines are now: commands that come late are told there.
    pub lines: BTreeMap<LineId, LineId>,
}

/// Why two carts do not merge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefusal {
    /// A cart does not go into itself.
    #[error("a cart cannot go into itself")]
    SameCart,
    /// One of them is being paid, is ordered, or went elsewhere.
    #[error("cart {cart} is not open")]
    NotOpen {
        /// Which.
        cart: CartId,
    },
    /// They are priced in different currencies.
    #[error("the carts are in different currencies")]
    Currencies,
    /// Together they have more lines than a cart may have.
    #[error("together they have more than {MAX_LINES} lines")]
    TooManyLines,
    /// There is no such merge, or it was undone.
    #[error("there is no such merge")]
    Unknown,
}

/// Plans the merge of `source` into `target`: what each cart's log is told, to be written together.
pub fn merge(
    target: &Cart,
    source: &Cart,
    id: &CommandId,
) -> Result<(Absorption, Departure), MergeRefusal> {
    check(target, source)?;
    let mut paired = BTreeSet::new();
    let mut places = BTreeMap::new();
    let mut lines = Vec::new();
    let mut kept = 0_usize;
    let come = source
        .counted()
        .filter(|line| !target.removed.contains(&line.added));
    for line in come {
        let like = |there: &&Line| there.is_like(line) && !paired.contains(&there.id);
        let (place, merged) = match target.lines.iter().find(like) {
            Some(there) => {
                paired.insert(there.id.clone());
                (there.id.clone(), joined(there, line))
            }
            None => {
                kept = kept.saturating_add(1);
                let moved = moved(line, id);
                (moved.id.clone(), MergedLine::Kept { line: moved })
            }
        };
        places.insert(line.id.clone(), place);
        lines.push(merged);
    }
    if target.lines.len().saturating_add(kept) > MAX_LINES {
        return Err(MergeRefusal::TooManyLines);
    }
    let absorption = Absorption {
        merge: id.clone(),
        from: source.opening.id.clone(),
        version: target.version,
        lines,
    };
    let departure = Departure {
        merge: id.clone(),
        into: target.opening.id.clone(),
        version: source.version,
        lines: places,
    };
    Ok((absorption, departure))
}

fn check(target: &Cart, source: &Cart) -> Result<(), MergeRefusal> {
    if target.opening.id == source.opening.id {
        return Err(MergeRefusal::SameCart);
    }
    for cart in [target, source] {
        if !matches!(cart.status, Status::Open) {
            let cart = cart.opening.id.clone();
            return Err(MergeRefusal::NotOpen { cart });
        }
    }
    if target.opening.currency != source.opening.currency {
        return Err(MergeRefusal::Currencies);
    }
    Ok(())
}

fn joined(there: &Line, line: &Line) -> MergedLine {
    let largest = i64::from(there.quantity().max(line.quantity()));
    MergedLine::Joined {
        line: there.id.clone(),
        before: there.balance,
        gained: largest.saturating_sub(there.balance).max(0),
    }
}

/// The line under an id that follows from the merge. It keeps the add that made it, so that whoever saw it in the cart
/// that goes can still take it away.
fn moved(line: &Line, merge: &CommandId) -> Line {
    Line {
        id: LineId::derived("merged-line", &[merge.as_str(), line.id.as_str()]),
        ..line.clone()
    }
}

impl Cart {
    pub(super) fn absorb(&mut self, absorption: &Absorption) -> Result<Step, Refusal> {
        if self.merged(&absorption.merge).is_some() {
            return Ok(Step::applied());
        }
        self.may_merge(absorption.version)?;
        for merged in &absorption.lines {
            match merged {
                MergedLine::Joined { line, gained, .. } => {
                    if let Some(line) = self.line_mut(line) {
                        line.balance = line.balance.saturating_add(*gained);
                        line.version = line.version.saturating_add(1);
                    }
                }
                MergedLine::Kept { line } => self.lines.push(line.clone()),
            }
        }
        self.absorbed.push(absorption.clone());
        let from = absorption.from.clone();
        self.tell(Some(&absorption.merge), NoticeKind::Absorbed { from });
        self.version = self.version.saturating_add(1);
        Ok(Step::applied())
    }

    pub(super) fn depart(&mut self, departure: &Departure) -> Result<Step, Refusal> {
        match &self.status {
            Status::Merged(before) if before.merge == departure.merge => {
                return Ok(Outcome::Applied.into());
            }
            Status::Merged(before) => {
                let into = before.into.clone();
                return Err(Refusal::GoneInto { into });
            }
            _ => self.may_merge(departure.version)?,
        }
        self.status = Status::Merged(departure.clone());
        self.version = self.version.saturating_add(1);
        Ok(Step::applied())
    }

    fn may_merge(&self, planned_for: u64) -> Result<(), Refusal> {
        if !matches!(self.status, Status::Open) {
            return Err(Refusal::NotOpen);
        }
        if self.version != planned_for {
            let version = self.version;
            return Err(Refusal::VersionMoved { version });
        }
        Ok(())
    }

    fn merged(&self, merge: &CommandId) -> Option<&Absorption> {
        self.absorbed.iter().find(|known| known.merge == *merge)
    }
}
