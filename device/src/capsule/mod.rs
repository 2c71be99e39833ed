//! A cart that goes to a device beside this one where neither sees a network: what waits here, signed, in QRs.
//!
//! The key is the device's own (Ed25519), made at first need and kept in the encrypted replica; the cloud tells the
//! tablets of the store its public half. No key leaves, and nothing here decides what is done with a capsule.

mod frames;
mod key;

pub(crate) use frames::{PREFIX, from_frames, to_frames};
pub(crate) use key::{Signer, verify};
