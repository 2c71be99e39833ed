//! What functions keep in memory of the ledger. It can be made anew from the ledger at any time, so an instance may
//! start, stop and be doubled as the platform likes.

mod model;
mod storefront;

pub use model::LiveModel;
pub use storefront::{Shown, Storefront};

/// The memory of one process.
#[derive(Debug, Default)]
pub struct Memory {
    /// The catalogue with prices and stock.
    pub storefront: Storefront,
    /// The recommender.
    pub model: LiveModel,
}
