//! Sends a request within a deadline, reads an answer up to a bound, and tells refusals apart.

use super::CloudError;
use crate::telemetry;
use domain::problem::Problem;
use reqwest::header::{CONTENT_ENCODING, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use std::io::Read as _;
use std::time::Duration;
use tracing::Instrument as _;

/// The most bytes of a small answer.
pub(super) const SMALL_BYTES: usize = 4 << 20;
/// The most bytes of a problem that are looked at.
const PROBLEM_BYTES: usize = 64 << 10;
/// Memory that a sender may make us keep to decompress: 2 to this power bytes.
const WINDOW_LOG_MAX: u32 = 23;
/// How long the rest of an answer may be silent.
const SILENT_FOR: Duration = Duration::from_secs(20);
/// A cloud cannot send a device away for longer than this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);

/// Sends a request; its head has to be here `within`.
pub(super) async fn send(
    request: RequestBuilder,
    within: Duration,
) -> Result<Response, CloudError> {
    let (client, request) = request.build_split();
    let mut request = request?;
    let span = telemetry::request(request.method());
    let sent = async {
        telemetry::hand_on(&mut request);
        client.execute(request).await
    };
    let sent = tokio::time::timeout(within, sent.instrument(span.clone())).await;
    let status = sent.as_ref().ok().and_then(|sent| sent.as_ref().ok());
    telemetry::answered(&span, status.map(Response::status));
    let response = sent.map_err(|_| CloudError::Offline("no answer in time".to_owned()))??;
    let status = response.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(response);
    }
    Err(refusal(response).await)
}

/// Sends a request and reads its answer as JSON.
pub(super) async fn send_for<T: DeserializeOwned>(
    request: RequestBuilder,
    within: Duration,
) -> Result<T, CloudError> {
    let response = send(request, within).await?;
    let body = read(response, SMALL_BYTES).await?;
    from_json(&body)
}

/// Reads a body as JSON. An error says where, never what: it ends up in a log.
pub(super) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, CloudError> {
    let at = |error: serde_json::Error| format!("JSON, column {}", error.column());
    serde_json::from_slice(body).map_err(|error| CloudError::BadAnswer(at(error)))
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, CloudError> {
    let mut body = Vec::new();
    loop {
        let chunk = tokio::time::timeout(SILENT_FOR, response.chunk())
            .await
            .map_err(|_| CloudError::Offline("the answer broke off".to_owned()))??;
        let Some(chunk) = chunk else {
            return Ok(body);
        };
        if body.len() + chunk.len() > limit {
            let reason = format!("it is larger than {limit} bytes");
            return Err(CloudError::BadAnswer(reason));
        }
        body.extend_from_slice(&chunk);
    }
}

/// Reads a body that may be compressed, of at most `limit` bytes either way.
pub(super) async fn read_packed(response: Response, limit: usize) -> Result<Vec<u8>, CloudError> {
    let encoding = response.headers().get(CONTENT_ENCODING);
    let packed = encoding.is_some_and(|encoding| encoding == "zstd");
    let body = read(response, limit).await?;
    if !packed {
        return Ok(body);
    }
    unpack(&body, limit).map_err(|error| CloudError::BadAnswer(error.to_string()))
}

fn unpack(body: &[u8], limit: usize) -> std::io::Result<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    let mut plain = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    decoder.take(most + 1).read_to_end(&mut plain)?;
    if plain.len() > limit {
        return Err(std::io::Error::other(format!(
            "it is larger than {limit} bytes"
        )));
    }
    Ok(plain)
}

async fn refusal(response: Response) -> CloudError {
    let status = response.status();
    let retry_after = retry_after(&response);
    let problem = match read(response, PROBLEM_BYTES).await {
        Ok(body) => read_problem(status, &body),
        Err(_) => plain_problem(status),
    };
    decide(status, problem, retry_after)
}

fn decide(status: StatusCode, problem: Problem, retry_after: Option<Duration>) -> CloudError {
    let revoked = problem.kind.ends_with("/revoked");
    match status {
        StatusCode::FORBIDDEN if revoked => CloudError::Revoked,
        StatusCode::UNAUTHORIZED => CloudError::Unauthorised,
        StatusCode::TOO_MANY_REQUESTS => CloudError::Unavailable {
            status: status.as_u16(),
            title: problem.title,
            retry_after,
        },
        // A full disk over there does not become better by other words.
        status if status.is_server_error() => CloudError::Unavailable {
            status: status.as_u16(),
            title: problem.title,
            retry_after,
        },
        _ => CloudError::Refused(Box::new(problem)),
    }
}

/// Seconds only: the other form of `Retry-After` (RFC 9110, 10.2.3) is a date, which nothing of ours sends.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let seconds = text.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

fn read_problem(status: StatusCode, body: &[u8]) -> Problem {
    serde_json::from_slice(body).unwrap_or_else(|_| match read_oauth(body) {
        Some(problem) => problem,
        None => plain_problem(status),
    })
}

/// RFC 6749, section 5.2: the token endpoint's own shape of an error.
fn read_oauth(body: &[u8]) -> Option<Problem> {
    #[derive(serde::Deserialize)]
    struct OAuthError {
        error: String,
        #[serde(default)]
        error_description: String,
    }
    let error: OAuthError = serde_json::from_slice(body).ok()?;
    // The one client error of that endpoint that is a 403 in ours.
    let slug = match error.error.as_str() {
        "unauthorized_client" => "revoked".to_owned(),
        other => other.replace('_', "-"),
    };
    Some(Problem::new(0, &slug, &error.error_description))
}

fn plain_problem(status: StatusCode) -> Problem {
    let title = status.canonical_reason().unwrap_or("an unknown status");
    Problem::new(status.as_u16(), "unknown", title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(status: u16, body: &str) -> CloudError {
        let status = StatusCode::from_u16(status).unwrap();
        decide(status, read_problem(status, body.as_bytes()), None)
    }

    #[test]
    fn refusals_are_told_apart() {
        let revoked =
            r#"{"type":"/problems/revoked","title":"This device was revoked","status":403}"#;
        assert!(matches!(decided(403, revoked), CloudError::Revoked));
        let oauth =
            r#"{"error":"unauthorized_client","error_description":"this device was revoked"}"#;
        assert!(matches!(decided(403, oauth), CloudError::Revoked));
        let client = r#"{"error":"invalid_client","error_description":"unknown"}"#;
        assert!(matches!(decided(401, client), CloudError::Unauthorised));
        assert!(decided(503, "busy").is_offline());
        let gap = r#"{"type":"/problems/cseq-gap","title":"x","status":409,"expected":7}"#;
        assert_eq!(decided(409, gap).slug(), Some("cseq-gap"));
        let field = r#"{"type":"/problems/invalid-request","title":"The request is not valid","status":400,"errors":[{"pointer":"/pin","detail":"4 to 8 digits"}]}"#;
        assert!(
            decided(400, field)
                .to_string()
                .contains("/pin: 4 to 8 digits")
        );
        assert!(matches!(decided(404, "<html>"), CloudError::Refused(_)));
    }
}
