//! Somebody in the shop: her acts as requests, and what she makes of the answers.

use crate::plan::Act;
use crate::tally::{Seen, Sold};
use aisle_tests::demo::WRITE_KEY;
use anyhow::{Context as _, Result, ensure};
use domain::api::cart::{
    BatchAnswer, CartView, CheckoutAnswer, CheckoutRequest, CommandBatch, CreateCart, LeaseRequest,
    PayAnswer, PayRequest,
};
use domain::api::content::ShopRequest;
use domain::api::shopper::{BecomeGuest, ShopperToken};
use domain::cart::{Action, Author, CartCommand, Channel, NewLine, Opening, PaymentMethod};
use domain::ids::{AnonymousId, CartId, CommandId, DeviceId, LineId, Sku, StoreId};
use domain::money::{Currency, Money};
use reqwest::{Client, Method, RequestBuilder};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Longer is an error.
const AT_MOST: Duration = Duration::from_secs(10);

/// Where everybody shops.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) store: StoreId,
    pub(crate) currency: Currency,
    pub(crate) skus: Vec<Sku>,
    /// Whether answers say something; a server that says hello is told the same all the same.
    pub(crate) is_real: bool,
}

/// One visitor.
#[derive(Debug)]
pub(crate) struct Shopper {
    shop: Arc<Shop>,
    name: String,
    token: String,
    device: DeviceId,
    cart: CartId,
    wanted: Option<Sku>,
    view: Option<CartView>,
}

impl Shopper {
    /// The visitor of that number.
    pub(crate) fn new(shop: Arc<Shop>, number: usize) -> Result<Self> {
        Ok(Self {
            shop,
            name: format!("sale-{number:06}"),
            token: "nobody".to_owned(),
            device: DeviceId::parse(format!("sale-{number:06}"))?,
            cart: CartId::parse(format!("sale-cart-{number:06}"))?,
            wanted: None,
            view: None,
        })
    }

    /// Does it; what was seen is `None` where it is no longer to be done, and the visit ends.
    pub(crate) async fn act(&mut self, act: Act, nth: usize) -> Result<Option<Seen>> {
        let Some(request) = self.request(act, nth)? else {
            return Ok(None);
        };
        let answer = request.timeout(AT_MOST).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            return Ok(Some(Seen::Refused(status.as_u16())));
        }
        if !self.shop.is_real {
            return Ok(Some(Seen::Well));
        }
        self.understand(act, nth, &body).map(Some)
    }

    fn request(&self, act: Act, nth: usize) -> Result<Option<RequestBuilder>> {
        let cart = format!("/v1/carts/{}", self.cart);
        Ok(Some(match act {
            Act::Browse => {
                let path = format!("/v1/catalogue?store={}&limit=50", self.shop.store);
                self.shop.client.get(format!("{}{path}", self.shop.url))
            }
            Act::Shelves => self.shelves(None)?,
            Act::Beside(item) => self.shelves(self.shop.skus.get(item))?,
            Act::Look(item) => self.click(item, nth),
            Act::Guest => self.post("/v1/shopper/guest", &BecomeGuest { store: None }),
            Act::Begin => self.mine("/v1/carts", &self.opening()),
            Act::Add(item) => self.mine(&format!("{cart}/commands"), &self.add(item)?),
            Act::Lease => self.mine(&format!("{cart}/lease"), &LeaseRequest::Claim),
            Act::CheckOut => match self.check_out() {
                Some(checkout) => self.mine(&format!("{cart}/checkout"), &checkout),
                None => return Ok(None),
            },
            Act::Pay => {
                let pay = PayRequest {
                    method: PaymentMethod::PayLink,
                    attempt: 1,
                    workstation: None,
                    associate: None,
                };
                self.mine(&format!("{cart}/checkout/pay"), &pay)
            }
        }))
    }

    fn post(&self, path: &str, body: &impl Serialize) -> RequestBuilder {
        let url = format!("{}{path}", self.shop.url);
        self.shop.client.request(Method::POST, url).json(body)
    }

    fn mine(&self, path: &str, body: &impl Serialize) -> RequestBuilder {
        self.post(path, body).bearer_auth(&self.token)
    }

    fn shelves(&self, sku: Option<&Sku>) -> Result<RequestBuilder> {
        let request = ShopRequest {
            anonymous: AnonymousId::parse(self.name.clone())?,
            store: self.shop.store.clone(),
            sku: sku.cloned(),
        };
        let post = self.post("/v1/content/shop", &request);
        Ok(post.basic_auth(WRITE_KEY, Some("")))
    }

    /// The id of her nth act, where that is a click.
    pub(crate) fn click_id(&self, nth: usize) -> String {
        format!("{}-{nth}", self.name)
    }

    fn click(&self, item: usize, nth: usize) -> RequestBuilder {
        let call = json!({
            "event": "Product Viewed",
            "messageId": self.click_id(nth),
            "anonymousId": self.name,
            "properties": {"product_id": self.shop.skus.get(item), "currency": self.shop.currency},
        });
        let post = self.post("/v1/track", &call);
        post.basic_auth(WRITE_KEY, Some(""))
    }

    fn opening(&self) -> CreateCart {
        CreateCart {
            opening: Opening {
                id: self.cart.clone(),
                store: self.shop.store.clone(),
                currency: self.shop.currency,
                customer: None,
            },
        }
    }

    fn add(&self, item: usize) -> Result<CommandBatch> {
        let parts = [self.name.as_str()];
        let line = NewLine {
            line_id: LineId::derived("sale-line", &parts),
            sku: self.shop.skus.get(item).context("an item")?.clone(),
            quantity: 1,
            price: None,
            note: String::new(),
        };
        let by = Author {
            channel: Channel::Phone,
            device: self.device.clone(),
            associate: None,
        };
        let command = CartCommand {
            id: CommandId::derived("sale-command", &parts),
            by,
            issued_at_device: chrono::DateTime::UNIX_EPOCH,
            action: Action::AddLine(line),
        };
        Ok(CommandBatch {
            commands: vec![command],
        })
    }

    fn check_out(&self) -> Option<CheckoutRequest> {
        if !self.shop.is_real {
            let (minor, currency) = (0, self.shop.currency);
            return Some(CheckoutRequest {
                fence: 1,
                version: 1,
                total: Money { minor, currency },
            });
        }
        let view = self.view.as_ref()?;
        Some(CheckoutRequest {
            fence: view.cart.lease.fence,
            version: view.cart.version,
            total: view.totals.as_ref()?.total,
        })
    }

    fn understand(&mut self, act: Act, nth: usize, body: &[u8]) -> Result<Seen> {
        match act {
            Act::Browse | Act::Shelves | Act::Beside(_) => {}
            Act::Look(_) => return Ok(Seen::Click(self.click_id(nth))),
            Act::Guest => {
                let token: ShopperToken = serde_json::from_slice(body)?;
                ensure!(token.store == self.shop.store, "another store");
                (self.token, self.device) = (token.access_token, token.device);
            }
            Act::Begin | Act::Lease => self.view = Some(serde_json::from_slice(body)?),
            Act::Add(item) => {
                let answer: BatchAnswer = serde_json::from_slice(body)?;
                self.wanted = self.shop.skus.get(item).cloned();
                self.view = Some(answer.view);
            }
            Act::CheckOut => return self.frozen(serde_json::from_slice(body)?),
            Act::Pay => return Ok(paid(serde_json::from_slice(body)?)),
        }
        Ok(Seen::Well)
    }

    fn frozen(&self, answer: CheckoutAnswer) -> Result<Seen> {
        match answer {
            CheckoutAnswer::Begun { .. } => {
                let wanted = self.wanted.clone();
                Ok(Seen::KeptBack(wanted.context("an empty cart was frozen")?))
            }
            CheckoutAnswer::OutOfStock { .. } => Ok(Seen::SoldOut),
            // Nothing moves prices here, and nobody else has her cart.
            other => anyhow::bail!("no checkout: {other:?}"),
        }
    }
}

fn paid(answer: PayAnswer) -> Seen {
    match answer {
        PayAnswer::Ordered { order, .. } => Seen::Sold(Sold {
            order: order.id.clone(),
            total: order.totals.total.minor,
        }),
        PayAnswer::Asked { .. } | PayAnswer::NotPaid { .. } | PayAnswer::Refused { .. } => {
            Seen::NotPaid
        }
    }
}
