//! The shapes that cross a wire: between the cloud and devices, and between a device and its screens.

pub mod board;
pub mod cart;
pub mod content;
pub mod device;
pub mod identity;
pub mod recommend;
pub mod shopper;
pub mod sync;
