//! The cloud as a shopper's phone reaches it: JSON both ways, a token, and problems.

use super::http::{Ask, send};
use domain::problem::Problem;
use serde::de::DeserializeOwned;

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard<T> {
    /// The answer.
    Answer(T),
    /// It was refused.
    Refused(Problem),
    /// Nobody answered, or not now: the same call may be made again.
    Nobody,
}

/// Calls the cloud. `token` is a bearer token; without `body` nothing is sent with it.
pub async fn call<T: DeserializeOwned>(
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&str>,
) -> Heard<T> {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("accept", "application/json")];
    if let Some(bearer) = &bearer {
        headers.push(("authorization", bearer));
    }
    if body.is_some() {
        headers.push(("content-type", "application/json"));
    }
    let answer = send(Ask {
        method,
        path,
        headers: &headers,
        body,
        keepalive: false,
    })
    .await;
    match answer {
        Some(answer) => read(answer.status, &answer.text),
        None => Heard::Nobody,
    }
}

fn read<T: DeserializeOwned>(status: u16, text: &str) -> Heard<T> {
    match status {
        200..=299 => serde_json::from_str(if text.is_empty() { "null" } else { text })
            .map_or(Heard::Nobody, Heard::Answer),
        408 | 425 | 502..=504 => Heard::Nobody,
        _ => Heard::Refused(serde_json::from_str(text).unwrap_or_else(|_| {
            Problem::new(status, "unreadable", "The answer could not be read")
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_a_refusal_and_nobody_are_three_things() {
        assert_eq!(read::<u8>(200, "7"), Heard::Answer(7));
        assert_eq!(read::<()>(204, ""), Heard::Answer(()));
        assert_eq!(read::<u8>(200, "<html>"), Heard::Nobody);
        assert_eq!(read::<u8>(503, "{}"), Heard::Nobody);
        let said = r#"{"type":"/problems/code-over","title":"Over","status":410}"#;
        let refused = |status, text| match read::<u8>(status, text) {
            Heard::Refused(problem) => problem.kind,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(410, said), "/problems/code-over");
        assert_eq!(refused(404, "<html>"), "/problems/unreadable");
    }
}
