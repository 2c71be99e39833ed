//! Finds customers as the associate types.

use super::access::Caller;
use super::asked::{check_limit, check_query};
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{Aged, CustomerHits, Refusal, SearchCustomers};

pub(super) fn search_customers(
    shared: &Shared,
    _caller: &Caller,
    request: &SearchCustomers,
) -> Result<Aged<CustomerHits>, Refusal> {
    check_query(&request.query)?;
    check_limit(request.limit)?;
    let hits = shared
        .replica
        .search_customers(&request.query, request.limit);
    shared.here(hits.map_err(of_replica)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    #[tokio::test]
    async fn an_accent_is_not_needed() {
        let tablet = Bench::with_ana().await;
        let query = "zoe lu".to_owned();
        let found = tablet
            .ask(SearchCustomers { query, limit: 5 })
            .await
            .unwrap();
        let names: Vec<_> = found
            .value
            .hits
            .iter()
            .map(|hit| hit.name.as_str())
            .collect();
        assert_eq!((names, found.value.known), (vec!["Zoë Łukasz"], 2));
    }
}
