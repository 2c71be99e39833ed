//! What associates say of recommendations for a customer: this one yes, that one never again.

use crate::ids::{AssociateId, CustomerId, Sku};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most picks that are kept of one customer. One more, and the one that was decided on first goes.
pub const MAX_PICKS: usize = 200;

/// What is said of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Comes first on her shelf.
    Pinned,
    /// Is not recommended to her again.
    Dismissed,
}

/// What was said of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pick {
    /// Of which.
    pub sku: Sku,
    /// What.
    pub verdict: Verdict,
    /// By whom.
    pub author: AssociateId,
}

/// Says something of an item for a customer, or takes it back: what `pick.set` says. Customer and item are its natural
/// key, so that the same said twice is said once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PickChange {
    /// For whom.
    pub customer: CustomerId,
    /// Of which item.
    pub sku: Sku,
    /// What; `None` takes back what was said.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// By whom.
    pub author: AssociateId,
    /// When, by the clock of the device: shown, never used to order.
    pub at: DateTime<Utc>,
}

/// All picks for one customer, in the order in which they were decided on; keyed by her id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Picks {
    /// The newest last; each item once.
    #[serde(default)]
    pub picks: Vec<Pick>,
}

impl Picks {
    /// Does what a change says. False where it stands so already.
    pub fn set(&mut self, change: &PickChange) -> bool {
        let before = self.picks.iter().position(|pick| pick.sku == change.sku);
        let stands = before.and_then(|place| self.picks.get(place));
        if stands.map(|pick| pick.verdict) == change.verdict {
            return false;
        }
        if let Some(place) = before {
            self.picks.remove(place);
        }
        if let Some(verdict) = change.verdict {
            self.picks.push(Pick {
                sku: change.sku.clone(),
                verdict,
                author: change.author.clone(),
            });
        }
        let surplus = self.picks.len().saturating_sub(MAX_PICKS);
        self.picks.drain(..surplus);
        true
    }

    /// What comes first on her shelf, the newest first.
    pub fn pinned(&self) -> impl Iterator<Item = &Sku> {
        self.list(Verdict::Pinned)
    }

    /// What is not recommended to her again.
    pub fn dismissed(&self) -> impl Iterator<Item = &Sku> {
        self.list(Verdict::Dismissed)
    }

    fn list(&self, verdict: Verdict) -> impl Iterator<Item = &Sku> {
        let of_verdict = move |pick: &&Pick| pick.verdict == verdict;
        self.picks
            .iter()
            .rev()
            .filter(of_verdict)
            .map(|pick| &pick.sku)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(sku: &str, verdict: Option<Verdict>) -> PickChange {
        PickChange {
            customer: CustomerId::parse("c-1").unwrap(),
            sku: Sku::parse(sku).unwrap(),
            verdict,
            author: AssociateId::parse("ana").unwrap(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    fn pinned(picks: &Picks) -> Vec<&str> {
        picks.pinned().map(Sku::as_str).collect()
    }

    #[test]
    fn the_last_word_counts_and_saying_it_twice_changes_nothing() {
        let mut picks = Picks::default();
        assert!(picks.set(&change("boots", Some(Verdict::Pinned))));
        assert!(picks.set(&change("tent", Some(Verdict::Pinned))));
        assert!(!picks.set(&change("boots", Some(Verdict::Pinned))));
        assert_eq!(pinned(&picks), ["tent", "boots"]);
        assert!(picks.set(&change("tent", Some(Verdict::Dismissed))));
        assert_eq!(pinned(&picks), ["boots"]);
        assert_eq!(picks.dismissed().count(), 1);
        assert!(picks.set(&change("tent", None)));
        assert!(!picks.set(&change("tent", None)));
        assert_eq!(picks.dismissed().count(), 0);
    }

    #[test]
    fn there_is_a_bound_and_the_oldest_goes() {
        let mut picks = Picks::default();
        for number in 0..=MAX_PICKS {
            picks.set(&change(&format!("i-{number}"), Some(Verdict::Dismissed)));
        }
        assert_eq!(picks.picks.len(), MAX_PICKS);
        assert!(picks.dismissed().all(|sku| sku.as_str() != "i-0"));
    }
}
