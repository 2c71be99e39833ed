//! Tells who waits that a scope moved.

use super::turns::Turns;
use domain::api::sync::Scope;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::broadcast;

/// How many scopes may be told before a slow listener misses some (and then looks at all of its scopes).
const BACKLOG: usize = 1_024;

/// Tells who waits that a scope moved. A poke is a hint: who misses one finds out at the end of her wait.
#[derive(Debug, Clone)]
pub struct Poke {
    sender: broadcast::Sender<Scope>,
    /// In milliseconds.
    longest_wait: Arc<AtomicU64>,
    turns: Turns,
}

impl Default for Poke {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            longest_wait: Arc::new(AtomicU64::new(u64::MAX)),
            turns: Turns::default(),
        }
    }
}

impl Poke {
    /// The scope moved.
    pub fn moved(&self, scope: &Scope) {
        // Nobody listening is the usual case, not an error.
        let _ = self.sender.send(scope.clone());
    }

    /// Whose turn it is to move one.
    #[must_use]
    pub const fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Scope> {
        self.sender.subscribe()
    }

    /// Nobody waits longer from now on: a host says so where requests end early, or where whoever writes is elsewhere and
    /// pokes nobody here.
    pub fn bound_waits(&self, longest: Duration) {
        let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        self.longest_wait.store(longest, Ordering::Relaxed);
    }

    /// Whether some who write are elsewhere, and poke nobody here.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.longest_wait.load(Ordering::Relaxed) < u64::MAX
    }

    /// How long somebody may wait who asks for `wait`.
    #[must_use]
    pub fn bounded(&self, wait: Duration) -> Duration {
        wait.min(Duration::from_millis(
            self.longest_wait.load(Ordering::Relaxed),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_bounds_the_waits_of_all_who_hold_it() {
        let poke = Poke::default();
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(25));
        assert_eq!(poke.bounded(long), long);
        assert!(!poke.is_bounded());
        let same = poke.clone();
        same.bound_waits(Duration::from_secs(3));
        assert_eq!(poke.bounded(long), Duration::from_secs(3));
        assert_eq!(poke.bounded(short), short);
        assert!(poke.is_bounded());
    }
}
