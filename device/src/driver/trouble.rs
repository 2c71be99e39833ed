//! What an error of the cloud means for the sync; and each trouble in the log, once.

use crate::cloud::CloudError;
use crate::telemetry;
use domain::problem::Problem;
use sync::{Event, Request, Trouble};

/// A device without an enrolment has nobody to ask.
pub(super) fn not_enrolled() -> Trouble {
    Trouble::Denied {
        reason: CloudError::NotEnrolled.to_string(),
    }
}

/// What an error says about a request.
pub(super) fn of_cloud(request: &Request, error: &CloudError) -> Trouble {
    let reason = error.to_string();
    match error {
        CloudError::Offline(_) => Trouble::Offline {
            retry_after_ms: None,
            reason,
        },
        CloudError::Unavailable { retry_after, .. } => Trouble::Offline {
            retry_after_ms: retry_after
                .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            reason,
        },
        CloudError::Revoked => Trouble::Revoked,
        CloudError::Refused(problem) => of_problem(request, problem, reason),
        CloudError::BadAnswer(_) => Trouble::Unusable { reason },
        CloudError::Unauthorised | CloudError::NotEnrolled => Trouble::Denied { reason },
        CloudError::Client(_) => Trouble::Local { reason },
    }
}

/// A stranger between device and cloud (a hotel's sign-in page) refuses, too, and must not be believed: what only the
/// cloud may say carries the cloud's own kind of problem.
fn of_problem(request: &Request, problem: &Problem, reason: String) -> Trouble {
    let slug = problem.kind.rsplit('/').next().unwrap_or_default();
    match (request, problem.status) {
        (Request::Push(_), 409) if problem.expected.is_some() => Trouble::Expects {
            expected: problem.expected.unwrap_or_default(),
        },
        (Request::Push(push), 400 | 413 | 422) if is_unreadable(push.commands.len(), problem) => {
            Trouble::Unreadable {
                cseq: push.first_cseq,
                code: slug.to_owned(),
                message: words(problem),
            }
        }
        (Request::Pull(_) | Request::Push(_), _) => Trouble::Denied { reason },
        (_, 404 | 409 | 410) if slug != "unknown" => Trouble::Gone,
        // The grant went while a snapshot or a repair was under way: the next pull says so.
        (_, 403) if slug == "not-granted" => Trouble::Gone,
        _ => Trouble::Denied { reason },
    }
}

/// Whether a command is what the cloud cannot read. Of several, any may be; one alone is only where the cloud says so.
fn is_unreadable(commands: usize, problem: &Problem) -> bool {
    let ours = !problem.kind.ends_with("/unknown");
    let named = |pointer: &str| pointer.starts_with("/commands");
    let names_it = problem.errors.iter().any(|field| named(&field.pointer));
    ours && (commands > 1 || problem.status == 413 || names_it)
}

/// Why, for people.
fn words(problem: &Problem) -> String {
    let details = problem.errors.iter().map(|field| field.detail.clone());
    let details: Vec<_> = problem.detail.iter().cloned().chain(details).collect();
    if details.is_empty() {
        problem.title.clone()
    } else {
        details.join("; ")
    }
}

/// Logs what went wrong: no contact once for each turn, all else each time.
pub(super) fn log(event: &Event, online: bool) {
    let Event::Done {
        errand,
        outcome: Err(trouble),
        ..
    } = event
    else {
        return;
    };
    let line = errand.line();
    telemetry::retried(line);
    match trouble {
        Trouble::Offline { .. } | Trouble::Denied { .. } if online => {
            tracing::warn!(?line, %trouble, "the cloud does not answer");
        }
        Trouble::Offline { .. } | Trouble::Denied { .. } => {
            tracing::debug!(?line, %trouble, "still no answer");
        }
        Trouble::Revoked | Trouble::Gone | Trouble::Expects { .. } => {
            tracing::info!(?line, %trouble, "the sync goes on in another way");
        }
        Trouble::Unreadable { .. }
        | Trouble::Unusable { .. }
        | Trouble::Gap { .. }
        | Trouble::Local { .. } => {
            tracing::error!(?line, %trouble, "an errand of the sync failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::sync::{PullRequest, PushRequest, Scope};
    use serde_json::json;

    fn push(commands: usize) -> Request {
        let command = json!({"cseq": 7, "id": "q", "kind": "k", "version": 1, "args": {}, "issued_at_device": crate::testing::NOW});
        let request = json!({"device": "d", "schema": 1, "first_cseq": 7, "commands": vec![command; commands]});
        Request::Push(serde_json::from_value::<PushRequest>(request).unwrap())
    }

    fn refused(status: u16, slug: &str) -> CloudError {
        CloudError::Refused(Box::new(Problem::new(status, slug, "Not so")))
    }

    fn refused_at(pointer: &str) -> CloudError {
        let problem = Problem::new(400, "invalid-request", "Not so").with_field(pointer, "odd");
        CloudError::Refused(Box::new(problem))
    }

    #[test]
    fn only_the_cloud_itself_calls_a_command_unreadable() {
        let unreadable = |request, error: &CloudError| {
            matches!(
                of_cloud(&request, error),
                Trouble::Unreadable { cseq: 7, .. }
            )
        };
        assert!(
            unreadable(push(2), &refused(400, "invalid-request")),
            "any of them"
        );
        assert!(unreadable(push(1), &refused_at("/commands/0/kind")));
        assert!(unreadable(push(1), &refused(413, "too-much")));
        assert!(
            !unreadable(push(1), &refused_at("/device")),
            "it would be again"
        );
        assert!(!unreadable(push(1), &refused(400, "unknown")), "a stranger");
        assert!(!unreadable(push(2), &refused(403, "wrong-device")));
        assert!(!unreadable(push(2), &refused(413, "unknown")), "a stranger");
    }

    #[test]
    fn the_cloud_says_which_number_comes_next() {
        let mut problem = Problem::new(409, "cseq-gap", "A command is missing");
        problem.expected = Some(3);
        let gap = CloudError::Refused(Box::new(problem));
        assert_eq!(of_cloud(&push(1), &gap), Trouble::Expects { expected: 3 });
    }

    #[test]
    fn a_stranger_s_404_is_no_snapshot_that_is_gone() {
        let manifest = Request::Manifest {
            scope: Scope::prices(),
            cursor: domain::api::sync::Cursor::default(),
        };
        assert_eq!(
            of_cloud(&manifest, &refused(404, "not-found")),
            Trouble::Gone
        );
        let taken_back = of_cloud(&manifest, &refused(403, "not-granted"));
        assert_eq!(taken_back.is_contact(), Some(true), "{taken_back}");
        let closed = of_cloud(&manifest, &refused(403, "unknown"));
        assert_eq!(closed.is_contact(), Some(false), "{closed}");
        let stranger = of_cloud(&manifest, &refused(404, "unknown"));
        assert!(matches!(stranger, Trouble::Denied { .. }));
        let pull = Request::Pull(PullRequest {
            schema: 1,
            cursors: std::collections::BTreeMap::new(),
            limit: 1,
            wait_ms: 0,
            verify: false,
        });
        let denied = of_cloud(&pull, &refused(404, "not-found"));
        assert!(matches!(denied, Trouble::Denied { .. }));
    }
}
