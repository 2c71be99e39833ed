//! The quality of "what comes next" on a public data set, as published figures are measured: every
//! prefix of each test session, the current item excluded, HR@20 and MRR@20.
//!
//! A sample keeps it fast. The engine is deterministic, so the sample's figures move only when the
//! method does: the bands catch a change of meaning that unit tests would not notice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]
#![allow(clippy::print_stderr, reason = "says why it was skipped")]

mod dataset;

use dataset::Tally;
use recommend::sessions::{Bounds, Reach, SessionIndex};

const SAMPLE: usize = 3_000;
/// Measured over the sample with m = 500, k = 100, l = 9.
const MEASURED: (f64, f64) = (0.426, 0.1445);
const BAND: f64 = 0.02;

#[test]
fn sessions_predict_what_comes_next_far_better_than_popularity() {
    let Some(folder) = dataset::session_folder("diginetica") else {
        eprintln!("skipped: ../shared/data/sessions/diginetica is not there");
        return;
    };
    let sessions = dataset::sessions(&folder.join("train.tsv.gz"));
    let test = dataset::sessions(&folder.join("test.tsv.gz"));
    let examples = test.iter().flat_map(|session| dataset::prefixes(session));
    let popular = dataset::popular(&sessions, 21);
    let index = SessionIndex::build(&sessions, Bounds::SESSIONS);
    let (mut knn, mut baseline) = (Tally::default(), Tally::default());
    for example in examples.take(SAMPLE) {
        let current = example.session.first().copied();
        let answer = index.next_items(&example.session, Reach::VMIS, 21);
        knn.count(
            answer.iter().map(|scored| scored.item),
            example.label,
            current,
        );
        baseline.count(popular.iter().copied(), example.label, current);
    }
    let ((hit_rate, mrr), (baseline_hit_rate, baseline_mrr)) = (knn.rates(), baseline.rates());
    assert!(
        (hit_rate - MEASURED.0).abs() < BAND,
        "HR@20 is {hit_rate:.4}"
    );
    assert!((mrr - MEASURED.1).abs() < BAND, "MRR@20 is {mrr:.4}");
    assert!(
        hit_rate > 10.0 * baseline_hit_rate,
        "{hit_rate:.4} against {baseline_hit_rate:.4}"
    );
    assert!(
        mrr > 10.0 * baseline_mrr,
        "{mrr:.4} against {baseline_mrr:.4}"
    );
}
