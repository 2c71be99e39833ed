//! `note.remove`: takes a note away for good, unless somebody changed it since.

use super::notes::{gone_key, lookup, may_write, moved};
use super::{Decision, Desk};
use crate::ports::ledger::{Condition, Write};
use crate::table::TableError;
use domain::note::NoteRemoval;

pub(super) async fn decide(desk: &Desk<'_>, args: &str) -> Result<Decision, TableError> {
    let removal: NoteRemoval = match serde_json::from_str(args) {
        Ok(removal) => removal,
        Err(error) => return Ok(Decision::rejected("note-invalid", error)),
    };
    let found = lookup(desk, &removal.id).await?;
    let Some(kept) = found.filter(|kept| kept.value.customer == removal.customer) else {
        return Ok(Decision::superseded());
    };
    let customer = match may_write(desk, &removal.customer, &removal.author).await? {
        Ok(check) => check,
        Err(rejected) => return Ok(rejected),
    };
    if kept.revision != removal.base {
        return Ok(Decision::rejected(
            "note-moved",
            "Somebody else changed this note first",
        ));
    }
    let gone = Write::put(gone_key(&removal.id), "{}", Condition::Any);
    let removed = moved(desk, &removal.id, None, kept.unchanged())?;
    Ok(Decision::applied(vec![removed], vec![customer, gone]))
}
