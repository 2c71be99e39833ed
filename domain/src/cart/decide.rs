//! What a command does to a cart.

use super::canonical::fingerprint;
use super::command::{Action, CartCommand, NewLine, Observed};
use super::line::Line;
use super::outcome::{Decided, NoticeKind, Outcome, Refusal};
use super::price::PriceSnapshot;
use super::state::{Cart, MAX_COMMANDS, MAX_LINES, Status};
use crate::ids::LineId;

impl Cart {
    /// Decides on a command, once: a repeat gets the answer of then.
    pub(super) fn decide(&mut self, command: &CartCommand) -> Outcome {
        let fingerprint = fingerprint(command);
        if let Some(before) = self.decided.get(&command.id) {
            return if before.fingerprint == fingerprint {
                before.outcome.clone()
            } else {
                refused(Refusal::CommandMismatch)
            };
        }
        if self.decided.len() >= MAX_COMMANDS {
            return refused(Refusal::CartFull);
        }
        let outcome = self.carry_out(command);
        let decided = Decided {
            fingerprint,
            outcome: outcome.clone(),
        };
        self.decided.insert(command.id.clone(), decided);
        outcome
    }

    /// Does it, whatever was decided before.
    pub(super) fn carry_out(&mut self, command: &CartCommand) -> Outcome {
        let checked = command.action.check().map_err(Refusal::from);
        let outcome = checked
            .and_then(|()| self.by_status(command))
            .unwrap_or_else(refused);
        if matches!(outcome, Outcome::Applied | Outcome::Held) {
            self.version = self.version.saturating_add(1);
        }
        outcome
    }

    fn by_status(&mut self, command: &CartCommand) -> Result<Outcome, Refusal> {
        match &self.status {
            Status::Open => self.change(command).map(|()| Outcome::Applied),
            Status::Checkout(_) => Ok(self.hold(command)),
            Status::Ordered { order } => {
                let order = order.clone();
                self.after_order(command, order)
            }
            Status::Merged(departure) => Ok(departure.forward(command)),
        }
    }

    fn change(&mut self, command: &CartCommand) -> Result<(), Refusal> {
        if let Action::AddLine(line) = &command.action {
            return self.add(command, line.clone());
        }
        if let Action::RemoveLine { observed, .. } = &command.action {
            return self.remove(command, observed);
        }
        let line_id = command.action.line_id();
        if self.line(line_id).is_none() {
            return self.change_absent(command);
        }
        match &command.action {
            Action::SetQuantity {
                quantity,
                base_version,
                ..
            } => self.set(command, line_id, *quantity, *base_version),
            Action::ChangeQuantity { delta, .. } => self.with_line(line_id, |line| {
                line.balance = line.balance.saturating_add((*delta).into());
            }),
            Action::NoteLine { text, .. } => {
                self.with_line(line_id, |line| line.note.clone_from(text));
            }
            Action::AddLine(_) | Action::RemoveLine { .. } => {}
        }
        Ok(())
    }

    /// A command on a line that the cart does not have.
    fn change_absent(&mut self, command: &CartCommand) -> Result<(), Refusal> {
        let line_id = command.action.line_id();
        match self.follows.clone() {
            Some(order) if self.sold_line(line_id).is_some() => self.leave_over(command, order),
            _ if self.gone.contains(line_id) => Err(Refusal::LineGone),
            _ => Err(Refusal::UnknownLine),
        }
    }

    /// A new line under its id, or under another that follows from the command where that id is in use.
    pub(super) fn add(&mut self, command: &CartCommand, new: NewLine) -> Result<(), Refusal> {
        if self.removed.contains(&command.id) {
            return Err(Refusal::RemovedBefore);
        }
        let foreign = |price: &PriceSnapshot| price.unit.currency != self.opening.currency;
        if new.price.as_ref().is_some_and(foreign) {
            return Err(Refusal::WrongCurrency);
        }
        if self.lines.len() >= MAX_LINES {
            return Err(Refusal::CartFull);
        }
        let id = self.free_line_id(command, new.line_id);
        self.lines.push(Line {
            id,
            sku: new.sku,
            added: command.id.clone(),
            by: command.by.clone(),
            balance: new.quantity.into(),
            version: 1,
            price: new.price,
            note: new.note,
        });
        Ok(())
    }

    fn free_line_id(&mut self, command: &CartCommand, asked: LineId) -> LineId {
        let used = self.line(&asked).is_some() || self.sold_line(&asked).is_some();
        if !used {
            return asked;
        }
        let given = LineId::derived("line", &[asked.as_str(), command.id.as_str()]);
        let kind = NoticeKind::LineRenamed {
            asked,
            given: given.clone(),
        };
        self.tell(Some(&command.id), kind);
        given
    }

    fn set(&mut self, command: &CartCommand, id: &LineId, quantity: u32, base_version: u64) {
        let Some(line) = self.line_mut(id) else {
            return;
        };
        let (before, stale) = (line.quantity(), line.version > base_version);
        line.balance = quantity.into();
        line.version = line.version.saturating_add(1);
        if stale && before != quantity {
            let kind = NoticeKind::StaleQuantity {
                line: id.clone(),
                by: command.by.clone(),
                before,
                now: quantity,
            };
            self.tell(Some(&command.id), kind);
        }
    }

    fn with_line(&mut self, id: &LineId, change: impl FnOnce(&mut Line)) {
        if let Some(line) = self.line_mut(id) {
            change(line);
            line.version = line.version.saturating_add(1);
        }
    }

    /// Takes away what was seen. What was not seen stays: another line under the same id.
    fn remove(&mut self, command: &CartCommand, observed: &Observed) -> Result<(), Refusal> {
        self.removed.insert(observed.added.clone());
        let seen = |line: &Line| line.added == observed.added;
        let Some(place) = self.lines.iter().position(seen) else {
            let sold = self.sold.iter().any(|line| line.added == observed.added);
            return match (&self.follows, sold) {
                (Some(order), true) => Err(Refusal::TooLate {
                    order: order.clone(),
                }),
                _ => Ok(()),
            };
        };
        let line = self.lines.remove(place);
        if line.version > observed.version {
            let kind = NoticeKind::RemovedWhileChanged {
                line: line.id.clone(),
                sku: line.sku.clone(),
                by: command.by.clone(),
                quantity: line.quantity(),
            };
            self.tell(Some(&command.id), kind);
        }
        self.gone.insert(line.id);
        Ok(())
    }
}

fn refused(refusal: Refusal) -> Outcome {
    Outcome::Refused { refusal }
}
