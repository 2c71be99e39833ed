//! What can be asked of a model. Each request is a pure function of the model, what is said about the
//! shopper, the filters, and `now`.

mod bought_together;
pub mod decision;
pub mod filters;
mod for_you;
mod next;
pub mod person;
mod pinned;
mod popular;
mod repeat;
pub mod rerank;
mod shelf;
mod similar;
pub mod taste;

/// The most items that one answer has, whatever limit is asked for.
pub const MAX_LIMIT: usize = domain::api::recommend::MAX_LIMIT;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
