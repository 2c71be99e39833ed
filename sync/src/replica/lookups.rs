//! Look-up trees whose order is not that of the rows: cards, e-mail addresses, histories, who was online.
//!
//! Rows arrive in one order and lie there in another, so each row of a first load would dirty a page of its own, and
//! the same pages again with each part. The trees are therefore extended in large steps, in their own order, and what
//! is not in them yet is looked for row by row. How far they reach is written with them; triggers keep what is in them
//! in step, whoever changes a row.

use crate::error::ReplicaError;
use rusqlite::Connection;

/// At most so many entities are looked for one by one, and sorted at a time.
const STEP: i64 = 1 << 16;

/// Extends the trees to every entity. The statements fail where they are (`OR FAIL`), without undoing what they did
/// themselves: the caller's transaction is dropped anyway, and each page of a tree need not be kept in memory for it.
pub(super) fn extend(connection: &Connection) -> Result<(), ReplicaError> {
    let (mut indexed, next_row) = read_reach(connection)?;
    let last = next_row.saturating_sub(1);
    while indexed < last {
        let until = indexed.saturating_add(STEP).min(last);
        for sql in [
            include_str!("sql/extend_cards.sql"),
            include_str!("sql/extend_emails.sql"),
            include_str!("sql/extend_seen.sql"),
            include_str!("sql/extend_history.sql"),
        ] {
            connection.prepare_cached(sql)?.execute((indexed, until))?;
        }
        connection
            .prepare_cached(include_str!("sql/write_indexed.sql"))?
            .execute([until])?;
        indexed = until;
    }
    Ok(())
}

/// Extends the trees once there is a whole step to do.
pub(super) fn extend_when_due(connection: &Connection) -> Result<(), ReplicaError> {
    let (indexed, next_row) = read_reach(connection)?;
    if next_row.saturating_sub(indexed) > STEP {
        return extend(connection);
    }
    Ok(())
}

/// How far the trees reach, and the number of the next entity.
fn read_reach(connection: &Connection) -> Result<(i64, i64), ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/read_reach.sql"))?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}
