//! Small models of the sync protocol and of carts, searched exhaustively: every order of every step, not the ones that tests think of.
//!
//! Each model is searched with the rules as they are, where nothing may break, and with one rule left out, where the
//! search must find what breaks: a model that finds nothing then models nothing. What the models claim of the code
//! (one conditional write, the contiguous prefix, the mark that never expires) is what `cloud-functions` tests itself.

mod feed;
mod handoff;
mod push;

use stateright::{Checker, Expectation, HasDiscoveries, Model, Property};
use std::fmt::Debug;
use std::hash::Hash;

/// Which of a model's claims do not hold, and how many states were seen until that was known.
struct Searched {
    broken: Vec<&'static str>,
    states: usize,
}

/// Searches all states, breadth first; the first broken claim ends it. What should be reachable and is not counts as
/// broken, too.
fn search<M>(model: M) -> Searched
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq,
{
    let properties = model.properties();
    let checker = model
        .checker()
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let found = checker.discoveries();
    let is_broken = |property: &&Property<M>| {
        let reachable = property.expectation == Expectation::Sometimes;
        found.contains_key(property.name) != reachable
    };
    let mut broken: Vec<_> = properties
        .iter()
        .filter(is_broken)
        .map(|p| p.name)
        .collect();
    // What a search that ended early did not reach says nothing.
    if broken.iter().any(|name| found.contains_key(name)) {
        broken.retain(|name| found.contains_key(name));
    }
    for name in &broken {
        let trace = found.get(name).cloned().map(|path| path.into_actions());
        println!("{name}: {trace:?}");
    }
    Searched {
        broken,
        states: checker.unique_state_count(),
    }
}
