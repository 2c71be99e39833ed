//! The shopper's own web app: the storefront whose clicks go through ingest, her cart on every channel, her orders.

mod account_page;
mod basket;
mod cart_line;
mod cart_news;
mod cart_page;
mod catalogue;
mod clicks;
mod courier;
mod frame;
mod handoff;
mod item_page;
mod line;
mod list_page;
mod news;
mod ordered;
mod orders_page;
mod other_carts;
mod outbox;
mod priced;
mod receipt;
mod route;
mod segment;
mod session;
mod sign_in;
mod single;
mod stamp;
mod start_page;
mod state;
mod take_over;
mod till;
mod till_page;

pub(crate) use frame::shop;
