//! Aisle's serverless functions, the ports that they use, and the hosts that run them.
//!
//! A function ([`functions`]) is one folder: its routes or its event types, its use cases, its tests. It never calls
//! another function: it appends events and reads the ledger. What it needs of the world comes through [`ports`], which
//! offer no more than every engine can do. Hosts ([`host`]) run all functions in one process, or one of them alone.

#[cfg(feature = "aws")]
pub mod aws;
pub mod browsers;
pub mod carts;
pub mod clicks;
pub mod demo;
pub mod devices;
pub mod engines;
pub mod feed;
pub mod functions;
pub mod history;
pub mod host;
pub mod http;
pub mod import;
pub mod learning;
pub mod memory;
pub mod people;
pub mod ports;
pub mod services;
pub mod shelves;
pub mod table;
pub mod telemetry;
#[cfg(test)]
pub(crate) mod testing;
