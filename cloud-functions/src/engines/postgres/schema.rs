//! The table.

use deadpool_postgres::Object;
use tokio_postgres::Error;

/// One at a time makes it: `CREATE TABLE IF NOT EXISTS` of two at once fails for one of them.
const TURN: &str = "SELECT pg_advisory_xact_lock(4915236)";

const TABLE: &str = "CREATE TABLE IF NOT EXISTS aisle_item (
    partition bytea NOT NULL,
    sort bytea NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    body text NOT NULL,
    PRIMARY KEY (partition, sort)
)";

/// Makes it where it is missing.
pub(super) async fn lay_out(connection: &mut Object) -> Result<(), Error> {
    let transaction = connection.transaction().await?;
    transaction.batch_execute(TURN).await?;
    transaction.batch_execute(TABLE).await?;
    transaction.commit().await
}
