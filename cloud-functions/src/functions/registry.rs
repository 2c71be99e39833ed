//! The list of all functions.

use super::{
    analytics, cart, catalogue, content, dead_letters, identity, ingest, profile, purchases,
    recommend, shopper, sync,
};
use crate::http::Routes;
use crate::ports::events::Consumer;
use crate::services::Services;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A function, as a host mounts it.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name; its own program is `aisle-<name>`.
    pub name: &'static str,
    /// Makes its routes.
    pub routes: fn(Services) -> Routes,
    /// Makes its consumer, where events set it off; it has the function's name.
    pub consumer: Option<fn(Services) -> Arc<dyn Consumer>>,
    /// What it has to do from time to time, where there is something; doing it twice at once does no harm.
    pub upkeep: Option<fn(Services) -> BoxFuture<'static, ()>>,
}

/// Every function.
#[must_use]
pub fn all() -> &'static [Function] {
    ALL
}

/// All of them, for hosts of everything. A program of one function never names this list, so that the linker leaves
/// the others out.
const ALL: &[Function] = &[
    ingest::FUNCTION,
    profile::FUNCTION,
    purchases::FUNCTION,
    analytics::FUNCTION,
    recommend::FUNCTION,
    content::FUNCTION,
    catalogue::FUNCTION,
    cart::FUNCTION,
    shopper::FUNCTION,
    identity::FUNCTION,
    sync::FUNCTION,
    dead_letters::FUNCTION,
];
