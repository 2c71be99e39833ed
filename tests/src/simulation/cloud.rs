//! The cloud: the real sync function behind the real gate, in several instances over one ledger.

use super::calls::Answer;
use super::clock::{SeededIds, VirtualClock};
use super::ledger::SimulatedLedger;
use super::tokens::DeviceTokens;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloud_functions::engines::memory::MemoryEventLog;
use cloud_functions::engines::payments::SimulatedTerminal;
use cloud_functions::feed::{self, Move};
use cloud_functions::functions::{cart, sync};
use cloud_functions::http::Routes;
use cloud_functions::ports::ledger::Ledger;
use cloud_functions::ports::payments::Payments;
use cloud_functions::ports::poke::Poke;
use cloud_functions::services::Services;
use std::future::Future;
use std::sync::Arc;
use tower::ServiceExt;

/// The longest answer that is taken.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// One instance of the functions: what it holds in memory is its own.
struct Instance {
    services: Services,
    router: Router,
}

/// All instances.
pub(super) struct Cloud {
    instances: Vec<Instance>,
    /// The ledger below them.
    pub ledger: Arc<SimulatedLedger>,
    clock: Arc<VirtualClock>,
    ids: Arc<SeededIds>,
    pokes: Option<Poke>,
    payments: Arc<dyn Payments>,
    routes: fn(Services) -> Routes,
}

/// What a device sends.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    /// The HTTP method.
    pub method: &'static str,
    /// The path with its query.
    pub path: String,
    /// The bearer token.
    pub token: String,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Cloud {
    /// Over a ledger, without instances so far. Where `pokes` are not shared, an instance hears its own alone.
    #[must_use]
    pub(super) fn new(
        ledger: Arc<SimulatedLedger>,
        clock: Arc<VirtualClock>,
        seed: u64,
        pokes: Option<Poke>,
    ) -> Self {
        Self {
            instances: Vec::new(),
            ledger,
            clock,
            ids: Arc::new(SeededIds::new(seed)),
            pokes,
            payments: Arc::new(SimulatedTerminal::default()),
            routes: sync::routes,
        }
    }

    /// Instances that come from now on serve carts too, and take money there.
    pub(super) fn pay_with(&mut self, payments: Arc<dyn Payments>) {
        self.payments = payments;
        self.routes = |services| sync::routes(services.clone()).merge(cart::routes(services));
    }

    /// New instances in the place of all.
    pub(super) fn restart(&mut self, instances: usize) {
        self.instances = (0..instances).map(|_| self.instance()).collect();
    }

    fn instance(&self) -> Instance {
        let ledger: Arc<dyn Ledger> = self.ledger.clone();
        let log = Arc::new(MemoryEventLog::default());
        let services = Services {
            letters: Arc::new(cloud_functions::engines::letters::LedgerLetters::new(
                ledger.clone(),
            )),
            verifier: Arc::new(DeviceTokens::new(ledger.clone())),
            ledger,
            events: log.clone(),
            dead_letters: log,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            poke: self.pokes.clone().unwrap_or_default(),
            memory: Arc::default(),
            payments: self.payments.clone(),
        };
        let (router, ..) = (self.routes)(services.clone()).build();
        Instance { services, router }
    }

    /// How many instances there are.
    #[must_use]
    pub(super) fn instances(&self) -> usize {
        self.instances.len()
    }

    /// What an instance answers to a request, its body not read yet.
    pub(super) fn respond(
        &self,
        instance: usize,
        wire: Wire,
    ) -> Option<impl Future<Output = Response> + Send + 'static> {
        let place = instance % self.instances.len().max(1);
        let router = self.instances.get(place)?.router.clone();
        Some(async move {
            let request = Request::builder()
                .method(wire.method)
                .uri(wire.path)
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::AUTHORIZATION, format!("Bearer {}", wire.token))
                .body(Body::from(wire.body));
            let Ok(request) = request else {
                return StatusCode::BAD_REQUEST.into_response();
            };
            let Ok(response) = router.oneshot(request).await;
            response
        })
    }

    /// What an instance does for a request.
    pub(super) fn serve(
        &self,
        instance: usize,
        wire: Wire,
    ) -> Option<impl Future<Output = Answer> + Send + 'static> {
        let response = self.respond(instance, wire)?;
        Some(async move {
            let response = response.await;
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), MAX_ANSWER_BYTES).await;
            body.map_or_else(
                |_| nothing(),
                |body| Answer {
                    status,
                    body: body.to_vec(),
                },
            )
        })
    }

    /// What another function of an instance does: changes entities and tells their feeds. Answers 200, or 503 where
    /// it could not.
    pub(super) fn publish(
        &self,
        instance: usize,
        moves: Vec<Move>,
    ) -> Option<impl Future<Output = Answer> + Send + 'static> {
        let services = self
            .instances
            .get(instance % self.instances.len().max(1))?
            .services
            .clone();
        Some(async move {
            let published = feed::publish(&*services.ledger, &services.poke, &moves, &[]).await;
            Answer {
                status: if published.is_ok() { 200 } else { 503 },
                body: Vec::new(),
            }
        })
    }

    /// The ports of an instance, for whoever runs the system.
    #[must_use]
    pub(super) fn services(&self, instance: usize) -> Option<Services> {
        Some(self.instances.get(instance)?.services.clone())
    }
}

const fn nothing() -> Answer {
    Answer {
        status: 502,
        body: Vec::new(),
    }
}
