//! What every page of the shop shares.

use crate::backend::memory;
use crate::backend::shop::{read_catalogue, read_shelves};
use crate::place::Place;
use crate::shop::cart::{Cart, total};
use crate::shop::catalogue::Catalogue;
use crate::shop::clicks;
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::tablet::remembered_lang;
use crate::words::{Lang, Words};
use domain::api::content::{ItemView, Shelf, ShopRequest};
use domain::ids::{AnonymousId, OrderId, Sku, StoreId};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The store whose stock the demo shop sells.
const STORE: &str = "1";
const CART: &str = "aisle-shop-cart";
const USER: &str = "aisle-shop-user";

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
    /// Her cart.
    pub(crate) cart: RwSignal<Cart>,
    /// Who she said she is.
    pub(crate) user: RwSignal<Option<String>>,
}

impl Shop {
    /// Opens: asks for the catalogue and tells each page that is shown.
    pub(crate) fn open() -> Self {
        let shop = Self {
            place: Place::follow(),
            lang: RwSignal::new(remembered_lang()),
            catalogue: RwSignal::new(Catalogue::default()),
            stage: RwSignal::new(Stage::Waiting),
            cart: RwSignal::new(
                memory::recall(CART).map_or_else(Cart::default, |text| Cart::read(&text)),
            ),
            user: RwSignal::new(memory::recall(USER)),
        };
        shop.load();
        clicks::send_when_left();
        Effect::new(move |_| {
            let route = shop.place.route();
            let path = crate::place::Address::path(&route);
            shop.tell(&Click::Page {
                name: route.name(),
                path,
            });
        });
        shop
    }

    /// Reads the whole catalogue, page by page; what is here is shown at once.
    pub(crate) fn load(self) {
        self.stage.set(Stage::Waiting);
        spawn_local(async move {
            let Ok(store) = StoreId::parse(STORE) else {
                return;
            };
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

    /// The words of the language now.
    pub(crate) fn words(self) -> &'static Words {
        self.lang.get_untracked().words()
    }

    /// Tells something to ingest.
    pub(crate) fn tell(self, click: &Click) {
        clicks::tell(click, self.user.get_untracked(), STORE);
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

    /// One piece more.
    pub(crate) fn add(self, view: &ItemView) {
        let added = self.cart.try_update(|cart| cart.add(&view.item.sku));
        if added == Some(true) {
            self.tell(&Click::Added(Box::new(view.clone())));
            self.keep_cart();
        }
    }

    /// One piece less.
    pub(crate) fn remove(self, view: &ItemView) {
        self.cart.update(|cart| cart.remove(&view.item.sku));
        self.tell(&Click::Removed(Box::new(view.clone())));
        self.keep_cart();
    }

    /// Orders what is in the cart.
    pub(crate) fn order(self) {
        let lines = self
            .catalogue
            .with_untracked(|catalogue| self.cart.get_untracked().priced(catalogue));
        if lines.is_empty() {
            return;
        }
        let number: String = clicks::new_id()
            .chars()
            .filter(char::is_ascii_hexdigit)
            .take(10)
            .collect();
        let Ok(order) = OrderId::parse(format!("W-{}", number.to_uppercase())) else {
            return;
        };
        self.tell(&Click::CheckoutStarted(lines.clone()));
        let total = total(&lines);
        self.tell(&Click::Ordered {
            order: order.clone(),
            lines,
            total,
        });
        self.cart.set(Cart::default());
        self.keep_cart();
        self.place.go(ShopRoute::Ordered(order));
    }

    /// She says who she is; nothing says that she is nobody again, but a new browser id.
    pub(crate) fn identify(self, user: String) {
        memory::keep(USER, &user);
        self.user.set(Some(user));
        self.tell(&Click::Identify);
    }

    /// She leaves: the next click is somebody else's.
    pub(crate) fn forget(self) {
        memory::forget(USER);
        clicks::become_somebody_else();
        self.user.set(None);
    }

    fn keep_cart(self) {
        memory::keep(CART, &self.cart.with_untracked(Cart::write));
    }
}
