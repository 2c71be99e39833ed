//! What screens show, derived in plain Rust: no browser, no clock, no rule of the store.

pub mod age;
pub mod badge;
pub mod cart;
pub mod consent;
pub mod department;
pub mod marks;
pub mod moments;
pub mod money;
pub mod pin;
pub mod reason;
pub mod repair;
pub mod say;
pub mod spark;
pub mod stock;
pub mod story;
pub mod titles;
pub mod trail;
