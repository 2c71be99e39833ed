//! The vocabulary and the rules of a store.
//!
//! Everything the other crates talk about is named here: money, ids, customers, items, prices, stock,
//! carts, orders, events, profiles, and the shapes that cross a wire ([`api`]). Rules are pure functions: the
//! clock is a parameter, so the same input gives the same output in a function and on a tablet.
//!
//! This crate never does I/O, never waits, never reads a clock and never draws a random number.

pub mod access;
pub mod api;
pub mod cart;
pub mod contact;
pub mod customer;
pub mod digest;
pub mod event;
pub mod fence;
pub mod greeting;
pub mod gtin;
pub mod help;
pub mod ids;
pub mod item;
pub mod loyalty;
pub mod money;
pub mod note;
pub mod order;
pub mod pick;
pub mod problem;
pub mod profile;
pub mod purchases;
pub mod recommendation;
pub mod scan;
pub mod segment;
pub mod store;
pub mod text;
pub mod trace;
