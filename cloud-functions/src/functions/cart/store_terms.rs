//! `GET` and `PUT /v1/stores/{store}/terms`: the tax and the promotions of a store, told to its tablets with its stock.
//!
//! Who sets them says which terms she saw (`If-Match`): two managers do not undo each other's promotions unseen.

use super::kept;
use super::order;
use super::refusal::CartError;
use crate::carts;
use crate::feed::entity_key;
use crate::http::{ApiError, Caller, Json};
use crate::ports::ledger::Condition;
use crate::services::Services;
use crate::table::{self, Row};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{Principal, Role};
use domain::api::sync::{Scope, kind};
use domain::cart::{Terms, TermsRefusal};
use domain::ids::StoreId;
use domain::problem::Problem;

/// Why terms are not set.
#[derive(Debug, thiserror::Error)]
pub(super) enum TermsError {
    #[error("this is another store's")]
    WrongStore,
    #[error("say which terms this replaces: If-Match with the ETag of what was read")]
    NotConditional,
    #[error("the terms are others by now: read them again")]
    Moved,
    #[error(transparent)]
    Invalid(#[from] TermsRefusal),
    #[error(transparent)]
    Cart(#[from] CartError),
}

impl From<TermsError> for ApiError {
    fn from(error: TermsError) -> Self {
        let detail = error.to_string();
        let refuse = |status, slug, title| {
            let ApiError(problem) = ApiError::new(status, slug, title);
            ApiError(problem.with_detail(detail))
        };
        match error {
            TermsError::WrongStore => refuse(
                StatusCode::FORBIDDEN,
                "wrong-store",
                "This is another store's",
            ),
            TermsError::NotConditional => refuse(
                StatusCode::PRECONDITION_REQUIRED,
                "if-match-missing",
                "Say what this replaces",
            ),
            TermsError::Moved => refuse(
                StatusCode::PRECONDITION_FAILED,
                "terms-moved",
                "Somebody was quicker",
            ),
            TermsError::Invalid(refusal) => {
                Self::invalid(&refusal.pointer, refusal.fault.to_string())
            }
            TermsError::Cart(error) => error.into(),
        }
    }
}

impl IntoResponse for TermsError {
    fn into_response(self) -> Response {
        ApiError::from(self).into_response()
    }
}

/// Terms with the tag of this writing of them.
fn tagged(terms: Terms, revision: u64) -> Response {
    ([(header::ETAG, tag(revision))], Json(terms)).into_response()
}

/// 0 where a store never set any.
fn tag(revision: u64) -> String {
    format!("\"r{revision}\"")
}

fn may(caller: &Principal, store: &StoreId) -> Result<(), TermsError> {
    let theirs = caller.role == Role::Operator || caller.store.as_ref() == Some(store);
    theirs.then_some(()).ok_or(TermsError::WrongStore)
}

fn store_id(text: String) -> Result<StoreId, CartError> {
    StoreId::parse(text).map_err(|_| CartError::NotFound("store"))
}

async fn lookup(services: &Services, store: &StoreId) -> Result<Option<Row<Terms>>, CartError> {
    let key = entity_key(kind::TERMS, store.as_str());
    Ok(table::lookup(&*services.ledger, &key).await?)
}

/// Whether the caller saw this writing of the terms.
fn is_seen(headers: &HeaderMap, revision: u64) -> Result<bool, TermsError> {
    let seen = headers.get(header::IF_MATCH);
    let seen = seen.ok_or(TermsError::NotConditional)?;
    let seen = seen.to_str().unwrap_or_default();
    let is_it = |one: &str| one.trim() == tag(revision) || (one.trim() == "*" && revision > 0);
    Ok(seen.split(',').any(is_it))
}

/// Sets them; the revision that they have then.
async fn set(
    services: &Services,
    headers: &HeaderMap,
    store: &StoreId,
    terms: &Terms,
) -> Result<u64, TermsError> {
    let before = lookup(services, store).await?;
    let revision = before.as_ref().map_or(0, |row| row.revision);
    if !is_seen(headers, revision)? {
        return Err(TermsError::Moved);
    }
    if before.as_ref().is_some_and(|row| row.value == *terms) {
        return Ok(revision);
    }
    let condition = before.as_ref().map_or(Condition::Absent, Row::unchanged);
    let scope = Scope::inventory(store);
    let moved = carts::moved(scope, kind::TERMS, store.as_str(), terms, condition);
    let moved = moved.map_err(CartError::from)?;
    if kept::commit(services, &[moved], &[]).await? {
        return Ok(revision + 1);
    }
    // Somebody was quicker, or it was written and nobody heard of it.
    let after = lookup(services, store).await?;
    let mine = after.filter(|row| row.value == *terms && row.revision == revision + 1);
    Ok(mine.ok_or(TermsError::Moved)?.revision)
}

/// Reads a store's terms
#[utoipa::path(
    get,
    path = "/v1/stores/{store}/terms",
    tag = "cart",
    params(("store" = String, Path, description = "Whose")),
    responses(
        (status = 200, description = "Its tax and promotions, with an `ETag`; of a store that set none, those that hold", body = Terms),
        (status = 404, description = "There is no such store", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_terms(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(store): Path<String>,
) -> Result<Response, TermsError> {
    let store = store_id(store)?;
    order::store(&services, &store).await?;
    may(&caller, &store)?;
    let row = lookup(&services, &store).await?;
    let (terms, revision) = row.map_or_else(Default::default, |row| (row.value, row.revision));
    Ok(tagged(terms, revision))
}

/// Sets a store's terms
///
/// All of them at once, in place of those that the `If-Match` names. Checkouts that have begun keep their sum.
#[utoipa::path(
    put,
    path = "/v1/stores/{store}/terms",
    tag = "cart",
    params(
        ("store" = String, Path, description = "Whose"),
        ("If-Match" = String, Header, description = "The `ETag` of the terms that were read"),
    ),
    request_body = Terms,
    responses(
        (status = 200, description = "The terms, with their `ETag`", body = Terms),
        (status = 400, description = "What is wrong with them, and where", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such store", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`terms-moved`: somebody was quicker", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`if-match-missing`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn set_terms(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(store): Path<String>,
    headers: HeaderMap,
    Json(terms): Json<Terms>,
) -> Result<Response, TermsError> {
    let store = store_id(store)?;
    let currency = order::store(&services, &store).await?.currency;
    may(&caller, &store)?;
    terms.check(currency)?;
    let revision = set(&services, &headers, &store, &terms).await?;
    Ok(tagged(terms, revision))
}
