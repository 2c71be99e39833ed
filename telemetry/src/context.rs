//! The trace that the work under way belongs to.

use domain::trace::TraceContext;
use std::future::Future;

tokio::task_local! {
    /// What came over the wire; for programs whose spans go nowhere.
    static CAUSE: Option<TraceContext>;
}

/// Does some work that has its cause there.
pub async fn within<F: Future>(cause: Option<TraceContext>, work: F) -> F::Output {
    CAUSE.scope(cause, work).await
}

/// The same for work that blocks, on whatever thread.
pub fn within_sync<T>(cause: Option<TraceContext>, work: impl FnOnce() -> T) -> T {
    CAUSE.sync_scope(cause, work)
}

/// What anything that is sent or kept now has as its cause: the span under way, or else what came over the wire.
#[must_use]
pub fn current() -> Option<TraceContext> {
    crate::span::under_way().or_else(|| CAUSE.try_with(|cause| *cause).ok().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cause_is_there_for_as_long_as_its_work() {
        let cause = TraceContext::begin([7; 16], [7; 8]);
        assert_eq!(current(), None);
        assert_eq!(within(Some(cause), async { current() }).await, Some(cause));
        let inner = within(Some(cause), within(None, async { current() }));
        assert_eq!(inner.await, None);
        let there = std::thread::spawn(move || within_sync(Some(cause), current));
        assert_eq!(there.join().unwrap(), Some(cause));
        assert_eq!(current(), None);
    }
}
