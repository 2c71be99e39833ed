//! A note that an associate keeps on a customer.

use crate::ids::{AssociateId, CustomerId, NoteId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 2_000;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Note {
    /// Made on the device, so that the same note is the same everywhere.
    pub id: NoteId,
    /// About whom.
    pub customer: CustomerId,
    /// What was noted.
    pub text: String,
    /// By whom.
    pub author: AssociateId,
    /// When, by the clock of the device: shown, never used to order.
    pub written_at: DateTime<Utc>,
    /// Whether it stays on top of the card.
    #[serde(default)]
    pub pinned: bool,
}

/// Changes a note: what `note.change` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoteChange {
    /// Which.
    pub id: NoteId,
    /// About whom it is.
    pub customer: CustomerId,
    /// The version that she saw who changed it. Where the note has moved on, the change is refused and shown to her.
    pub base: u64,
    /// Its new text.
    pub text: String,
    /// Whether it stays on top of the card.
    pub pinned: bool,
    /// Who changed it.
    pub author: AssociateId,
}

/// Takes a note away: what `note.remove` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoteRemoval {
    /// Which.
    pub id: NoteId,
    /// About whom it is.
    pub customer: CustomerId,
    /// The version that she saw who took it away. A note that has moved on stays, and she is told.
    pub base: u64,
    /// Who took it away.
    pub author: AssociateId,
}

/// Why a text is not a note. The same check runs on the tablet and in the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Nothing to keep.
    #[error("a note needs some text")]
    Empty,
    /// Over [`MAX_NOTE_CHARS`].
    #[error("a note has at most {MAX_NOTE_CHARS} characters")]
    TooLong,
    /// A control character other than a line break or tab.
    #[error("a note cannot hold control characters")]
    ControlCharacter,
}

/// Checks the text of a note.
pub fn check_note(text: &str) -> Result<(), NoteError> {
    if text.trim().is_empty() {
        return Err(NoteError::Empty);
    }
    if text.chars().count() > MAX_NOTE_CHARS {
        return Err(NoteError::TooLong);
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
    {
        return Err(NoteError::ControlCharacter);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_text_and_a_bound() {
        assert_eq!(check_note(" \n"), Err(NoteError::Empty));
        assert_eq!(check_note(&"é".repeat(MAX_NOTE_CHARS)), Ok(()));
        assert_eq!(
            check_note(&"é".repeat(MAX_NOTE_CHARS + 1)),
            Err(NoteError::TooLong)
        );
        assert_eq!(check_note("a\0b"), Err(NoteError::ControlCharacter));
    }
}
