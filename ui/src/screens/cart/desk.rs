//! The cart that lies open: asked for, changed and asked for again. Money is asked for once at a time.

use crate::asking;
use crate::backend;
use crate::load::Load;
use crate::model::cart::news;
use crate::model::cart::stage::{Said, Stage};
use crate::parts::notice;
use crate::tablet::Tablet;
use domain::api::cart::CartView;
use domain::api::device::{
    Aged, CartChange, CartPage, ChangeCart, DeviceCall, ReadCart, Refusal, RefusalCode,
    Signal as DeviceSignal,
};
use domain::cart::Action;
use domain::ids::CartId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The open cart; a copy is cheap.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// Where it is shown.
    pub(crate) tablet: Tablet,
    /// Which cart.
    pub(crate) cart: StoredValue<CartId>,
    /// The cart as it was read last.
    pub(crate) load: RwSignal<Load<Aged<CartPage>>>,
    /// What takes the last change back.
    pub(crate) undo: RwSignal<Option<Undo>>,
    /// What the last question about money was answered with.
    pub(crate) said: RwSignal<Option<Said>>,
    /// Whether such a question is not answered yet: nothing else is asked meanwhile.
    pub(crate) busy: RwSignal<bool>,
    /// Whether the cloud did not answer the last one.
    pub(crate) cut_off: RwSignal<bool>,
    /// Up to which version its notices were read here.
    pub(crate) read: RwSignal<u64>,
}

/// What takes a change back, and what it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undo {
    /// What was done, in words.
    pub(crate) text: String,
    /// What takes it back; `None` where nothing can.
    pub(crate) change: Option<CartChange>,
}

impl Desk {
    /// Opens a cart, and follows it for as long as the screen at hand is shown.
    pub(crate) fn open(tablet: Tablet, cart: CartId) -> Self {
        let desk = Self {
            read: RwSignal::new(tablet.read_until(&cart)),
            tablet,
            cart: StoredValue::new(cart.clone()),
            load: RwSignal::new(Load::default()),
            undo: RwSignal::new(None),
            said: RwSignal::new(None),
            busy: RwSignal::new(false),
            cut_off: RwSignal::new(false),
        };
        desk.read();
        asking::hear_here(move |signal| match signal {
            DeviceSignal::Cart { cart: moved } if *moved == cart => desk.read(),
            DeviceSignal::Everything => desk.read(),
            _ => {}
        });
        desk
    }

    /// Asks for the cart again.
    pub(crate) fn read(self) {
        if let Some(cart) = self.cart.try_get_value() {
            asking::ask(self.load, ReadCart { cart });
        }
    }

    /// How far it is; `None` before it was read.
    pub(crate) fn stage(self) -> Option<Stage> {
        let said = self.said.get();
        self.load.with(|load| {
            let page = load.ready()?;
            Some(Stage::of(&page.value.cart, said.as_ref()))
        })
    }

    /// Whether lines can be changed.
    pub(crate) fn is_open(self) -> bool {
        self.stage().is_some_and(|stage| stage.is_open())
    }

    /// Does something to a line. `text` says what, where it can be taken back.
    pub(crate) fn act(self, action: Action, text: Option<String>) {
        self.change(CartChange::Line { action }, text);
    }

    /// Changes the cart. What a money question was answered with is not true any more then.
    pub(crate) fn change(self, change: CartChange, text: Option<String>) {
        let cart = self.cart.get_value();
        self.said.set(None);
        spawn_local(async move {
            let outcome = backend::call(&ChangeCart { cart, change }).await;
            match outcome {
                Ok(changed) => {
                    self.put(changed.page);
                    let undo = text.map(|text| Undo {
                        text,
                        change: changed.undo,
                    });
                    self.undo.try_set(undo);
                }
                Err(refusal) => {
                    self.tell(&refusal);
                    self.read();
                }
            }
        });
    }

    /// Takes the last change back.
    pub(crate) fn take_back(self) {
        let undo = self.undo.get_untracked();
        if let Some(change) = undo.and_then(|undo| undo.change) {
            self.change(change, None);
        }
    }

    /// Asks something that is asked once at a time: a second tap while the first is not answered does nothing.
    pub(crate) fn ask<C>(self, call: C, then: impl FnOnce(C::Reply) + 'static)
    where
        C: DeviceCall + 'static,
    {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let outcome = backend::call(&call).await;
            if self.busy.try_set(false).is_some() {
                // The screen is gone.
                return;
            }
            match outcome {
                Ok(reply) => {
                    self.cut_off.set(false);
                    then(reply);
                }
                Err(refusal) => {
                    self.cut_off.set(refusal.code == RefusalCode::Offline);
                    self.tell(&refusal);
                    self.read();
                }
            }
        });
    }

    /// Shows a newer cart.
    pub(crate) fn put(self, page: Aged<CartPage>) {
        self.load.try_update(|load| {
            let ticket = load.ask();
            load.answer(ticket, Ok(page));
        });
    }

    /// Shows what came of something that was done here. Who did it is not told of it as of news.
    pub(crate) fn put_own(self, page: Aged<CartPage>) {
        let newest = |page: &Aged<CartPage>| news::newest(&page.value);
        let before = self
            .load
            .with_untracked(|load| load.ready().map(newest).unwrap_or_default());
        if self.read.get_untracked() >= before {
            self.mark_read(newest(&page));
        }
        self.put(page);
    }

    /// The notices up to a version were read.
    pub(crate) fn mark_read(self, version: u64) {
        self.tablet.mark_read(self.cart.get_value(), version);
        self.read.set(version);
    }

    /// Shows what the cloud answered, and asks the device for the rest.
    pub(crate) fn put_view(self, view: CartView) {
        let page = self.load.with_untracked(|load| load.ready().cloned());
        if let Some(mut page) = page {
            page.value.cart = view.cart;
            page.value.totals = view.totals.or(page.value.totals);
            self.put(page);
        }
        self.read();
    }

    fn tell(self, refusal: &Refusal) {
        let words = self.tablet.words();
        let text = match refusal.code {
            RefusalCode::Refused => self.tablet.cart_words().refused_other,
            _ => notice::sentence(refusal, words),
        };
        self.tablet.tell(text.to_owned());
    }
}
