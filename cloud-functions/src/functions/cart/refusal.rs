//! Why a call about a cart is not answered.

use super::capsules::CapsuleFault;
use crate::carts::terms::TermsError;
use crate::feed::PublishError;
use crate::http::ApiError;
use crate::ports::payments::PaymentError;
use crate::table::TableError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::cart::{
    HandoffRefusal, LeaseRefusal, MergeRefusal, RefundRefusal, Refusal, TotalsFault,
};

/// Why.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CartError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("this is another store's or another guest's")]
    Forbidden,
    #[error("{detail}")]
    Invalid { pointer: String, detail: String },
    #[error("another cart has this id")]
    Taken,
    #[error("too many wrong codes: try again in {0} seconds")]
    Wait(i64),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Lease(#[from] LeaseRefusal),
    #[error(transparent)]
    Handoff(#[from] HandoffRefusal),
    #[error(transparent)]
    Merge(#[from] MergeRefusal),
    #[error(transparent)]
    Refund(#[from] RefundRefusal),
    #[error(transparent)]
    Capsule(#[from] CapsuleFault),
    #[error(transparent)]
    Totals(#[from] TotalsFault),
    #[error(transparent)]
    Payment(#[from] PaymentError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl CartError {
    pub(super) fn invalid(pointer: impl Into<String>, detail: &(impl ToString + ?Sized)) -> Self {
        Self::Invalid {
            pointer: pointer.into(),
            detail: detail.to_string(),
        }
    }
}

impl From<TermsError> for CartError {
    fn from(error: TermsError) -> Self {
        match error {
            TermsError::Totals(fault) => Self::Totals(fault),
            TermsError::Table(error) => Self::Table(error),
        }
    }
}

impl From<CartError> for ApiError {
    fn from(error: CartError) -> Self {
        let detail = error.to_string();
        let refuse = |status, slug, title| {
            let mut refusal = Self::new(status, slug, title);
            refusal.0.detail = Some(detail.clone());
            refusal
        };
        match error {
            CartError::NotFound(what) => Self::not_found(what),
            CartError::Forbidden => refuse(StatusCode::FORBIDDEN, "wrong-cart", "Not your cart"),
            CartError::Invalid { pointer, detail } => Self::invalid(&pointer, detail),
            CartError::Wait(_) => refuse(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-tries",
                "Too many wrong codes",
            ),
            CartError::Taken => refuse(StatusCode::CONFLICT, "cart-taken", "Another cart"),
            CartError::Refused(_) => refuse(StatusCode::CONFLICT, "cart-refused", "Not now"),
            CartError::Lease(_) => refuse(StatusCode::CONFLICT, "cart-held", "In use elsewhere"),
            CartError::Handoff(HandoffRefusal::Unknown) => {
                refuse(StatusCode::NOT_FOUND, "code-unknown", "Not a code")
            }
            CartError::Handoff(_) => refuse(StatusCode::GONE, "code-over", "Not a code any more"),
            CartError::Merge(_) => refuse(StatusCode::CONFLICT, "merge-refused", "Not these two"),
            CartError::Refund(_) => refuse(StatusCode::CONFLICT, "refund-refused", "Not that"),
            CartError::Capsule(fault) => {
                let (status, slug) = match fault {
                    CapsuleFault::Signature => (StatusCode::BAD_REQUEST, "capsule-signature"),
                    CapsuleFault::IssuerUnknown => {
                        (StatusCode::FORBIDDEN, "capsule-issuer-unknown")
                    }
                    CapsuleFault::IssuerRevoked => {
                        (StatusCode::FORBIDDEN, "capsule-issuer-revoked")
                    }
                    CapsuleFault::KeyUnknown => (StatusCode::FORBIDDEN, "capsule-key-unknown"),
                };
                refuse(status, slug, "Nobody believes this capsule")
            }
            CartError::Totals(_) => refuse(StatusCode::CONFLICT, "no-sum", "There is no sum"),
            CartError::Payment(error) => Self::unavailable(error.to_string()),
            CartError::Publish(error) => error.into(),
            CartError::Table(error) => error.into(),
        }
    }
}

impl IntoResponse for CartError {
    fn into_response(self) -> Response {
        ApiError::from(self).into_response()
    }
}
