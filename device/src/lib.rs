//! What a tablet or kiosk can do: sign in, search, open a card, keep a note, browse, recognise a guest. One typed call
//! each ([`calls`]), answered from the encrypted replica with the age of what it says; what the replica does not hold
//! is asked of the cloud with a short deadline, and then the answer says so.
//!
//! [`Device::call`] is the one door: a window's IPC and [`host`]'s loopback HTTP both lead to it. [`driver`] keeps the
//! replica up to date beside it.
//!
//! This crate never draws a screen, never knows Tauri, and never listens beyond loopback.

mod allotting;
pub mod calls;
mod capsule;
mod carts;
pub mod cloud;
mod contact;
mod device;
pub mod driver;
pub mod folder;
pub mod host;
mod keepsakes;
pub mod key;
mod model;
mod options;
mod patience;
mod person;
mod pin;
pub mod ports;
mod queued;
mod refusal;
mod session;
mod shelves;
mod signals;
pub mod telemetry;
#[cfg(test)]
mod testing;

pub use device::{Device, OpenError, Setup};
pub use options::{Kind, Options, OptionsError};
pub use signals::Listener;
