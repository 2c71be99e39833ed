//! What a tablet does by itself: it sells goods that were allotted to it, and keeps in its queue what the cloud is to know.

use super::ask::{Ask, What};
use super::client::Client;
use super::world::{Races, SKUS, STORE};
use crate::simulation::clock::instant;
use anyhow::{Context, Result};
use domain::api::cart::{AllotAnswer, AllotRequest, CartView};
use domain::api::sync::{Command, CommandStatus, PushRequest, PushResponse, SCHEMA, command};
use domain::cart::{
    Capture, CartChange, CartCommand, CartOrder, Channel, FIRST_OFFLINE_SEQUENCE, OfflineSale,
    Outcome, ReceiptNumber, Status, Workstation, payment_key,
};
use domain::ids::{CommandId, Sku, StoreId};
use serde::Serialize;
use serde_json::value::to_raw_value;
use std::collections::{BTreeMap, VecDeque};

/// Commands that wait at most.
const MAX_QUEUE: usize = 6;
/// The till of the first tablet; those that sell with the network are below.
const FIRST_TILL: u16 = 10;

/// What a tablet has without the cloud.
#[derive(Debug, Default)]
pub(super) struct Away {
    /// Pieces that it may sell.
    allotted: BTreeMap<Sku, u64>,
    /// What the cloud is not known to have decided.
    queue: VecDeque<Command>,
    /// The number of its last command.
    last: u64,
    /// Receipts that it gave.
    receipts: u32,
}

impl Away {
    /// Whether the cloud is to hear of something.
    pub(super) fn waits(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Pieces that were sold and are not known to be counted.
    fn untold(&self, sku: &Sku) -> u64 {
        let sales = self
            .queue
            .iter()
            .filter(|one| one.kind == command::CART_SELL);
        let sales = sales.filter_map(|one| serde_json::from_str(one.args.get()).ok());
        sales
            .map(|sale: OfflineSale| sale.allotted.get(sku).copied().unwrap_or(0))
            .sum()
    }

    fn keep<T: Serialize>(&mut self, id: CommandId, kind: &str, args: &T, now: u64) -> Result<()> {
        self.last += 1;
        self.queue.push_back(Command {
            cseq: self.last,
            id,
            kind: kind.to_owned(),
            version: 1,
            args: to_raw_value(args)?,
            issued_at_device: instant(now),
        });
        Ok(())
    }
}

impl Client {
    /// Whether it sells by itself, and has a queue.
    pub(super) fn is_tablet(&self) -> bool {
        self.channel == Channel::Tablet
    }

    /// What it sends of its queue.
    fn push(&self) -> Result<Option<Ask>> {
        let Some(first) = self.away.queue.front() else {
            return Ok(None);
        };
        let body = PushRequest {
            device: self.device.clone(),
            schema: SCHEMA,
            first_cseq: first.cseq,
            commands: self.away.queue.iter().cloned().collect(),
        };
        let path = "/v1/sync/push".to_owned();
        Ask::to(self.device.as_str(), &self.at, path, What::Push, &body).map(Some)
    }
}

impl Races {
    /// What a tablet asks for the sake of its queue and its allotment, now and then.
    pub(super) fn ask_away(&mut self, client: usize) -> Result<Option<Ask>> {
        let (pushes, allots) = (self.chance.permille(180), self.chance.permille(120));
        let any = Sku::parse(format!("s-{}", self.chance.below(SKUS)))?;
        let (pieces, drawn) = (self.chance.below(5), self.chance.index(4));
        let Some(who) = self.clients.get_mut(client).filter(|who| who.is_tablet()) else {
            return Ok(None);
        };
        if pushes && who.away.waits() {
            return who.push();
        }
        if !allots {
            return Ok(None);
        }
        // Mostly of what lies in the cart before it.
        let at = who.views.get(&who.at).map(|view| view.cart.goods());
        let sku = at
            .and_then(|goods| goods.into_keys().nth(drawn))
            .unwrap_or(any);
        // What it asks to have less of it must not sell meanwhile.
        who.away.allotted.remove(&sku);
        let wanted = pieces + who.away.untold(&sku);
        let skus = BTreeMap::from([(sku, wanted)]);
        let path = "/v1/carts/allotments".to_owned();
        let body = AllotRequest { skus };
        Ask::to(who.device.as_str(), &who.at, path, What::Allot, &body).map(Some)
    }

    /// The commands as the queue sends them; they are done as soon as they are kept.
    pub(super) fn change_away(
        &mut self,
        client: usize,
        cart: &str,
        commands: Vec<CartCommand>,
    ) -> Result<()> {
        let now = self.now;
        for command in commands {
            let Some(who) = self.clients.get_mut(client) else {
                return Ok(());
            };
            let change = CartChange {
                cart: domain::ids::CartId::parse(cart)?,
                command,
            };
            let id = change.command.id.clone();
            who.away.keep(id, command::CART_CHANGE, &change, now)?;
            self.counts.add("changes kept");
        }
        Ok(())
    }

    /// Whether there is room for what is done without the cloud.
    pub(super) fn has_room_away(&self, client: usize) -> bool {
        let who = self.clients.get(client).filter(|who| who.is_tablet());
        who.is_some_and(|who| who.away.queue.len() + 3 <= MAX_QUEUE)
    }

    /// Sells the cart as the tablet saw it, where all its goods are allotted to it. Whether it did.
    pub(super) fn sell_away(&mut self, client: usize, view: &CartView) -> Result<bool> {
        let now = self.now;
        let room = self.has_room_away(client);
        let Some(who) = self.clients.get_mut(client).filter(|_| room) else {
            return Ok(false);
        };
        let (cart, Some(totals)) = (&view.cart, &view.totals) else {
            return Ok(false);
        };
        let goods = cart.goods();
        let has = |(sku, pieces): (&Sku, &u64)| who.away.allotted.get(sku) >= Some(pieces);
        if goods.is_empty() || cart.status != Status::Open || !goods.iter().all(has) {
            return Ok(false);
        }
        who.away.receipts += 1;
        let order = cart.order_id();
        let attempt = cart.attempts.saturating_add(1);
        let paid = totals.total.minor > 0;
        let sale = OfflineSale {
            order: CartOrder {
                id: order.clone(),
                cart: cart.opening.id.clone(),
                generation: cart.generation,
                receipt: Some(ReceiptNumber::new(
                    StoreId::parse(STORE)?,
                    Workstation::new(FIRST_TILL + u16::try_from(client)?)?,
                    instant(now).date_naive(),
                    FIRST_OFFLINE_SEQUENCE + who.away.receipts,
                )?),
                store: StoreId::parse(STORE)?,
                customer: None,
                associate: None,
                channel: who.channel,
                placed_at: instant(now),
                payment: paid.then(|| payment_key(&order, attempt)),
                capture: paid.then(|| Capture {
                    amount: totals.total,
                    reference: "cash".to_owned(),
                    brand: None,
                    last_four: None,
                }),
                totals: totals.clone(),
            },
            allotted: goods.clone(),
        };
        for (sku, pieces) in goods {
            let left = who.away.allotted.entry(sku).or_default();
            *left = left.saturating_sub(pieces);
        }
        who.views.remove(cart.opening.id.as_str());
        let id = CommandId::parse(who.new_id("s"))?;
        who.away.keep(id.clone(), command::CART_SELL, &sale, now)?;
        self.told.sales.insert(id, sale);
        self.counts.add("sold without the cloud");
        Ok(true)
    }

    /// The cloud said what the tablet has of an item.
    pub(super) fn read_allotment(&mut self, client: usize, answer: AllotAnswer) {
        let Some(who) = self.clients.get_mut(client) else {
            return;
        };
        for has in answer.allotments {
            let free = has.pieces.saturating_sub(who.away.untold(&has.sku));
            who.away.allotted.insert(has.sku, free);
        }
    }

    /// The cloud decided on what was sent. The inner error is what contradicts what was told before.
    pub(super) fn read_push(
        &mut self,
        client: usize,
        answer: &PushResponse,
    ) -> Result<Result<(), String>> {
        let mut told = Ok(());
        for result in &answer.results {
            let Some(who) = self.clients.get_mut(client) else {
                return Ok(told);
            };
            let is_first = who.away.queue.front().map(|one| one.cseq) == Some(result.cseq);
            let Some(sent) = is_first.then(|| who.away.queue.pop_front()).flatten() else {
                continue;
            };
            let rejected = result.status == CommandStatus::Rejected;
            if sent.kind == command::CART_SELL {
                if rejected {
                    told = told.and(Err(format!("the sale {} was refused", sent.id)));
                }
                continue;
            }
            let change: CartChange = serde_json::from_str(sent.args.get())?;
            if !rejected {
                // Whether it was applied, held or passed on is not said: it is known for good.
                told = told.and(self.told.command(super::told::Decision {
                    cart: change.cart.to_string(),
                    command: change.command,
                    outcome: Outcome::Held,
                }));
            }
        }
        Ok(told)
    }

    /// Everything that waits on tablets is sent, as often as it takes.
    pub(super) fn send_the_rest(&mut self, rounds: usize) -> Result<()> {
        for _ in 0..rounds {
            let waiting: Vec<usize> = (0..self.clients.len())
                .filter(|client| {
                    let who = self.clients.get(*client);
                    who.is_some_and(|who| who.away.waits())
                })
                .collect();
            if waiting.is_empty() {
                return Ok(());
            }
            for client in waiting {
                let who = self.clients.get(client).context("a client")?;
                if let Some(push) = who.push()? {
                    self.start(push, Some(client));
                }
            }
            self.finish_calls()?;
        }
        self.violate("rest", "a queue does not empty".to_owned());
        Ok(())
    }
}
