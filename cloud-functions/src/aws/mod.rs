//! Amazon's services: their types are in this folder and in no other.

pub mod config;
pub mod lambda;
pub mod ledger;
mod patience;

#[cfg(test)]
pub(crate) mod fakes;
