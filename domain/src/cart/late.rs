//! What comes while a cart is being paid, and after it was ordered. None of it is dropped.

use super::command::{Action, CartCommand, NewLine};
use super::line::SoldLine;
use super::outcome::{NoticeKind, Outcome, Refusal};
use super::state::{Cart, Status};
use crate::ids::{LineId, OrderId};

impl Cart {
    /// Kept until the checkout has ended.
    pub(super) fn hold(&mut self, command: &CartCommand) -> Outcome {
        let line = command.action.line_id().clone();
        self.tell(Some(&command.id), NoticeKind::HeldDuringCheckout { line });
        self.held.push(command.clone());
        Outcome::Held
    }

    /// Decides on everything that was held: the cart is open again, or ordered.
    pub(super) fn take_up_held(&mut self) {
        for command in std::mem::take(&mut self.held) {
            let outcome = self.carry_out(&command);
            if let Outcome::Refused { refusal } = &outcome {
                let kind = NoticeKind::HeldThenRefused {
                    line: command.action.line_id().clone(),
                    refusal: refusal.clone(),
                };
                self.tell(Some(&command.id), kind);
                self.version = self.version.saturating_add(1);
            }
            if let Some(decided) = self.decided.get_mut(&command.id) {
                decided.outcome = outcome;
            }
        }
    }

    /// A command on a cart that is ordered: what it wants more begins the next generation.
    pub(super) fn after_order(
        &mut self,
        command: &CartCommand,
        order: OrderId,
    ) -> Result<Outcome, Refusal> {
        if let Action::RemoveLine { observed, .. } = &command.action {
            let sold = self.lines.iter().any(|line| line.added == observed.added);
            self.removed.insert(observed.added.clone());
            return if sold {
                Err(Refusal::TooLate { order })
            } else {
                Ok(Outcome::Applied)
            };
        }
        let mut next = self.clone();
        next.begin_follow_up(order.clone());
        match &command.action {
            Action::AddLine(line) => {
                next.add(command, line.clone())?;
                let line = line.line_id.clone();
                next.tell(Some(&command.id), NoticeKind::FollowUp { order, line });
            }
            action if next.sold_line(action.line_id()).is_some() => {
                next.leave_over(command, order)?;
            }
            action if next.gone.contains(action.line_id()) => return Err(Refusal::LineGone),
            _ => return Err(Refusal::UnknownLine),
        }
        // What only says again what was sold leaves nothing over.
        if !next.lines.is_empty() {
            *self = next;
        }
        Ok(Outcome::Applied)
    }

    /// Opens the next generation, empty; what was sold is remembered.
    pub(super) fn begin_follow_up(&mut self, order: OrderId) {
        let sold = self.lines.drain(..).map(|line| SoldLine {
            quantity: line.quantity(),
            id: line.id,
            sku: line.sku,
            added: line.added,
            price: line.price,
        });
        self.sold.extend(sold);
        self.generation = self.generation.saturating_add(1);
        self.attempts = 0;
        self.follows = Some(order);
        self.status = Status::Open;
    }

    pub(super) fn sold_line(&self, id: &LineId) -> Option<&SoldLine> {
        self.sold.iter().rev().find(|line| line.id == *id)
    }

    /// A command on a line that is sold, on what is left over of it: what somebody wants more than she got.
    pub(super) fn leave_over(
        &mut self,
        command: &CartCommand,
        order: OrderId,
    ) -> Result<(), Refusal> {
        let too_late = || Refusal::TooLate {
            order: order.clone(),
        };
        let line_id = command.action.line_id();
        let sold = self.sold_line(line_id).cloned().ok_or_else(too_late)?;
        let left_id = left_over_id(line_id, self.generation);
        let left = self.line(&left_id).map(|line| line.balance);
        let balance = match (&command.action, left) {
            (Action::ChangeQuantity { delta, .. }, Some(left)) => {
                left.saturating_add((*delta).into())
            }
            (Action::ChangeQuantity { delta, .. }, None) if *delta > 0 => (*delta).into(),
            (Action::SetQuantity { quantity, .. }, left) => {
                let more = i64::from(*quantity).saturating_sub(sold.quantity.into());
                if more < 0 && left.is_none() {
                    return Err(too_late());
                }
                more.max(0)
            }
            _ => return Err(too_late()),
        };
        self.put_left_over(command, sold, left_id, balance)?;
        let line = line_id.clone();
        self.tell(Some(&command.id), NoticeKind::FollowUp { order, line });
        Ok(())
    }

    fn put_left_over(
        &mut self,
        command: &CartCommand,
        sold: SoldLine,
        left_id: LineId,
        balance: i64,
    ) -> Result<(), Refusal> {
        if let Some(line) = self.line_mut(&left_id) {
            line.balance = balance;
            line.version = line.version.saturating_add(1);
            return Ok(());
        }
        let quantity = u32::try_from(balance).unwrap_or(0);
        if quantity == 0 {
            return Ok(());
        }
        self.add(
            command,
            NewLine {
                line_id: left_id,
                sku: sold.sku,
                quantity,
                price: sold.price,
                note: String::new(),
            },
        )
    }
}

/// The line that is left over of a sold one: the same for every late command on it.
pub(super) fn left_over_id(sold: &LineId, generation: u32) -> LineId {
    LineId::derived("left-over", &[sold.as_str(), &generation.to_string()])
}

impl super::merge::Departure {
    /// A command on a cart that went into another, as it is to be applied there.
    pub(super) fn forward(&self, command: &CartCommand) -> Outcome {
        let mut there = command.clone();
        let is_add = matches!(there.action, Action::AddLine(_));
        if let (Some(line), false) = (self.lines.get(there.action.line_id()), is_add) {
            there.action = there.action.on_line(line.clone());
        }
        Outcome::Forwarded {
            into: self.into.clone(),
            command: Box::new(there),
        }
    }
}
