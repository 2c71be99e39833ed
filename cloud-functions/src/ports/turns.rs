//! Whose turn it is to move a scope, among the requests of one instance.
//!
//! Heads are moved optimistically: whoever is second plans anew. In one process that is a waste: many who plan at once
//! fail all but one, and under load the unlucky ones fail until they give up. So they take turns, in the order in which
//! they came. Other instances know nothing of it; between instances the ledger's conditions decide, as always.

use domain::api::sync::Scope;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Scopes share these: two that meet in one only wait for each other.
const LANES: usize = 64;

/// Whose turn it is.
#[derive(Debug, Clone)]
pub struct Turns(Arc<[Arc<Mutex<()>>]>);

/// A turn: it ends when this is dropped.
#[derive(Debug)]
pub struct Turn(#[allow(dead_code, reason = "held, not read")] Vec<OwnedMutexGuard<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..LANES).map(|_| Arc::default()).collect())
    }
}

impl Turns {
    /// Waits for the turn to move all of the scopes.
    pub async fn wait_for(&self, scopes: impl Iterator<Item = &Scope>) -> Turn {
        // In the order of the lanes, each once, so that nobody waits in a circle.
        let lanes: BTreeSet<usize> = scopes.map(lane).collect();
        let mut held = Vec::with_capacity(lanes.len());
        for lane in lanes.into_iter().filter_map(|lane| self.0.get(lane)) {
            held.push(Arc::clone(lane).lock_owned().await);
        }
        Turn(held)
    }
}

fn lane(scope: &Scope) -> usize {
    let mut hasher = DefaultHasher::new();
    scope.hash(&mut hasher);
    let lane = hasher.finish() % LANES as u64;
    usize::try_from(lane).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::StoreId;
    use futures_util::FutureExt as _;

    fn scope(store: &str) -> Scope {
        Scope::carts(&StoreId::parse(store.to_owned()).unwrap())
    }

    #[tokio::test]
    async fn whoever_comes_second_waits_and_others_do_not() {
        let turns = Turns::default();
        let (one, same) = (scope("a"), scope("a"));
        let names = ('b'..='z').map(|name| scope(&name.to_string()));
        let other = names.into_iter().find(|other| lane(other) != lane(&one));
        let turn = turns.wait_for([&one, &same].into_iter()).await;
        assert!(turns.wait_for([&same].into_iter()).now_or_never().is_none());
        assert!(turns.wait_for(other.iter()).now_or_never().is_some());
        drop(turn);
        assert!(turns.wait_for([&same].into_iter()).now_or_never().is_some());
    }
}
