//! What a device does next: drawn from the seed, by what it saw last.

use super::ask::{Ask, What};
use super::world::{CARTS, Races, SKUS, STORE};
use crate::simulation::clock::instant;
use anyhow::Result;
use domain::api::cart::{
    CartView, CheckoutRequest, ClaimRequest, CommandBatch, ConfirmPrices, LeaseRequest,
    MergeRequest, PayRequest, ReturnRequest, UndoMergeRequest,
};
use domain::cart::{
    Action, CartCommand, Claimant, Line, LinePrice, NewLine, PaymentMethod, Phase, Proof, Status,
    Workstation,
};
use domain::ids::{CartId, CommandId, LineId, RefundId, Sku};
use serde_json::json;
use std::collections::BTreeMap;

impl Races {
    /// What the device asks next.
    pub(super) fn next_ask(&mut self, client: usize) -> Result<Option<Ask>> {
        let cart = self.chosen_cart(client);
        if let Some(ask) = self.ask_away(client)? {
            return Ok(Some(ask));
        }
        let Some(who) = self.clients.get(client) else {
            return Ok(None);
        };
        let device = who.device.to_string();
        let Some(view) = who.views.get(&cart).cloned() else {
            if who.knows(&cart) && self.chance.permille(900) {
                return Ok(Some(Ask::read(&device, &cart)));
            }
            let body = json!({"opening": {"id": cart, "store": STORE, "currency": "EUR"}});
            let path = "/v1/carts".to_owned();
            return Ask::to(&device, &cart, path, What::Create, &body).map(Some);
        };
        let draw = self.chance.below(100);
        match (&view.cart.status, draw) {
            (_, 0..=6) => Ok(Some(Ask::read(&device, &cart))),
            (_, 7..=9) => self.take_back(client),
            (_, 10..=15) => self.claim(client),
            (_, 16..=17) => self.undo_merge(client),
            (Status::Checkout(_), 18..=74) => self.pay(&device, &cart, &view),
            (Status::Checkout(_), 75..=87) => Ask::post(
                &device,
                &cart,
                "/checkout/ask",
                What::AskPayment,
                &json!({}),
            )
            .map(Some),
            (Status::Checkout(_), 88..=93) => {
                let rest = "/checkout/give-up";
                Ask::post(&device, &cart, rest, What::GiveUp, &json!({})).map(Some)
            }
            (_, 18..=20) => self.lease(&device, &cart, &view),
            (_, 21..=24) => {
                Ask::post(&device, &cart, "/handoff", What::Offer, &json!({})).map(Some)
            }
            (_, 25..=26) => self.merge(client, &cart),
            (Status::Open, 27..=69) if view.cart.counted().next().is_some() => {
                if self.chance.permille(500) && self.sell_away(client, &view)? {
                    return Ok(None);
                }
                self.check_out(client, &cart, &view)
            }
            _ => self.change(client, &cart, &view),
        }
    }

    /// Mostly the cart that it is at, sometimes another.
    fn chosen_cart(&mut self, client: usize) -> String {
        let another = format!("k-{}", self.chance.below(CARTS));
        let stays = self.chance.permille(750);
        let Some(who) = self.clients.get_mut(client) else {
            return another;
        };
        if !stays || who.at.is_empty() {
            who.at = another;
        }
        who.at.clone()
    }

    fn change(&mut self, client: usize, cart: &str, view: &CartView) -> Result<Option<Ask>> {
        let mut commands = Vec::new();
        for _ in 0..=self.chance.below(3) {
            let action = self.action(client, view)?;
            let Some(who) = self.clients.get_mut(client) else {
                return Ok(None);
            };
            commands.push(CartCommand {
                id: CommandId::parse(who.new_id("c"))?,
                by: who.author(),
                issued_at_device: instant(self.now),
                action,
            });
        }
        if self.has_room_away(client) && self.chance.permille(200) {
            self.change_away(client, cart, commands)?;
            return Ok(None);
        }
        let batch = CommandBatch { commands };
        let Some(who) = self.clients.get(client) else {
            return Ok(None);
        };
        let what = What::Commands(batch.clone());
        Ask::post(who.device.as_str(), cart, "/commands", what, &batch).map(Some)
    }

    /// A new line, or something on a line that the device saw: also where that is gone by now.
    fn action(&mut self, client: usize, view: &CartView) -> Result<Action> {
        let lines = &view.cart.lines;
        let line = lines.get(self.chance.index(lines.len())).cloned();
        let draw = self.chance.below(10);
        match (line, draw) {
            (Some(line), 4..=6) => Ok(step(&line, self.chance.below(5))),
            (Some(line), 7) => Ok(Action::SetQuantity {
                line_id: line.id,
                quantity: u32::try_from(self.chance.below(4))?,
                base_version: line.version,
            }),
            (Some(line), 8..) => Ok(Action::RemoveLine {
                observed: line.observed(),
                line_id: line.id,
            }),
            _ => {
                let sku = format!("s-{}", self.chance.below(SKUS));
                let quantity = 1 + u32::try_from(self.chance.below(2))?;
                let id = self.clients.get_mut(client).map(|who| who.new_id("l"));
                Ok(Action::AddLine(NewLine {
                    line_id: LineId::parse(id.unwrap_or_default())?,
                    sku: Sku::parse(sku)?,
                    quantity,
                    price: None,
                    note: String::new(),
                }))
            }
        }
    }

    fn lease(&mut self, device: &str, cart: &str, view: &CartView) -> Result<Option<Ask>> {
        let fence = view.cart.lease.fence;
        let body = match self.chance.below(8) {
            0 => LeaseRequest::Release { fence },
            1 => LeaseRequest::Renew { fence },
            _ => LeaseRequest::Claim,
        };
        Ask::post(device, cart, "/lease", What::Lease, &body).map(Some)
    }

    fn check_out(&mut self, client: usize, cart: &str, view: &CartView) -> Result<Option<Ask>> {
        let Some(who) = self.clients.get_mut(client) else {
            return Ok(None);
        };
        let device = who.device.clone();
        if let Some((version, changes)) = who.changed.remove(cart) {
            let agreed = |change: domain::cart::PriceChange| {
                let line_id = change.line_id;
                change.now.map(|price| LinePrice { line_id, price })
            };
            let prices = changes.into_iter().filter_map(agreed).collect();
            let body = ConfirmPrices { version, prices };
            let rest = "/checkout/confirm";
            return Ask::post(device.as_str(), cart, rest, What::Confirm, &body).map(Some);
        }
        let holds = view.cart.lease.hold.as_ref();
        if holds.is_some_and(|hold| hold.device != device && instant(self.now) < hold.expires_at)
            && self.chance.permille(800)
        {
            // Somebody else is at it: a code would be needed, or patience.
            return Ok(Some(Ask::read(device.as_str(), cart)));
        }
        if holds.is_none_or(|hold| hold.device != device) && self.chance.permille(900) {
            return self.lease(device.as_str(), cart, view);
        }
        let Some(totals) = &view.totals else {
            return Ok(Some(Ask::read(device.as_str(), cart)));
        };
        let body = CheckoutRequest {
            fence: view.cart.lease.fence,
            version: view.cart.version,
            total: totals.total,
        };
        Ask::post(device.as_str(), cart, "/checkout", What::Checkout, &body).map(Some)
    }

    fn pay(&mut self, device: &str, cart: &str, view: &CartView) -> Result<Option<Ask>> {
        let Status::Checkout(checkout) = &view.cart.status else {
            return Ok(None);
        };
        let method = match self.chance.below(3) {
            0 => PaymentMethod::Cash,
            1 => PaymentMethod::PayLink,
            _ => PaymentMethod::Terminal,
        };
        let attempt = match checkout.phase {
            Phase::Failed { .. } => view.cart.attempts + 1,
            _ => checkout.attempt,
        };
        let till = 1 + u16::try_from(self.chance.below(2))?;
        let body = PayRequest {
            method,
            attempt,
            workstation: Some(Workstation::new(till)?),
            associate: None,
        };
        Ask::post(device, cart, "/checkout/pay", What::Pay, &body).map(Some)
    }

    /// Takes over what somebody shows: also what was used before, or by two at once.
    fn claim(&mut self, client: usize) -> Result<Option<Ask>> {
        let shown = self.codes.get(self.chance.index(self.codes.len())).cloned();
        let by_hand = self.chance.permille(500);
        let (Some((cart, shown)), Some(who)) = (shown, self.clients.get_mut(client)) else {
            return Ok(None);
        };
        let what = What::Claim(shown.secret.clone());
        let proof = if by_hand {
            Proof::Code { code: shown.code }
        } else {
            Proof::Secret {
                secret: shown.secret,
            }
        };
        let nonce = format!("{:0>32}", who.new_id("").replace('-', ""));
        let claimant = Claimant {
            device: who.device.clone(),
            channel: who.channel,
            nonce: nonce.chars().filter(char::is_ascii_hexdigit).collect(),
        };
        let body = ClaimRequest { proof, claimant };
        let path = "/v1/carts/handoffs/claim".to_owned();
        Ask::to(who.device.as_str(), &cart, path, what, &body).map(Some)
    }

    fn merge(&mut self, client: usize, cart: &str) -> Result<Option<Ask>> {
        let source = format!("k-{}", self.chance.below(CARTS));
        let Some(who) = self.clients.get_mut(client) else {
            return Ok(None);
        };
        let id = CommandId::parse(who.new_id("m"))?;
        let body = MergeRequest {
            id: id.clone(),
            source: CartId::parse(&source)?,
        };
        who.merges.push((cart.to_owned(), id));
        let what = What::Merge;
        Ask::post(who.device.as_str(), cart, "/merge", what, &body).map(Some)
    }

    fn undo_merge(&mut self, client: usize) -> Result<Option<Ask>> {
        let drawn = self.chance.draw();
        let Some(who) = self.clients.get_mut(client) else {
            return Ok(None);
        };
        let place = usize::try_from(drawn % 1_000)? % who.merges.len().max(1);
        let Some((cart, id)) = who.merges.get(place).cloned() else {
            return Ok(None);
        };
        let body = UndoMergeRequest { id };
        let what = What::UndoMerge;
        Ask::post(who.device.as_str(), &cart, "/merge/undo", what, &body).map(Some)
    }

    /// Brings a piece back: also one that came back before.
    fn take_back(&mut self, client: usize) -> Result<Option<Ask>> {
        let drawn = self.chance.draw();
        let Some(who) = self.clients.get_mut(client) else {
            return Ok(None);
        };
        if who.channel != domain::cart::Channel::Tablet {
            return Ok(None);
        }
        let place = usize::try_from(drawn % 1_000)? % who.orders.len().max(1);
        let Some(order) = who.orders.get(place).cloned() else {
            return Ok(None);
        };
        let lines = &order.totals.lines;
        let line = lines.get(usize::try_from(drawn % 7)? % lines.len().max(1));
        let Some(line) = line else { return Ok(None) };
        let body = ReturnRequest {
            id: RefundId::parse(who.new_id("r"))?,
            pieces: BTreeMap::from([(line.line_id.clone(), 1)]),
            by: who.author(),
            seen: None,
        };
        let path = format!("/v1/orders/{}/returns", order.id);
        let device = who.device.to_string();
        Ask::to(&device, order.id.as_str(), path, What::Return, &body).map(Some)
    }
}

/// One or two more or fewer, as a tap does it.
fn step(line: &Line, drawn: u64) -> Action {
    line.step(match drawn {
        0 => -2,
        1 | 2 => -1,
        _ => 1,
    })
}
