//! What all routes share: who may call, how errors look, how big a body may be.

mod access;
mod document;
mod problem;
mod routes;

pub use access::{BodyWriteKey, Caller, WriteSource};
pub use problem::{ApiError, Json, Query};
pub use routes::{Grant, Routes};
