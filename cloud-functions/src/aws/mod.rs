//! Amazon's services: their types are in this folder and in no other.

pub mod lambda;
