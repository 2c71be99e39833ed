//! Tokens whose signature was checked before: checking it is most of what a request costs.
//!
//! A signature that held once holds for good. Whatever else may change is looked at with every request: the time, the
//! key that signed, and the device, which is read again as soon as anything at all was written.

use chrono::{DateTime, Utc};
use domain::access::Principal;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The most tokens that are remembered: of a quarter of an hour, and a few megabytes.
const MAX_TOKENS: usize = 4_096;

/// What a token says, its signature apart.
#[derive(Debug)]
pub(super) struct Checked {
    /// The name of the key that signed.
    pub(super) kid: String,
    /// Seconds since 1970.
    pub(super) made_at: i64,
    /// Seconds since 1970.
    pub(super) ends_at: i64,
    pub(super) principal: Principal,
    /// See [`Standing`].
    pub(super) standing: Standing,
}

/// The ledger's generation in which the token's device was found to stand well.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// One more than the generation; 0 before it was ever found.
    after: AtomicU64,
}

impl Standing {
    /// Whether nothing was written since it was found.
    pub(super) fn holds(&self, generation: Option<u64>) -> bool {
        generation.is_some_and(|now| self.after.load(Ordering::Acquire) == now.wrapping_add(1))
    }

    /// It was found by what was read after this generation was drawn.
    pub(super) fn found(&self, generation: Option<u64>) {
        if let Some(generation) = generation {
            let after = generation.wrapping_add(1);
            self.after.store(after, Ordering::Release);
        }
    }
}

/// By the whole token, so that nothing but the same bytes is taken for it.
#[derive(Debug, Default)]
pub(super) struct CheckedTokens {
    tokens: RwLock<HashMap<Box<str>, Arc<Checked>>>,
}

impl CheckedTokens {
    /// What a token says, where its signature was checked before.
    pub(super) fn lookup(&self, token: &str) -> Option<Arc<Checked>> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(token).cloned()
    }

    /// Remembers a token whose signature holds. Those that have ended go first where there are too many, then all: a
    /// token that is forgotten is checked once more.
    pub(super) fn remember(&self, token: &str, checked: Arc<Checked>, now: DateTime<Utc>) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS {
            tokens.retain(|_, known| known.ends_at > now.timestamp());
        }
        if tokens.len() >= MAX_TOKENS {
            tokens.clear();
        }
        tokens.insert(token.into(), checked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::access::Role;

    fn checked(ends_at: i64) -> Arc<Checked> {
        Arc::new(Checked {
            kid: "k".to_owned(),
            made_at: 0,
            ends_at,
            principal: Principal {
                role: Role::Operator,
                permissions: Vec::new(),
                store: None,
                device: None,
                associate: None,
                customer: None,
            },
            standing: Standing::default(),
        })
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn standing_ends_with_the_generation() {
        let standing = Standing::default();
        assert!(!standing.holds(Some(0)) && !standing.holds(None));
        standing.found(None);
        assert!(!standing.holds(Some(0)) && !standing.holds(None));
        standing.found(Some(7));
        assert!(standing.holds(Some(7)));
        assert!(!standing.holds(Some(8)) && !standing.holds(Some(6)) && !standing.holds(None));
    }

    #[test]
    fn there_are_never_too_many_and_those_that_ended_go_first() {
        let tokens = CheckedTokens::default();
        tokens.remember("lives", checked(1_000), at(0));
        for number in 1..MAX_TOKENS {
            tokens.remember(&number.to_string(), checked(10), at(0));
        }
        assert!(tokens.lookup("1").is_some() && tokens.lookup("none").is_none());
        tokens.remember("one more", checked(1_000), at(11));
        assert!(tokens.lookup("lives").is_some() && tokens.lookup("one more").is_some());
        assert!(tokens.lookup("1").is_none());
        for number in 0..2 * MAX_TOKENS {
            tokens.remember(&number.to_string(), checked(1_000), at(12));
            assert!(tokens.tokens.read().unwrap().len() <= MAX_TOKENS);
        }
    }
}
