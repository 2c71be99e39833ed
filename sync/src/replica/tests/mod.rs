//! The invariants of the sync protocol that a replica alone can break, each by its name, and what screens rely on.

mod carts;
mod crash_points;
mod customers;
mod files;
mod full;
mod items;
mod kills;
mod mending;
mod model;
mod outbox;
mod pages;
mod regressions;
mod revocation;
mod snapshots;
