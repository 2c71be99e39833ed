//! The carts of the small cloud: decided on by the same rules as the real one's, told in the same feed.

use super::cloud::problem;
use super::feeds::Feeds;
use super::{NOW, store_id};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::api::cart::{
    AllotAnswer, AllotRequest, AssignCustomer, CartView, CheckoutAnswer, CheckoutRequest,
    ClaimAnswer, ClaimRequest, LeaseRequest, MergeRequest, PayAnswer, PayRequest, ReturnAnswer,
    ReturnRequest, UndoMergeRequest,
};
use domain::api::identity::{DeviceKind, KnownDevice};
use domain::api::sync::{Command, Scope, command, kind};
use domain::cart::{
    Allotment, Capture, Cart, CartChange, CartOrder, Channel, CheckoutTurn, Entry, Handoff, Lease,
    OfflineSale, Opening, Outcome, PaymentAnswer, PaymentOutcome, Sale, SaleTaken, Settlement,
    Status, Terms, Totals, Workstation, issue, key_id, merge, payment_key, refund, undo_merge,
};
use domain::ids::{CommandId, DeviceId, Sku};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The device that every token of the small cloud is for.
const CALLER: &str = "d-1";

#[derive(Default)]
pub(crate) struct Carts {
    pub(crate) carts: BTreeMap<String, Cart>,
    pub(crate) orders: BTreeMap<String, CartOrder>,
    /// Payments that the provider was asked for, by their keys.
    pub(crate) charged: Vec<String>,
    /// Pieces of each item that are on the shelves.
    pub(crate) stock: BTreeMap<Sku, u64>,
    pub(crate) allotted: BTreeMap<Sku, u64>,
    settled: BTreeMap<String, Settlement>,
    offers: Vec<Handoff>,
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn scope() -> Scope {
    Scope::carts(&store_id())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap()
}

fn ok(value: &impl Serialize) -> Response {
    Json(serde_json::to_value(value).unwrap()).into_response()
}

fn conflict(slug: &str, words: &impl ToString) -> Response {
    let body = json!({"type": format!("/problems/{slug}"), "title": "Not now", "status": 409, "detail": words.to_string()});
    (StatusCode::CONFLICT, Json(body)).into_response()
}

fn totals(cart: &Cart) -> Option<Totals> {
    Terms::default().totals(cart, |_| None, now()).unwrap()
}

fn view(cart: &Cart) -> CartView {
    CartView {
        totals: totals(cart),
        cart: cart.clone(),
    }
}

fn boxed(cart: &Cart) -> Box<CartView> {
    Box::new(view(cart))
}

impl Carts {
    pub(crate) fn read(&self, cart: &str) -> Response {
        match self.carts.get(cart) {
            Some(cart) => ok(&view(cart)),
            None => problem(StatusCode::NOT_FOUND, "not-found"),
        }
    }

    /// Puts a cart in its place and into the feed. Gives its number there.
    pub(crate) fn put(&mut self, feeds: &mut Feeds, cart: Cart, by: Option<&CommandId>) -> u64 {
        let id = cart.opening.id.to_string();
        let seq = feeds.put(&scope(), kind::CART, &id, &cart, by);
        self.carts.insert(id, cart);
        seq
    }

    fn put_order(&mut self, feeds: &mut Feeds, order: CartOrder) -> u64 {
        let id = order.id.to_string();
        let seq = feeds.put(&scope(), kind::CART_ORDER, &id, &order, None);
        self.orders.insert(id, order);
        seq
    }

    /// Lets a device have pieces.
    pub(crate) fn allot(&mut self, feeds: &mut Feeds, sku: &str, pieces: u64) {
        let row = Allotment {
            device: DeviceId::parse(CALLER).unwrap(),
            store: store_id(),
            sku: Sku::parse(sku).unwrap(),
            pieces,
        };
        let id = Allotment::entity_id(&row.device, &row.sku);
        feeds.put(&scope(), kind::ALLOTMENT, &id, &row, None);
        self.allotted.insert(row.sku, pieces);
    }

    /// Tells the tablets of a device and its key.
    pub(crate) fn register(&mut self, feeds: &mut Feeds, device: &str, public_key: &str) {
        let known = KnownDevice {
            device: DeviceId::parse(device).unwrap(),
            store: store_id(),
            kind: DeviceKind::Tablet,
            workstation: Workstation::new(3).unwrap(),
            key_id: key_id(public_key),
            public_key: public_key.to_owned(),
        };
        feeds.put(
            &Scope::team(&store_id()),
            kind::DEVICE,
            device,
            &known,
            None,
        );
    }

    /// Decides on a command of the queue.
    pub(crate) fn decide(&mut self, feeds: &mut Feeds, queued: &Command) -> Value {
        let args = queued.args.get().as_bytes();
        let seq = match queued.kind.as_str() {
            command::CART_BEGIN => {
                let opening: Opening = read(args);
                if self.carts.contains_key(opening.id.as_str()) {
                    return json!({"cseq": queued.cseq, "status": "superseded"});
                }
                self.put(feeds, Cart::open(opening), Some(&queued.id))
            }
            command::CART_CHANGE => {
                let change: CartChange = read(args);
                assert_eq!(change.command.id, queued.id);
                let Some(mut cart) = self.carts.get(change.cart.as_str()).cloned() else {
                    return rejected(queued, "cart-unknown", "There is no such cart");
                };
                let outcome = cart.apply(&Entry::Command(change.command)).outcome;
                if let Outcome::Refused { refusal } = outcome {
                    return rejected(queued, refusal.code(), &refusal.to_string());
                }
                self.put(feeds, cart, Some(&queued.id))
            }
            _ => self.sell(feeds, queued, &read(args)),
        };
        json!({"cseq": queued.cseq, "status": "applied", "seqs": {scope().as_str(): seq}})
    }

    fn sell(&mut self, feeds: &mut Feeds, queued: &Command, sale: &OfflineSale) -> u64 {
        let mut cart = self.carts[sale.order.cart.as_str()].clone();
        let mut order = sale.order.clone();
        if cart.take_sale(sale, &queued.id) == SaleTaken::Apart {
            order.id = OfflineSale::apart(&queued.id);
        }
        self.put_order(feeds, order);
        self.put(feeds, cart, Some(&queued.id));
        let mut seq = 0;
        for (sku, sold) in &sale.allotted {
            let left = self.allotted[sku] - sold;
            self.allot(feeds, sku.as_str(), left);
            seq = feeds.seq(&scope());
        }
        seq
    }

    pub(crate) fn answer(&mut self, feeds: &mut Feeds, rest: &str, body: &[u8]) -> Response {
        match rest {
            "allotments" => return self.allotments(feeds, &read(body)),
            "handoffs/claim" => return self.claim(feeds, &read(body)),
            _ => {}
        }
        let (id, call) = rest.split_once('/').unwrap();
        let Some(cart) = self.carts.get(id).cloned() else {
            return problem(StatusCode::NOT_FOUND, "not-found");
        };
        match call {
            "lease" => match read(body) {
                LeaseRequest::Claim => self.lease(feeds, cart),
                other => panic!("{other:?}"),
            },
            "handoff" => self.offer(&cart),
            "customer" => {
                let AssignCustomer { customer } = read(body);
                self.enter(feeds, cart, &Entry::Customer(customer))
            }
            "merge" => self.merge(feeds, &cart, &read(body)),
            "merge/undo" => self.undo(feeds, &cart, &read(body)),
            "checkout" => self.checkout(feeds, cart, &read(body)),
            "checkout/pay" => self.pay(feeds, cart, &read(body)),
            "checkout/ask" => ok(&paid(&cart, &self.orders)),
            "checkout/give-up" => {
                let turn = CheckoutTurn::GiveUp { at: now() };
                self.enter(feeds, cart, &Entry::Checkout(turn))
            }
            other => panic!("{other}"),
        }
    }

    fn enter(&mut self, feeds: &mut Feeds, mut cart: Cart, entry: &Entry) -> Response {
        if let Outcome::Refused { refusal } = cart.apply(entry).outcome {
            return conflict("cart-refused", &refusal);
        }
        let answer = ok(&view(&cart));
        self.put(feeds, cart, None);
        answer
    }

    fn lease(&mut self, feeds: &mut Feeds, cart: Cart) -> Response {
        let caller = DeviceId::parse(CALLER).unwrap();
        match cart.lease.claim(&caller, Channel::Tablet, now()) {
            Ok(lease) => self.enter(feeds, cart, &Entry::Lease(lease)),
            Err(refusal) => conflict("cart-held", &refusal),
        }
    }

    /// Somebody else takes the lease.
    pub(crate) fn take_elsewhere(&mut self, feeds: &mut Feeds, cart: &str) {
        let cart = self.carts[cart].clone();
        let other = DeviceId::parse("phone-1").unwrap();
        let lease: Lease = cart.lease.transfer(&other, Channel::Phone, now());
        self.enter(feeds, cart, &Entry::Lease(lease));
    }

    fn offer(&mut self, cart: &Cart) -> Response {
        let caller = DeviceId::parse(CALLER).unwrap();
        let random = [u8::try_from(self.offers.len()).unwrap(); 24];
        match issue(&cart.opening.id, &cart.lease, &caller, &random, now()) {
            Ok((handoff, shown)) => {
                self.offers.push(handoff);
                ok(&shown)
            }
            Err(refusal) => conflict("cart-held", &refusal),
        }
    }

    fn claim(&mut self, feeds: &mut Feeds, request: &ClaimRequest) -> Response {
        let id = request.proof.handoff_id();
        let of = |offer: &&mut Handoff| {
            Some(&offer.by_secret) == id.as_ref() || Some(&offer.by_code) == id.as_ref()
        };
        let Some(offer) = self.offers.iter_mut().find(of) else {
            return problem(StatusCode::NOT_FOUND, "code-unknown");
        };
        let mut cart = self.carts[offer.cart.as_str()].clone();
        let claimed = offer.claim(&cart.lease, &request.proof, &request.claimant, now());
        let claimed = match claimed {
            Ok(claimed) => claimed,
            Err(refusal) => return conflict("code-over", &refusal),
        };
        if let Some((used, lease)) = claimed.changed {
            *offer = used;
            cart.apply(&Entry::Lease(lease));
        }
        let answer = ok(&ClaimAnswer {
            claim: claimed.claim,
            view: view(&cart),
        });
        self.put(feeds, cart, None);
        answer
    }

    fn merge(&mut self, feeds: &mut Feeds, to: &Cart, request: &MergeRequest) -> Response {
        if to.absorbed.iter().any(|known| known.merge == request.id) {
            return ok(&view(to));
        }
        let (mut to, mut from) = (to.clone(), self.carts[request.source.as_str()].clone());
        let (absorption, departure) = match merge(&to, &from, &request.id) {
            Ok(merged) => merged,
            Err(refusal) => return conflict("merge-refused", &refusal),
        };
        to.apply(&Entry::Absorb(absorption));
        from.apply(&Entry::Depart(departure));
        let answer = ok(&view(&to));
        self.put(feeds, to, None);
        self.put(feeds, from, None);
        answer
    }

    fn undo(&mut self, feeds: &mut Feeds, to: &Cart, request: &UndoMergeRequest) -> Response {
        let known = to.absorbed.iter().find(|known| known.merge == request.id);
        let mut from = self.carts[known.unwrap().from.as_str()].clone();
        let mut to = to.clone();
        let undone = Entry::UndoMerge(undo_merge(&to, &from, &request.id).unwrap());
        to.apply(&undone);
        from.apply(&undone);
        let answer = ok(&view(&to));
        self.put(feeds, to, None);
        self.put(feeds, from, None);
        answer
    }

    fn checkout(&mut self, feeds: &mut Feeds, mut cart: Cart, asked: &CheckoutRequest) -> Response {
        let before = cart.clone();
        let begun = cart.apply(&Entry::Checkout(CheckoutTurn::Begin {
            device: DeviceId::parse(CALLER).unwrap(),
            fence: asked.fence,
            version: asked.version,
            total: asked.total,
            at: now(),
            reserved_until: now() + chrono::TimeDelta::minutes(15),
        }));
        if let Outcome::Refused { refusal } = begun.outcome {
            let view = boxed(&before);
            return ok(&CheckoutAnswer::Refused { refusal, view });
        }
        let answer = ok(&CheckoutAnswer::Begun { view: boxed(&cart) });
        self.put(feeds, cart, None);
        answer
    }

    fn pay(&mut self, feeds: &mut Feeds, mut cart: Cart, asked: &PayRequest) -> Response {
        if matches!(cart.status, Status::Ordered { .. }) {
            return ok(&paid(&cart, &self.orders));
        }
        let payment = payment_key(&cart.order_id(), asked.attempt);
        let step = cart.apply(&Entry::Checkout(CheckoutTurn::Pay { at: now() }));
        if let Outcome::Refused { refusal } = step.outcome {
            let view = boxed(&cart);
            return ok(&PayAnswer::Refused { refusal, view });
        }
        self.charged.push(payment.to_string());
        let sums = totals(&cart).unwrap();
        let outcome = PaymentOutcome::Captured(Capture {
            amount: sums.total,
            reference: "t-1".into(),
            brand: None,
            last_four: None,
        });
        let at = now();
        cart.apply(&Entry::Checkout(CheckoutTurn::Answer(PaymentAnswer {
            payment,
            outcome,
            at,
        })));
        let sale = Sale {
            receipt: None,
            associate: asked.associate.clone(),
            channel: Channel::Tablet,
            placed_at: at,
        };
        let order = CartOrder::of(&cart, sums, sale).unwrap();
        let id = order.id.clone();
        cart.apply(&Entry::Checkout(CheckoutTurn::Complete { order: id }));
        self.put_order(feeds, order);
        let answer = ok(&paid(&cart, &self.orders));
        self.put(feeds, cart, None);
        answer
    }

    pub(crate) fn take_back(&mut self, feeds: &mut Feeds, order: &str, body: &[u8]) -> Response {
        let request: ReturnRequest = read(body);
        let Some(sold) = self.orders.get(order) else {
            return problem(StatusCode::NOT_FOUND, "not-found");
        };
        let before = self.settled.get(order).cloned().unwrap_or_default();
        let (given, settlement) = match refund(sold, &before, &request.id, &request.pieces) {
            Ok(given) => given,
            Err(refusal) => return conflict("refund-refused", &refusal),
        };
        feeds.put(&scope(), kind::SETTLEMENT, order, &settlement, None);
        self.settled.insert(order.to_owned(), settlement.clone());
        ok(&ReturnAnswer {
            refund: given,
            settlement,
        })
    }

    /// Stock goes to the device as far as there is any, and comes back.
    fn allotments(&mut self, feeds: &mut Feeds, request: &AllotRequest) -> Response {
        let mut allotments = Vec::new();
        for (sku, wanted) in &request.skus {
            let has = self.allotted.get(sku).copied().unwrap_or(0);
            let stock = self.stock.entry(sku.clone()).or_insert(4);
            let gets = (*wanted).min(has + *stock);
            *stock = *stock + has - gets;
            self.allot(feeds, sku.as_str(), gets);
            allotments.push(Allotment {
                device: DeviceId::parse(CALLER).unwrap(),
                store: store_id(),
                sku: sku.clone(),
                pieces: gets,
            });
        }
        ok(&AllotAnswer { allotments })
    }
}

fn paid(cart: &Cart, orders: &BTreeMap<String, CartOrder>) -> PayAnswer {
    let view = boxed(cart);
    match cart.orders.last() {
        Some(past) => PayAnswer::Ordered {
            order: Box::new(orders[past.order.as_str()].clone()),
            view,
        },
        None => PayAnswer::NotPaid { view },
    }
}

fn rejected(queued: &Command, code: &str, words: &str) -> Value {
    json!({"cseq": queued.cseq, "status": "rejected", "code": code, "message": words})
}
