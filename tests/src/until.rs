//! Waiting for something to become true, with a deadline. A test never waits for time to pass.

use anyhow::{Result, bail};
use std::future::Future;
use std::time::Duration;

/// How long anything may take before a test gives up: generous, because nobody measures here, and two cores that run
/// two browsers, a window and a cloud may stand still for long.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// Between two looks.
const BETWEEN: Duration = Duration::from_millis(50);

/// Looks until `look` finds something, or says what it waited for.
///
/// # Errors
/// When the deadline passes; with the last error of `look`, where it had one.
pub async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let mut last = None;
    let search = async {
        loop {
            match look().await {
                Ok(Some(found)) => return found,
                Ok(None) => {}
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(BETWEEN).await;
        }
    };
    match tokio::time::timeout(PATIENCE, search).await {
        Ok(found) => Ok(found),
        Err(_) => bail!("waited {PATIENCE:?} in vain for {what}; last error: {last:?}"),
    }
}
