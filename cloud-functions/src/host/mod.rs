//! Hosts: everything in one process ([`embedded`]), or one function alone ([`single`]).
//!
//! A host binds the ports to engines, serves routes, and pumps events to consumers. It knows no rule of the shop.

pub mod app;
#[cfg(feature = "sqlite")]
pub mod embedded;
pub mod engine;
pub mod events;
pub mod folder;
pub mod log;
pub mod pump;
pub mod serve;
pub mod single;
#[cfg(feature = "sink")]
pub mod sink;
pub mod stop;
pub mod upkeep;
pub mod web;
pub mod wiring;
