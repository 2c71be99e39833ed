//! I21: a full disk is a typed error, leaves no partial state, and is recovered from.

use crate::ReplicaError;
use crate::testing::{Feed, Home, dump, note, queue, try_queue};

#[test]
fn i21_a_page_that_does_not_fit_changes_nothing_and_fits_later() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-0", "Ana", "Souza"));
    for n in 0..2_000 {
        feed.customer(&format!("c-{n}"), "Eva", "Lindqvist");
    }
    let page = feed.page();
    let before = dump(&home.replica);
    home.replica.limit_pages(home.replica.count_pages() + 10);
    assert!(matches!(
        home.replica.apply(&page),
        Err(ReplicaError::StorageFull)
    ));
    assert_eq!(dump(&home.replica), before);
    assert_eq!(
        home.replica.search_customers("eva", 5).unwrap().hits.len(),
        0
    );
    home.replica.limit_pages(1 << 20);
    home.replica.apply(&page).unwrap();
    assert_eq!(home.replica.count_customers().unwrap(), 2_000);
}

#[test]
fn i21_a_command_that_does_not_fit_takes_no_number() {
    let home = Home::new();
    let long = "x".repeat(100_000);
    assert_eq!(
        queue(&home.replica, "cmd-1", &note("n-1", "c-1", "short")),
        1
    );
    home.replica.limit_pages(home.replica.count_pages());
    let full = try_queue(&home.replica, "cmd-2", &note("n-2", "c-1", &long));
    assert!(matches!(full, Err(ReplicaError::StorageFull)), "{full:?}");
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
    home.replica.limit_pages(1 << 20);
    assert_eq!(queue(&home.replica, "cmd-2", &note("n-2", "c-1", &long)), 2);
}
