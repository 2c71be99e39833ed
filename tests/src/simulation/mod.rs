//! A chain of stores in one thread, on virtual time, from one seed.
//!
//! Tablets and kiosks are the real replica on real files and the real machine; the cloud is the real sync function
//! behind its gate, over a ledger that fails as network databases do. Requests are lost, repeated, late and cut in
//! half, devices are killed between any two effects, clocks jump, disks fill up. After each step the invariants of
//! the protocol are looked at; at the end everything must come to rest and agree. The same seed does the same, to the
//! byte.
//!
//! Nothing here reads a clock, draws a number that is not from the seed, or opens a socket.

mod acts;
mod calls;
pub mod chance;
mod checks;
mod clock;
mod cloud;
mod counts;
mod device;
mod drive;
mod ears;
mod errands;
mod flight;
mod gate;
mod history;
mod inspector;
mod ledger;
mod operate;
mod people;
mod plan;
mod projection;
mod races;
mod rest;
mod run;
mod scenery;
mod serial;
mod sessions;
mod shrink;
mod tokens;
mod trace;
mod violation;
mod world;

pub use counts::{Figures, Tally};
pub use ledger::Rates;
pub use plan::{Cast, Network, Plan};
pub use races::RACE_OPERATIONS;
pub use run::{Engines, Runner, Verdict};
pub use shrink::{Short, shrink};
pub use violation::Violation;
