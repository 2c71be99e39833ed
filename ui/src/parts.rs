//! Small pieces that several screens share.

pub(crate) mod art;
pub(crate) mod cart_tile;
pub(crate) mod face;
pub(crate) mod icon;
pub(crate) mod item;
pub(crate) mod keypad;
pub(crate) mod languages;
pub(crate) mod loaded;
pub(crate) mod modal;
pub(crate) mod notice;
pub(crate) mod qr;
pub(crate) mod rows;
pub(crate) mod totals;
