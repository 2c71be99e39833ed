//! Makes refusals: each failure below becomes the one kind that a screen can act on.

use crate::cloud::CloudError;
use domain::api::device::{Refusal, RefusalCode};
use sync::ReplicaError;

/// A refusal with a message for people.
pub(crate) fn refuse(code: RefusalCode, message: impl Into<String>) -> Refusal {
    Refusal {
        code,
        message: message.into(),
        retry_at: None,
    }
}

/// The request makes no sense; names the field.
pub(crate) fn invalid(field: &str, why: impl std::fmt::Display) -> Refusal {
    refuse(RefusalCode::Invalid, format!("`{field}` {why}"))
}

/// There is no such thing here.
pub(crate) fn not_found(what: &str) -> Refusal {
    refuse(
        RefusalCode::NotFound,
        format!("There is no such {what} on this device"),
    )
}

/// A fault of ours: logged here, once, and told without its insides.
pub(crate) fn fault(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a call failed");
    refuse(RefusalCode::Fault, "Something went wrong on this device")
}

/// The database did not do it.
pub(crate) fn of_replica(error: ReplicaError) -> Refusal {
    match error {
        ReplicaError::StorageFull => refuse(
            RefusalCode::StorageFull,
            "The disk is full: nothing was changed",
        ),
        ReplicaError::QueueFull { .. } => refuse(
            RefusalCode::StorageFull,
            "Too much waits to be sent: nothing was changed",
        ),
        ReplicaError::NotRefused { .. } => not_found("refused command"),
        other => fault(other),
    }
}

/// The cloud did not do it; `what` needs the network.
pub(crate) fn of_cloud(error: &CloudError, what: &str) -> Refusal {
    match error {
        CloudError::Offline(_) | CloudError::Unavailable { .. } => refuse(
            RefusalCode::Offline,
            format!("{what} needs the network, and the cloud does not answer"),
        ),
        CloudError::NotEnrolled => refuse(
            RefusalCode::Offline,
            format!("{what} needs this device to be enrolled"),
        ),
        CloudError::Revoked => refuse(RefusalCode::Forbidden, "This device was revoked"),
        CloudError::Refused(problem) if problem.status == 403 => {
            refuse(RefusalCode::Forbidden, problem.title.clone())
        }
        CloudError::Refused(problem) if problem.status == 400 => {
            refuse(RefusalCode::Invalid, error.to_string())
        }
        other => fault(other),
    }
}
