//! The demo shop: a storefront whose clicks go through ingest.

mod account_page;
mod cart;
mod cart_page;
mod catalogue;
mod clicks;
mod frame;
mod item_page;
mod list_page;
mod outbox;
mod route;
mod segment;
mod start_page;
mod state;

pub(crate) use frame::shop;
