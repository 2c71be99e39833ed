//! What every page of the shop shares.

use crate::backend::shop::{read_catalogue, read_shelves, read_terms};
use crate::backend::{clock, memory};
use crate::place::Place;
use crate::shop::basket::{Basket, Sum};
use crate::shop::catalogue::Catalogue;
use crate::shop::priced::{Priced, priced};
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::shop::stamp::Stamp;
use crate::shop::till::Till;
use crate::shop::{clicks, courier, line, news};
use crate::tablet::remembered_lang;
use crate::words::{Lang, ShopperWords, Words};
use domain::api::content::{ItemView, Shelf, ShopRequest};
use domain::cart::{Channel, Line, Terms};
use domain::ids::{AnonymousId, CustomerId, LineId, Sku, StoreId};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// The store whose stock the demo shop sells, until the cloud says which is hers.
const STORE: &str = "1";
/// Under which name the cart is kept.
const CART: &str = "aisle-cart";
/// Under which name the terms are kept, for a start without a network.
const TERMS: &str = "aisle-terms";
/// How long a short message stays.
const MESSAGE: Duration = Duration::from_secs(6);

/// How far the catalogue has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The first page is not here.
    Waiting,
    /// Something can be shown.
    Open,
    /// The cloud does not answer, and nothing can be shown.
    Down,
}

/// The shop; a copy is cheap.
#[derive(Clone, Copy)]
pub(crate) struct Shop {
    /// Where the shopper is.
    pub(crate) place: Place<ShopRoute>,
    /// Which language it speaks.
    pub(crate) lang: RwSignal<Lang>,
    /// What it sells.
    pub(crate) catalogue: RwSignal<Catalogue>,
    /// How far that has come.
    pub(crate) stage: RwSignal<Stage>,
    /// On which terms it sells, as was heard last.
    terms: RwSignal<Terms>,
    /// Her cart.
    pub(crate) basket: RwSignal<Basket>,
    /// Whose browser it is; `None` for a guest's.
    pub(crate) customer: RwSignal<Option<CustomerId>>,
    /// Whether the cloud was reached last.
    pub(crate) reached: RwSignal<bool>,
    /// A short message at the foot of the page.
    pub(crate) message: RwSignal<Option<String>>,
    /// The line that she took away last.
    pub(crate) taken: RwSignal<Option<Line>>,
    /// How far she is with paying.
    pub(crate) till: RwSignal<Till>,
    said: RwSignal<u32>,
}

impl Shop {
    /// Opens: asks for the catalogue and tells each page that is shown.
    pub(crate) fn open() -> Self {
        let kept = memory::recall(CART).map(|text| Basket::read(&text));
        let customer = line::session().and_then(|session| session.customer().cloned());
        let shop = Self {
            place: Place::follow(),
            lang: RwSignal::new(remembered_lang()),
            catalogue: RwSignal::new(Catalogue::default()),
            stage: RwSignal::new(Stage::Waiting),
            terms: RwSignal::new(memory::recall(TERMS).map_or_else(Terms::default, |text| {
                serde_json::from_str(&text).unwrap_or_default()
            })),
            basket: RwSignal::new(kept.unwrap_or_default()),
            customer: RwSignal::new(customer),
            reached: RwSignal::new(true),
            message: RwSignal::new(None),
            taken: RwSignal::new(None),
            till: RwSignal::new(Till::default()),
            said: RwSignal::new(0),
        };
        shop.load();
        clicks::send_when_left();
        shop.follow_other_tabs();
        news::listen(shop);
        courier::go(shop);
        Effect::new(move |_| {
            let route = shop.place.route();
            let path = route.told();
            shop.tell(&Click::Page {
                name: route.name(),
                path,
            });
        });
        shop
    }

    /// What another tab of this browser keeps is what this one shows.
    fn follow_other_tabs(self) {
        let _ = window_event_listener(ev::storage, move |event| {
            if event.key().as_deref() == Some(CART)
                && let Some(text) = event.new_value()
            {
                self.basket.set(Basket::read(&text));
            }
            let whose = line::session().and_then(|session| session.customer().cloned());
            if self.customer.get_untracked() != whose {
                self.customer.set(whose);
            }
        });
    }

    /// Reads the whole catalogue, page by page; what is here is shown at once.
    pub(crate) fn load(self) {
        self.stage.set(Stage::Waiting);
        spawn_local(async move {
            let Ok(store) = StoreId::parse(STORE) else {
                return;
            };
            self.hear_terms(&store).await;
            let mut after: Option<Sku> = None;
            loop {
                let Some(page) = read_catalogue(&store, after.as_ref()).await else {
                    let empty = after.is_none();
                    self.stage
                        .set(if empty { Stage::Down } else { Stage::Open });
                    return;
                };
                let room = self
                    .catalogue
                    .try_update(|catalogue| catalogue.add(page.items));
                self.stage.set(Stage::Open);
                after = page.next;
                if after.is_none() || room != Some(true) {
                    return;
                }
            }
        });
    }

    /// Asks on which terms the store sells now, and keeps the answer. Without one, those of last time are as good.
    async fn hear_terms(self, store: &StoreId) {
        let Some(terms) = read_terms(store).await else {
            return;
        };
        if let Ok(text) = serde_json::to_string(&terms) {
            memory::keep(TERMS, &text);
        }
        self.terms.try_set(terms);
    }

    /// What her cart comes to.
    pub(crate) fn sum(self) -> Option<Sum> {
        let department = |sku: &Sku| {
            let find = |catalogue: &Catalogue| {
                catalogue.find(sku).map(|view| view.item.department.clone())
            };
            self.catalogue.with(find)
        };
        let now = clock::now();
        let sum = |terms: &Terms| {
            self.basket
                .with(|basket| basket.sum(terms, department, now))
        };
        self.terms.with(sum)
    }

    /// The words of the language now.
    pub(crate) fn words(self) -> &'static Words {
        self.lang.get_untracked().words()
    }

    /// The words that only her own web app has.
    pub(crate) fn hers(self) -> &'static ShopperWords {
        self.lang.get_untracked().shopper()
    }

    /// Says something short at the foot of the page.
    pub(crate) fn say(self, message: &str) {
        self.message.set(Some(message.to_owned()));
        let this = self.said.try_update(|said| {
            *said = said.wrapping_add(1);
            *said
        });
        set_timeout(
            move || {
                if Some(self.said.get_untracked()) == this {
                    self.message.set(None);
                }
            },
            MESSAGE,
        );
    }

    /// Tells something to ingest.
    pub(crate) fn tell(self, click: &Click) {
        let customer = self.customer.get_untracked().map(String::from);
        clicks::tell(click, customer, STORE);
    }

    /// Shelves for this browser: on the first page, and beside an item. `None` until they are here, or known not to be.
    pub(crate) fn shelves(self, sku: Option<Sku>) -> RwSignal<Option<Vec<Shelf>>> {
        let shelves = RwSignal::new(None);
        spawn_local(async move {
            let (Ok(anonymous), Ok(store)) = (
                AnonymousId::parse(clicks::anonymous()),
                StoreId::parse(STORE),
            ) else {
                shelves.try_set(Some(Vec::new()));
                return;
            };
            let answer = read_shelves(&ShopRequest {
                anonymous,
                store,
                sku,
            })
            .await;
            shelves.try_set(Some(
                answer.map(|answer| answer.shelves).unwrap_or_default(),
            ));
        });
        shelves
    }

    /// Which channel this page is: an installed app and a narrow screen are her phone, the rest is the online shop.
    pub(crate) fn channel(self) -> Channel {
        if crate::place::is_installed() || crate::place::scale() == "phone" {
            Channel::Phone
        } else {
            Channel::Online
        }
    }

    /// A stamp for what she does now.
    pub(crate) fn stamp(self) -> Option<Stamp> {
        let session = line::session();
        let device = session.as_ref().map(crate::shop::session::Session::device);
        Stamp::now(device, self.channel())
    }

    /// Changes her cart: from what is kept, because another tab may have changed it, and kept before it is shown.
    pub(crate) fn with_basket<T>(self, change: impl FnOnce(&mut Basket) -> T) -> T {
        let kept = memory::recall(CART).map(|text| Basket::read(&text));
        let mut basket = kept.unwrap_or_else(|| self.basket.get_untracked());
        let outcome = change(&mut basket);
        if !memory::keep(CART, &basket.write()) {
            self.say(self.hers().not_kept);
        }
        if self.basket.with_untracked(|shown| *shown != basket) {
            self.basket.set(basket);
        }
        outcome
    }

    /// Does something to her cart, and tells the cloud.
    fn act<T>(self, act: impl FnOnce(&mut Basket, Stamp) -> T) -> Option<T> {
        let stamp = self.stamp()?;
        let done = self.with_basket(|basket| act(basket, stamp));
        courier::go(self);
        Some(done)
    }

    /// One piece more of an item.
    pub(crate) fn add(self, view: &ItemView) {
        let store = line::session().map(|session| session.store().clone());
        let Some(store) = store.or_else(|| StoreId::parse(STORE).ok()) else {
            return;
        };
        if self.act(|basket, stamp| basket.add(view, &store, stamp)) == Some(true) {
            self.tell(&Click::Added(Box::new(view.clone())));
        } else {
            self.say(self.hers().no_room);
        }
    }

    /// More or fewer pieces of a line.
    pub(crate) fn step(self, line: &LineId, delta: i32) {
        let before = self.line(line);
        if delta < 0 && before.as_ref().is_some_and(|line| line.quantity() <= 1) {
            return self.remove(line);
        }
        let done = self.act(|basket, stamp| basket.step(line, delta, stamp));
        if let (Some(true), Some(view)) = (done, before.and_then(|line| self.item(&line.sku))) {
            let view = Box::new(view);
            self.tell(&if delta > 0 {
                Click::Added(view)
            } else {
                Click::Removed(view)
            });
        }
    }

    /// Takes a line away; she may have it back.
    pub(crate) fn remove(self, line: &LineId) {
        let taken = self
            .act(|basket, stamp| basket.remove(line, stamp))
            .flatten();
        if let Some(view) = taken.as_ref().and_then(|line| self.item(&line.sku)) {
            self.tell(&Click::Removed(Box::new(view)));
        }
        self.taken.set(taken);
    }

    /// Puts back what she took away last.
    pub(crate) fn put_back(self) {
        let Some(line) = self.taken.get_untracked() else {
            return;
        };
        self.taken.set(None);
        if self.act(|basket, stamp| basket.put_back(&line, stamp)) == Some(true)
            && let Some(view) = self.item(&line.sku)
        {
            self.tell(&Click::Added(Box::new(view)));
        }
    }

    fn line(self, id: &LineId) -> Option<Line> {
        let lines = self.basket.with_untracked(Basket::lines);
        lines.into_iter().find(|line| line.id == *id)
    }

    /// An item of the catalogue.
    pub(crate) fn item(self, sku: &Sku) -> Option<ItemView> {
        self.catalogue
            .with_untracked(|catalogue| catalogue.find(sku).cloned())
    }

    /// Her lines with their items, as clicks tell them.
    pub(crate) fn priced(self) -> Vec<Priced> {
        let lines = self.basket.with_untracked(Basket::lines);
        self.catalogue
            .with_untracked(|catalogue| priced(&lines, catalogue))
    }

    /// The browser got a name from the cloud.
    pub(crate) fn renamed(self) {
        let customer = line::session().and_then(|session| session.customer().cloned());
        self.customer.set(customer);
    }

    /// The cloud does not know this browser any more: it goes on as a guest, with the same goods.
    pub(crate) fn lose_session(self) {
        line::forget();
        self.customer.set(None);
        self.with_basket(|basket| basket.rebuild(|| self.stamp()));
    }

    /// She leaves: nothing of hers stays here, and the next click is somebody else's.
    pub(crate) fn wipe(self) {
        line::forget();
        memory::forget(CART);
        memory::forget(crate::shop::ordered::LAST);
        clicks::become_somebody_else();
        self.basket.set(Basket::default());
        self.customer.set(None);
        self.taken.set(None);
        self.till.set(Till::default());
    }
}
