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

/// The function of that name.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|function| function.name == name)
}

const ALL: &[Function] = &[
    Function {
        name: "ingest",
        routes: ingest::routes,
        consumer: None,
        upkeep: None,
    },
    Function {
        name: "profile",
        routes: Routes::new,
        consumer: Some(profile::consumer),
        upkeep: None,
    },
    Function {
        name: "purchases",
        routes: Routes::new,
        consumer: Some(purchases::consumer),
        upkeep: None,
    },
    Function {
        name: "analytics",
        routes: analytics::routes,
        consumer: Some(analytics::consumer),
        upkeep: None,
    },
    Function {
        name: "recommend",
        routes: recommend::routes,
        consumer: Some(recommend::consumer),
        upkeep: Some(recommend::upkeep),
    },
    Function {
        name: "content",
        routes: content::routes,
        consumer: None,
        upkeep: None,
    },
    Function {
        name: "catalogue",
        routes: catalogue::routes,
        consumer: None,
        upkeep: None,
    },
    Function {
        name: "cart",
        routes: cart::routes,
        consumer: None,
        upkeep: Some(cart::upkeep),
    },
    Function {
        name: "shopper",
        routes: shopper::routes,
        consumer: None,
        upkeep: None,
    },
    Function {
        name: "identity",
        routes: identity::routes,
        consumer: None,
        upkeep: Some(identity::upkeep),
    },
    Function {
        name: "sync",
        routes: sync::routes,
        consumer: None,
        upkeep: Some(sync::upkeep),
    },
    Function {
        name: "dead-letters",
        routes: dead_letters::routes,
        consumer: None,
        upkeep: None,
    },
];
