//! Errors as problem details (RFC 9457).

use crate::feed::PublishError;
use crate::ports::events::LogError;
use crate::ports::ledger::LedgerError;
use crate::table::TableError;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An error of a route: a [`Problem`] with its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError(pub Problem);

impl ApiError {
    /// A problem of kind `/problems/<slug>`.
    #[must_use]
    pub fn new(status: StatusCode, slug: &str, title: &str) -> Self {
        Self(Problem::new(status.as_u16(), slug, title))
    }

    /// 400: the request makes no sense; names the field.
    #[must_use]
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self(
            Problem::new(400, "invalid-request", "The request is not valid")
                .with_field(pointer, detail),
        )
    }

    /// 404.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self(
            Problem::new(404, "not-found", "There is no such thing")
                .with_detail(format!("no such {what}")),
        )
    }

    /// 503: try again.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self(Problem::new(503, "unavailable", "Try again in a moment").with_detail(detail))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self.0).unwrap_or_default();
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, content_type, body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 11.6.1. Never `Basic`: a browser would ask the shopper for a password.
            let challenge = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .entry(header::WWW_AUTHENTICATE)
                .or_insert(challenge);
        }
        response
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "a ledger call failed");
        match error {
            LedgerError::TooMuch(detail) => {
                Self(Problem::new(413, "too-much", "That is too much at once").with_detail(detail))
            }
            LedgerError::Full => Self(Problem::new(507, "storage-full", "The storage is full")),
            LedgerError::Conflict { .. } => Self(Problem::new(
                409,
                "conflict",
                "Something else changed it first",
            )),
            LedgerError::Unavailable(_) | LedgerError::UnknownOutcome(_) => {
                Self::unavailable("the ledger did not answer")
            }
        }
    }
}

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        tracing::error!(%error, "an append failed");
        match error {
            LogError::TooMuch(detail) => {
                Self(Problem::new(413, "too-much", "That is too much at once").with_detail(detail))
            }
            LogError::Full => Self(Problem::new(507, "storage-full", "The storage is full")),
            LogError::Unavailable(_) => Self::unavailable("the event log did not answer"),
        }
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Ledger(error) => error.into(),
            other => {
                tracing::error!(error = %other, "a publish failed");
                Self::unavailable("the change could not be written")
            }
        }
    }
}

impl From<TableError> for ApiError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Ledger(error) => error.into(),
            TableError::Corrupt { .. } => {
                tracing::error!(%error, "a row could not be read");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "Something of ours is broken",
                )
            }
        }
    }
}

/// A JSON body whose errors are problems that say where.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refuse(&rejection)),
        }
    }
}

fn refuse(rejection: &JsonRejection) -> ApiError {
    let (slug, title) = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ("too-much", "That is too much at once"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("media-type", "Send application/json"),
        _ => ("invalid-request", "The request is not valid"),
    };
    let status = if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY {
        400
    } else {
        rejection.status().as_u16()
    };
    ApiError(Problem::new(status, slug, title).with_detail(rejection.body_text()))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A query string whose errors are problems.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let problem = Problem::new(400, "invalid-request", "The request is not valid");
                Err(ApiError(problem.with_detail(rejection.body_text())))
            }
        }
    }
}
