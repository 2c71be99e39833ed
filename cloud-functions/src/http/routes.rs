//! Routes that say who may call them.

use super::access::gate;
use super::document;
use crate::services::Services;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{Route, options};
use domain::access::Access;
use std::collections::BTreeSet;
use std::convert::Infallible;
use tower::{Layer, Service};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Which access a path asks for; in the OpenAPI document it is the extension `x-aisle-access`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The HTTP method, lower case.
    pub method: String,
    /// The path as in the OpenAPI document.
    pub path: String,
    /// Who may call.
    pub access: Access,
}

/// The routes of a function. There is no way to add one without saying who may call it.
pub struct Routes {
    services: Services,
    router: OpenApiRouter,
    grants: Vec<Grant>,
}

impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new(services: Services) -> Self {
        Self {
            services,
            router: OpenApiRouter::new(),
            grants: Vec::new(),
        }
    }

    /// Adds what `utoipa_axum::routes!(handler)` makes, behind the gate.
    #[must_use]
    pub fn allow(mut self, access: Access, route: UtoipaMethodRouter<Services>) -> Self {
        let (schemas, mut paths, methods) = route;
        for (path, item) in &mut paths.paths {
            for (method, operation) in operations(item) {
                document::complete(operation, access);
                self.grants.push(Grant {
                    method: method.to_owned(),
                    path: path.clone(),
                    access,
                });
            }
        }
        let gated = methods.layer(from_fn_with_state((access, self.services.clone()), gate));
        let bound = (schemas, paths, gated.with_state(self.services.clone()));
        self.router = self.router.routes(bound);
        self
    }

    /// Lets every path so far answer `OPTIONS`, so that a CORS layer put before them hears browsers' preflights whatever
    /// a host does with methods that a path does not have.
    #[must_use]
    pub fn answer_preflights(mut self) -> Self {
        let paths: BTreeSet<&String> = self.grants.iter().map(|grant| &grant.path).collect();
        for path in paths {
            let nothing = options(|| async { StatusCode::NO_CONTENT });
            self.router = self.router.route(path, nothing);
        }
        self
    }

    /// Puts a layer before the gate of every route so far: what has to answer browsers that may not show a key yet
    /// (CORS), and what a function shares among its routes.
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.router = self.router.layer(layer);
        self
    }

    /// Joins the routes of another function.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.grants.extend(other.grants);
        self
    }

    /// The router to serve, its OpenAPI 3.1 document, and who may call what.
    pub fn build(self) -> (axum::Router, OpenApi, Vec<Grant>) {
        let (router, mut document) = self.router.split_for_parts();
        document::describe(&mut document);
        (router, document, self.grants)
    }
}

type Named<'a> = (&'static str, &'a mut utoipa::openapi::path::Operation);

fn operations(item: &mut utoipa::openapi::PathItem) -> impl Iterator<Item = Named<'_>> {
    [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
        ("head", &mut item.head),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}
