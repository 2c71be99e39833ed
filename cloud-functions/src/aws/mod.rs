//! Amazon's services: their types are in this folder and in no other.

#[cfg(feature = "cognito")]
pub mod cognito;
pub mod config;
pub mod kinesis;
pub mod lambda;
pub mod ledger;
pub mod letters;
mod patience;
pub mod secrets;
pub mod wiring;

#[cfg(test)]
pub(crate) mod fakes;
