//! Tells who waits that a scope moved.

use domain::api::sync::Scope;
use tokio::sync::broadcast;

/// How many scopes may be told before a slow listener misses some (and then looks at all of its scopes).
const BACKLOG: usize = 1_024;

/// Tells who waits that a scope moved. A poke is a hint: who misses one finds out at the end of her wait.
#[derive(Debug, Clone)]
pub struct Poke {
    sender: broadcast::Sender<Scope>,
}

impl Default for Poke {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
        }
    }
}

impl Poke {
    /// The scope moved.
    pub fn moved(&self, scope: &Scope) {
        // Nobody listening is the usual case, not an error.
        let _ = self.sender.send(scope.clone());
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Scope> {
        self.sender.subscribe()
    }
}
