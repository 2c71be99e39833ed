//! What the service's errors mean: whether anything was written, and who stood in the way.

use crate::ports::ledger::LedgerError;
use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why a write was not made, or may not have been.
pub(super) enum Refused {
    /// The condition of the write at this place does not hold; the first where several do not.
    Conflict {
        /// Its place among the items of the call.
        place: usize,
    },
    /// Nothing was written; the same may go through in a moment.
    NotNow(String),
    /// Anything else.
    Other(LedgerError),
}

/// What became of a write.
pub(super) fn refused<R>(error: &SdkError<TransactWriteItemsError, R>) -> Refused
where
    R: std::fmt::Debug,
{
    match error {
        SdkError::ServiceError(service) => of_service(service.err()),
        // It never left.
        SdkError::ConstructionFailure(_) => Refused::Other(unavailable(error)),
        // It may have arrived.
        _ => Refused::Other(LedgerError::UnknownOutcome(told(error))),
    }
}

fn of_service(error: &TransactWriteItemsError) -> Refused {
    let reason = || error.code().unwrap_or("no code").to_owned();
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            let codes = cancelled.cancellation_reasons().iter();
            let mut codes = codes.map(|reason| reason.code().unwrap_or_default());
            match codes.position(|code| code == "ConditionalCheckFailed") {
                Some(place) => Refused::Conflict { place },
                None => of_codes(cancelled.cancellation_reasons()),
            }
        }
        TransactWriteItemsError::ProvisionedThroughputExceededException(_)
        | TransactWriteItemsError::RequestLimitExceeded(_) => Refused::NotNow(reason()),
        // An earlier try under the same token is still at it, or the service failed on the way.
        TransactWriteItemsError::TransactionInProgressException(_)
        | TransactWriteItemsError::InternalServerError(_) => {
            Refused::Other(LedgerError::UnknownOutcome(reason()))
        }
        _ if error.code() == Some("ThrottlingException") => Refused::NotNow(reason()),
        _ if is_of_the_service(error) => Refused::Other(LedgerError::UnknownOutcome(reason())),
        _ => Refused::Other(LedgerError::Unavailable(reason())),
    }
}

/// What has no name here and is no fault of the caller's.
fn is_of_the_service(error: &TransactWriteItemsError) -> bool {
    matches!(error.code(), Some("ServiceUnavailable" | "InternalFailure"))
}

/// A cancelled write without a condition that failed: others were at the same items, or there were too many.
fn of_codes(reasons: &[aws_sdk_dynamodb::types::CancellationReason]) -> Refused {
    let code = reasons
        .iter()
        .filter_map(|reason| reason.code())
        .find(|code| *code != "None")
        .unwrap_or("no reason");
    match code {
        "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded" => {
            Refused::NotNow(code.to_owned())
        }
        "ItemCollectionSizeLimitExceeded" | "ValidationError" => Refused::Other(
            LedgerError::TooMuch(format!("the table refuses it: {code}")),
        ),
        other => Refused::Other(LedgerError::Unavailable(other.to_owned())),
    }
}

/// Why something was not read. Reading again is always safe.
pub(super) fn read_refused<E, R>(error: &SdkError<E, R>) -> LedgerError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    unavailable(error)
}

/// An item that this program did not write.
pub(super) fn unreadable(attribute: &str) -> LedgerError {
    LedgerError::Unavailable(format!("an item of the table has no {attribute}"))
}

fn unavailable<E, R>(error: &SdkError<E, R>) -> LedgerError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    LedgerError::Unavailable(told(error))
}

/// The code where the service gave one: its message may quote keys.
fn told<E, R>(error: &SdkError<E, R>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    code.map_or_else(
        || match error {
            SdkError::TimeoutError(_) => "no answer in time".to_owned(),
            SdkError::DispatchFailure(_) => "no connection".to_owned(),
            other => DisplayErrorContext(other).to_string(),
        },
        str::to_owned,
    )
}
