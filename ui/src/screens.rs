//! The app: which screen is shown to whom.

mod associate;
mod board;
mod cart;
mod door;
mod kiosk;
mod root;
mod sign_in;

pub(crate) use root::app;
