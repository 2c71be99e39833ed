//! Undoing a merge: each cart has its own again. What was done since stays where it was done.

use super::{Absorption, MergeRefusal, MergedLine};
use crate::cart::outcome::{NoticeKind, Refusal, Step};
use crate::cart::state::{Cart, Status};
use crate::ids::CommandId;
use serde::{Deserialize, Serialize};

/// A merge that is undone, for the logs of both carts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UndoneMerge {
    /// Which merge.
    pub merge: CommandId,
    /// Adds that somebody took away since: they do not come back with the cart that went.
    pub removed: Vec<CommandId>,
}

/// Plans undoing the merge `id` of `source` into `target`, to be written to both logs together.
pub fn undo_merge(
    target: &Cart,
    source: &Cart,
    id: &CommandId,
) -> Result<UndoneMerge, MergeRefusal> {
    let here = matches!(&source.status, Status::Merged(departure) if departure.merge == *id);
    if !here || target.merged(id).is_none() {
        return Err(MergeRefusal::Unknown);
    }
    if !matches!(target.status, Status::Open) {
        let cart = target.opening.id.clone();
        return Err(MergeRefusal::NotOpen { cart });
    }
    let took_away = |added: &&CommandId| target.removed.contains(*added);
    let adds = source.lines.iter().map(|line| &line.added);
    Ok(UndoneMerge {
        merge: id.clone(),
        removed: adds.filter(took_away).cloned().collect(),
    })
}

impl Cart {
    pub(in crate::cart) fn undo(&mut self, undone: &UndoneMerge) -> Result<Step, Refusal> {
        if matches!(&self.status, Status::Merged(departure) if departure.merge == undone.merge) {
            return Ok(self.come_back(undone));
        }
        let place = self
            .absorbed
            .iter()
            .position(|known| known.merge == undone.merge)
            .ok_or(Refusal::UnknownMerge)?;
        if !matches!(self.status, Status::Open) {
            return Err(Refusal::NotOpen);
        }
        let absorption = self.absorbed.remove(place);
        self.give_back(&absorption);
        let from = absorption.from;
        self.tell(Some(&undone.merge), NoticeKind::MergeUndone { from });
        self.version = self.version.saturating_add(1);
        Ok(Step::applied())
    }

    /// The cart that went is open again, without what was taken away meanwhile.
    fn come_back(&mut self, undone: &UndoneMerge) -> Step {
        self.status = Status::Open;
        let (stay, go): (Vec<_>, Vec<_>) = std::mem::take(&mut self.lines)
            .into_iter()
            .partition(|line| !undone.removed.contains(&line.added));
        self.lines = stay;
        self.removed
            .extend(go.iter().map(|line| line.added.clone()));
        self.gone.extend(go.into_iter().map(|line| line.id));
        self.version = self.version.saturating_add(1);
        Step::applied()
    }

    /// Takes from each line what the merge gave it. What was added since stays.
    fn give_back(&mut self, absorption: &Absorption) {
        for merged in &absorption.lines {
            match merged {
                MergedLine::Joined {
                    line,
                    before,
                    gained,
                } => {
                    if let Some(line) = self.line_mut(line) {
                        // Never below what was here before the merge, where nobody made it less since.
                        let least = line.balance.min(*before);
                        line.balance = line.balance.saturating_sub(*gained).max(least);
                        line.version = line.version.saturating_add(1);
                    }
                }
                MergedLine::Kept { line } => self.give_back_kept(line),
            }
        }
    }

    fn give_back_kept(&mut self, kept: &crate::cart::line::Line) {
        let Some(line) = self.line_mut(&kept.id) else {
            return;
        };
        let rest = line.balance.saturating_sub(kept.balance);
        if rest > 0 {
            line.balance = rest;
            line.version = line.version.saturating_add(1);
        } else {
            self.lines.retain(|line| line.id != kept.id);
            self.gone.insert(kept.id.clone());
        }
    }
}
