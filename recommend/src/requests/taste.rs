//! What is known about the shopper at the moment of a request. Nothing of it is kept.

use chrono::{DateTime, Utc};
use domain::ids::{DepartmentId, Sku, StoreId};

/// An item that she bought.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Purchase {
    /// Which.
    pub sku: Sku,
    /// When.
    pub at: DateTime<Utc>,
}

/// A shopper's traces. All lists may be empty: then the answer is what is popular in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Taste {
    /// What she looks at now, newest first.
    pub session: Vec<Sku>,
    /// What she looked at in earlier sessions, newest first; counts where the session is short.
    pub views: Vec<Sku>,
    /// What lies in her cart: never recommended, but evidence for what goes with it.
    pub cart: Vec<Sku>,
    /// What she bought, in any order. Only consumables are recommended again.
    pub purchases: Vec<Purchase>,
    /// Her wish list.
    pub wished: Vec<Sku>,
    /// What an associate chose for her, the newest first: comes first, where it may be shown.
    pub pinned: Vec<Sku>,
    /// Departments that she likes. Those of her session, cart and purchases are added.
    pub departments: Vec<DepartmentId>,
    /// The store she is in, for what is popular there.
    pub store: Option<StoreId>,
}

impl Taste {
    /// Whether nothing is known of her.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.session.is_empty()
            && self.views.is_empty()
            && self.cart.is_empty()
            && self.purchases.is_empty()
            && self.wished.is_empty()
            && self.pinned.is_empty()
            && self.departments.is_empty()
    }
}
