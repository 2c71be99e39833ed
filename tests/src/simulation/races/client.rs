//! A device that shops: what it has seen of each cart, and what it is about to do.

use super::ask::Ask;
use super::away::Away;
use crate::simulation::calls::CallId;
use domain::api::cart::CartView;
use domain::cart::{Author, CartOrder, Channel, PriceChange};
use domain::ids::{CommandId, DeviceId};
use std::collections::{BTreeMap, BTreeSet};

/// A tablet or a kiosk.
#[derive(Debug)]
pub(super) struct Client {
    /// Which.
    pub device: DeviceId,
    /// Where it is.
    pub channel: Channel,
    /// Carts as it saw them last.
    pub views: BTreeMap<String, CartView>,
    /// Prices that it was told have changed, with the version of the cart.
    pub changed: BTreeMap<String, (u64, Vec<PriceChange>)>,
    /// Orders that it was shown.
    pub orders: Vec<CartOrder>,
    /// Merges that it made: the cart that stays, and which merge.
    pub merges: Vec<(String, CommandId)>,
    /// The cart that it is at.
    pub at: String,
    /// The request that it waits for, and by which call.
    pub waits: Option<(CallId, Ask)>,
    /// A request whose answer it never got: asked again, to the byte.
    pub again: Option<Ask>,
    /// What it has and does without the cloud.
    pub away: Away,
    known: BTreeSet<String>,
    made: u64,
}

impl Client {
    /// A device that saw nothing yet.
    pub(super) fn new(device: DeviceId, channel: Channel) -> Self {
        Self {
            device,
            channel,
            views: BTreeMap::new(),
            changed: BTreeMap::new(),
            orders: Vec::new(),
            merges: Vec::new(),
            at: String::new(),
            waits: None,
            again: None,
            away: Away::default(),
            known: BTreeSet::new(),
            made: 0,
        }
    }

    /// It saw a cart.
    pub(super) fn see(&mut self, view: CartView) {
        let cart = view.cart.opening.id.to_string();
        self.known.insert(cart.clone());
        self.views.insert(cart, view);
    }

    /// Whether it ever saw this cart.
    pub(super) fn knows(&self, cart: &str) -> bool {
        self.known.contains(cart)
    }

    /// Who does what it does.
    pub(super) fn author(&self) -> Author {
        Author {
            channel: self.channel,
            device: self.device.clone(),
            associate: None,
        }
    }

    /// An id that no other device makes.
    pub(super) fn new_id(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what}-{}-{}", self.device, self.made)
    }
}
