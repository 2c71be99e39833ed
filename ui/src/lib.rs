//! The screens: associate, kiosk, manager and the demo shop.
//!
//! They show and ask; they decide nothing about the store. Only [`backend`] knows how the device and the cloud are
//! reached. What screens show is derived in [`model`], in plain Rust.

mod asking;
pub mod backend;
mod finger;
pub mod idle;
mod keyboard;
pub mod load;
pub mod model;
mod parts;
pub mod percent;
mod place;
mod route;
pub mod scanner;
mod screens;
mod shop;
mod tablet;
pub mod words;

/// Shows the app: associate, kiosk and manager.
pub fn show_app() {
    backend::report_panics();
    backend::begin_traces();
    backend::connect();
    leptos::mount::mount_to_body(screens::app);
}

/// Shows the demo shop.
pub fn show_shop() {
    backend::report_panics();
    backend::begin_traces();
    leptos::mount::mount_to_body(shop::shop);
}
