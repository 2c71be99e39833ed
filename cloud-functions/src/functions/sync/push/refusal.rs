//! Why a push is not answered with decisions.

use super::super::upgrade;
use crate::feed::PublishError;
use crate::http::ApiError;
use crate::table::TableError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

#[derive(Debug, thiserror::Error)]
pub(in crate::functions::sync) enum PushRefusal {
    #[error("a device pushes its own commands only")]
    WrongDevice,
    #[error("this device was revoked")]
    Revoked,
    #[error("another schema is served")]
    Schema,
    #[error("at most 100 commands")]
    TooMany,
    #[error("commands are numbered from 1")]
    NoNumber,
    /// Numbers are missing.
    #[error("command {expected} is expected")]
    Gap {
        /// The next number that is not decided, or that the request leaves out.
        expected: u64,
    },
    /// The number belongs to another command.
    #[error("command {cseq} was another command")]
    Mismatch {
        /// Which number.
        cseq: u64,
        /// The next number that is not decided.
        expected: u64,
    },
    /// The outcome of a command that was decided is not there.
    #[error("the outcome of command {cseq} is missing")]
    Lost {
        /// Which.
        cseq: u64,
    },
    #[error("the feed is too busy")]
    Busy,
    #[error(transparent)]
    Feed(#[from] PublishError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for PushRefusal {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        let new = ApiError::new;
        let mut error = match self {
            Self::Schema => return upgrade().into_response(),
            Self::Feed(error) => return ApiError::from(error).into_response(),
            Self::Table(error) => return ApiError::from(error).into_response(),
            Self::NoNumber => return ApiError::invalid("/first_cseq", detail).into_response(),
            Self::Busy => return ApiError::unavailable(detail).into_response(),
            Self::WrongDevice => new(
                StatusCode::FORBIDDEN,
                "wrong-device",
                "This is another device's",
            ),
            Self::Revoked => new(StatusCode::FORBIDDEN, "revoked", "This device was revoked"),
            Self::TooMany => new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-much",
                "That is too much at once",
            ),
            Self::Gap { .. } => new(StatusCode::CONFLICT, "cseq-gap", "A command is missing"),
            Self::Mismatch { .. } => new(
                StatusCode::CONFLICT,
                "command-mismatch",
                "This number belongs to another command",
            ),
            Self::Lost { cseq } => {
                tracing::error!(cseq, "a decided command has no outcome");
                new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "Something of ours is broken",
                )
            }
        };
        if let Self::Gap { expected } | Self::Mismatch { expected, .. } = self {
            error.0.expected = Some(expected);
        }
        error.0.detail = Some(detail);
        error.into_response()
    }
}
