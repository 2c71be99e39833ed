//! What takes a change of a cart back.

use domain::cart::{Action, Cart, CartCommand, NewLine};
use domain::ids::LineId;

/// The action that undoes `command`, from the cart before it and the cart with it; `None` where nothing can. A line that
/// was taken away comes back as the line `anew`.
pub(super) fn inverse(
    before: &Cart,
    command: &CartCommand,
    after: &Cart,
    anew: LineId,
) -> Option<Action> {
    let line_id = command.action.line_id().clone();
    match &command.action {
        Action::AddLine(_) => {
            let added = after.lines.iter().find(|line| line.added == command.id)?;
            Some(Action::RemoveLine {
                line_id: added.id.clone(),
                observed: added.observed(),
            })
        }
        Action::ChangeQuantity { delta, .. } => Some(Action::ChangeQuantity {
            line_id,
            delta: delta.checked_neg()?,
        }),
        Action::SetQuantity { .. } => Some(Action::SetQuantity {
            quantity: before.line(&line_id)?.quantity(),
            base_version: after.line(&line_id)?.version,
            line_id,
        }),
        Action::RemoveLine { observed, .. } => {
            let gone = before
                .lines
                .iter()
                .find(|line| line.added == observed.added)?;
            // A line of nothing is no loss.
            let quantity = Some(gone.quantity()).filter(|pieces| *pieces > 0)?;
            Some(Action::AddLine(NewLine {
                line_id: anew,
                sku: gone.sku.clone(),
                quantity,
                price: gone.price.clone(),
                note: gone.note.clone(),
            }))
        }
        Action::NoteLine { .. } => Some(Action::NoteLine {
            text: before.line(&line_id)?.note.clone(),
            line_id,
        }),
    }
}
