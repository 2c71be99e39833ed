//! Why a pull is not answered.

use super::super::upgrade;
use crate::feed::PublishError;
use crate::http::ApiError;
use crate::table::TableError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::api::sync::Scope;

#[derive(Debug, thiserror::Error)]
pub(in crate::functions::sync) enum PullRefusal {
    #[error("another schema is served")]
    Schema,
    #[error("this device was revoked")]
    Revoked,
    #[error("at most {0} cursors")]
    TooManyCursors(usize),
    #[error("a cursor is of no scope")]
    BadScope,
    /// The first entries of the feed are gone, and no snapshot stands for them.
    #[error("{0} has no snapshot")]
    NoSnapshot(Scope),
    #[error("the answer could not be written: {0}")]
    Encoding(String),
    #[error(transparent)]
    Feed(#[from] PublishError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for PullRefusal {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        let mut error = match self {
            Self::Schema => return upgrade().into_response(),
            Self::Feed(error) => return ApiError::from(error).into_response(),
            Self::Table(error) => return ApiError::from(error).into_response(),
            Self::TooManyCursors(_) | Self::BadScope => ApiError::invalid("/cursors", &*detail),
            Self::Revoked => {
                ApiError::new(StatusCode::FORBIDDEN, "revoked", "This device was revoked")
            }
            Self::NoSnapshot(_) => {
                tracing::error!(detail, "a feed cannot be served");
                ApiError::unavailable("the feed cannot be served")
            }
            Self::Encoding(_) => {
                tracing::error!(detail, "a page could not be encoded");
                ApiError::unavailable("the page could not be written")
            }
        };
        error.0.detail = Some(detail);
        error.into_response()
    }
}
