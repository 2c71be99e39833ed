//! Requests as bytes, and what their answers mean: what a device's client for the cloud does.

use super::calls::Answer;
use super::cloud::Wire;
use domain::problem::Problem;
use serde::Serialize;
use sync::{Request, Trouble};

/// A request as it travels, and how long it may wait in the cloud, ms.
pub(super) fn write(request: &Request, token: &str) -> Result<(Wire, u64), Trouble> {
    let (method, path, body) = match request {
        Request::Pull(request) => ("POST", "/v1/sync/pull".to_owned(), json(request)?),
        Request::Push(request) => ("POST", "/v1/sync/push".to_owned(), json(request)?),
        Request::Repair(request) => ("POST", "/v1/sync/repair".to_owned(), json(request)?),
        Request::Manifest { scope, cursor } => {
            let scope = scope.as_str().replace('/', "%2F");
            let path = format!("/v1/sync/snapshot/{scope}/{}/{}", cursor.epoch, cursor.seq);
            ("GET", path, Vec::new())
        }
        Request::Part {
            scope,
            cursor,
            part,
        } => {
            let scope = scope.as_str().replace('/', "%2F");
            let path = format!(
                "/v1/sync/snapshot/{scope}/{}/{}/{part}",
                cursor.epoch, cursor.seq
            );
            ("GET", path, Vec::new())
        }
    };
    let wait_ms = match request {
        Request::Pull(request) => request.wait_ms,
        _ => 0,
    };
    let token = token.to_owned();
    Ok((
        Wire {
            method,
            path,
            token,
            body,
        },
        wait_ms,
    ))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Trouble> {
    serde_json::to_vec(value).map_err(|error| Trouble::Local {
        reason: error.to_string(),
    })
}

/// The body of an answer, or what it refuses.
pub(super) fn read(request: &Request, answer: Option<Answer>) -> Result<Vec<u8>, Trouble> {
    let Some(answer) = answer else {
        return Err(offline("nobody answered"));
    };
    let problem: Option<Problem> = serde_json::from_slice(&answer.body).ok();
    let slug = problem
        .as_ref()
        .and_then(|problem| problem.kind.rsplit('/').next().map(str::to_owned));
    let reason = || slug.clone().unwrap_or_else(|| answer.status.to_string());
    let expected = problem.as_ref().and_then(|problem| problem.expected);
    match (answer.status, slug.as_deref()) {
        (200, _) => Ok(answer.body),
        (403, Some("revoked")) => Err(Trouble::Revoked),
        (429 | 500.., _) => Err(offline(&reason())),
        (409, _) if matches!(request, Request::Push(_)) && expected.is_some() => {
            Err(Trouble::Expects {
                expected: expected.unwrap_or_default(),
            })
        }
        (404 | 409 | 410, Some(_)) if !matches!(request, Request::Pull(_) | Request::Push(_)) => {
            Err(Trouble::Gone)
        }
        (403, Some("not-granted")) => Err(Trouble::Gone),
        (400 | 413 | 422, Some(_)) if matches!(request, Request::Push(_)) => {
            Err(unreadable(request, &reason()))
        }
        _ => Err(Trouble::Denied { reason: reason() }),
    }
}

fn unreadable(request: &Request, code: &str) -> Trouble {
    let cseq = match request {
        Request::Push(push) => push.first_cseq,
        _ => 0,
    };
    Trouble::Unreadable {
        cseq,
        code: code.to_owned(),
        message: code.to_owned(),
    }
}

fn offline(reason: &str) -> Trouble {
    Trouble::Offline {
        retry_after_ms: None,
        reason: reason.to_owned(),
    }
}
