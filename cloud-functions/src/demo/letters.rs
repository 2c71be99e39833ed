//! `GET /demo/letters`: the letters that a demo would have sent, so that a person can sign in as one of its shoppers.

use crate::engines::letters;
use crate::http::{ApiError, Json};
use crate::ports::letters::Letter;
use crate::services::Services;
use axum::Router;
use axum::extract::State;
use axum::routing::get;

/// Adds the page to a host that serves the demo; no other host has it.
pub fn with_letters(router: Router, services: &Services) -> Router {
    let page = get(show).with_state(services.clone());
    router.route("/demo/letters", page)
}

/// The latest first.
async fn show(State(services): State<Services>) -> Result<Json<Vec<Letter>>, ApiError> {
    Ok(Json(letters::list(&*services.ledger).await?))
}
