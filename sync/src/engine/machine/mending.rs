//! What to do about scopes that hold something else than the cloud says, and when to stop trying harder.

use domain::api::sync::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// Repairs of one scope before it is begun anew.
const REPAIRS: u32 = 3;

/// What to do about a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Replace what differs; the first try.
    Repair,
    /// Replace what differs, later: it was tried, and did not help.
    RepairLater,
    /// Delete what is here, and fetch it anew.
    Anew,
}

/// What was tried.
#[derive(Debug, Clone, Default)]
pub(super) struct Mending {
    tries: BTreeMap<Scope, u32>,
    /// Begun anew since the start. Once is enough: if that does not help, rows that differ serve better than none.
    begun_anew: BTreeSet<Scope>,
}

impl Mending {
    /// A scope differs.
    pub(super) fn differs(&mut self, scope: &Scope) -> Remedy {
        let tries = self.tries.entry(scope.clone()).or_insert(0);
        *tries = tries.saturating_add(1);
        match *tries {
            1 => Remedy::Repair,
            tries if tries <= REPAIRS => Remedy::RepairLater,
            _ if self.begun_anew.insert(scope.clone()) => Remedy::Anew,
            _ => Remedy::RepairLater,
        }
    }

    /// The cloud says that a scope is better begun anew than repaired: if it still differs, it is.
    pub(super) fn is_hopeless(&mut self, scope: &Scope) {
        self.tries.insert(scope.clone(), REPAIRS);
    }

    /// Every scope was compared: those that do not differ are mended.
    pub(super) fn compared(&mut self, differing: &BTreeSet<Scope>) {
        self.tries.retain(|scope, _| differing.contains(scope));
    }

    pub(super) fn is_at_work(&self) -> bool {
        !self.tries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_begun_anew_once_and_only_after_repairs() {
        let scope = Scope::prices();
        let mut mending = Mending::default();
        let remedies: Vec<_> = (0..12).map(|_| mending.differs(&scope)).collect();
        assert_eq!(remedies[0], Remedy::Repair);
        assert_eq!(remedies[1..3], [Remedy::RepairLater; 2]);
        assert_eq!(remedies[3], Remedy::Anew);
        assert_eq!(remedies[4..], [Remedy::RepairLater; 8]);
        mending.compared(&BTreeSet::new());
        assert!(!mending.is_at_work());
        assert_eq!(mending.differs(&scope), Remedy::Repair);
    }
}
