//! Tax and promotions of a store, as `GET /v1/stores/{store}/terms` has them: one JSON object, taken whole or not at all.

use super::summary::RowError;
use super::{Row, Sink};
use domain::cart::Terms;
use domain::store::Store;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What tells terms from other JSON.
#[derive(Deserialize)]
struct Mark {
    #[serde(rename = "tax")]
    _tax: IgnoredAny,
}

/// Whether a JSON object is terms; one that is cut off is not.
pub(super) fn is_terms(text: &str) -> Option<()> {
    serde_json::from_str::<Mark>(text).is_ok().then_some(())
}

/// Reads them. A promotion that would not be applied is an error: a store that sells at another sum than its manager
/// meant is worse off than one that keeps its terms of before.
pub(super) fn read(text: &str, store: &Store, sink: Sink<'_>) -> Result<(), String> {
    let terms: Terms =
        serde_json::from_str(text).map_err(|error| format!("is no terms: {error}"))?;
    let checked = terms
        .check(store.currency)
        .map_err(|refusal| RowError::new(&refusal.pointer, refusal.fault));
    sink(1, checked.map(|()| Row::Terms(Box::new(terms))));
    Ok(())
}
