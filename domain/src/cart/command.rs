//! What people do to a cart.

use super::author::Author;
use super::price::PriceSnapshot;
use crate::ids::{CommandId, LineId, Sku};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most pieces that one line may have.
pub const MAX_QUANTITY: u32 = 9_999;
/// The longest note on a line, in characters.
pub const MAX_LINE_NOTE_CHARS: usize = 200;

/// One thing that somebody did, made and kept on her device before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CartCommand {
    /// Its id: a second arrival changes nothing.
    pub id: CommandId,
    /// Who did it.
    pub by: Author,
    /// When, by the clock of the device: shown, never used to order.
    pub issued_at_device: DateTime<Utc>,
    /// What she did.
    pub action: Action,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Action {
    /// A new line. Two adds are two lines, also of one SKU, also under one line id.
    AddLine(NewLine),
    /// Makes a line's quantity this. Where somebody else changed it since, the later in the cloud's order wins, and both
    /// are told.
    SetQuantity {
        /// Which line.
        line_id: LineId,
        /// At most [`MAX_QUANTITY`]; a line of none stays, and is not sold.
        quantity: u32,
        /// The line's version that she saw.
        base_version: u64,
    },
    /// More or fewer, whatever others do to it: these commute.
    ChangeQuantity {
        /// Which line.
        line_id: LineId,
        /// Pieces; never 0, at most [`MAX_QUANTITY`] either way.
        delta: i32,
    },
    /// Takes away the line that she saw, and nothing else.
    RemoveLine {
        /// Which line.
        line_id: LineId,
        /// What she saw of it.
        observed: Observed,
    },
    /// Says something of a line: `as a gift`. The later one stays.
    NoteLine {
        /// Which line.
        line_id: LineId,
        /// At most [`MAX_LINE_NOTE_CHARS`]; empty takes it away.
        text: String,
    },
}

/// A line as it is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewLine {
    /// Made on the device.
    pub line_id: LineId,
    /// What. A SKU is one variant: colour and size are in it.
    pub sku: Sku,
    /// How many, 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
    /// What the device showed as its price; `None` where it knew none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceSnapshot>,
    /// What is said of it from the beginning: a line that comes back has the note that it had. At most
    /// [`MAX_LINE_NOTE_CHARS`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What somebody saw of a line who takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Observed {
    /// The command that put it there. A line that another command put there under the same id was not seen, and stays.
    pub added: CommandId,
    /// Its version. Where it has moved on it is taken away all the same, and both are told.
    pub version: u64,
}

/// Why something is not a command. The same check runs on devices and in the function.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum CommandFault {
    /// None to add, none to change, or over [`MAX_QUANTITY`].
    #[error("the quantity is out of bounds")]
    Quantity,
    /// Over [`MAX_LINE_NOTE_CHARS`], or with control characters.
    #[error("a note on a line has at most {MAX_LINE_NOTE_CHARS} plain characters")]
    Note,
    /// A price below nothing.
    #[error("a price cannot be negative")]
    NegativePrice,
}

impl Action {
    /// The line that it is about.
    #[must_use]
    pub const fn line_id(&self) -> &LineId {
        match self {
            Self::AddLine(NewLine { line_id, .. })
            | Self::SetQuantity { line_id, .. }
            | Self::ChangeQuantity { line_id, .. }
            | Self::RemoveLine { line_id, .. }
            | Self::NoteLine { line_id, .. } => line_id,
        }
    }

    /// The same on another line: what a merge does to what comes late.
    #[must_use]
    pub fn on_line(mut self, to: LineId) -> Self {
        match &mut self {
            Self::AddLine(NewLine { line_id, .. })
            | Self::SetQuantity { line_id, .. }
            | Self::ChangeQuantity { line_id, .. }
            | Self::RemoveLine { line_id, .. }
            | Self::NoteLine { line_id, .. } => *line_id = to,
        }
        self
    }

    /// Checks its bounds.
    pub fn check(&self) -> Result<(), CommandFault> {
        let fits = match self {
            Self::AddLine(line) => {
                if line.price.as_ref().is_some_and(|p| p.unit.minor < 0) {
                    return Err(CommandFault::NegativePrice);
                }
                check_note(&line.note)?;
                (1..=MAX_QUANTITY).contains(&line.quantity)
            }
            Self::SetQuantity { quantity, .. } => *quantity <= MAX_QUANTITY,
            Self::ChangeQuantity { delta, .. } => {
                (1..=MAX_QUANTITY).contains(&delta.unsigned_abs())
            }
            Self::RemoveLine { .. } => true,
            Self::NoteLine { text, .. } => return check_note(text),
        };
        fits.then_some(()).ok_or(CommandFault::Quantity)
    }
}

fn check_note(text: &str) -> Result<(), CommandFault> {
    let short = text.chars().count() <= MAX_LINE_NOTE_CHARS;
    let plain = !text.chars().any(char::is_control);
    (short && plain).then_some(()).ok_or(CommandFault::Note)
}
