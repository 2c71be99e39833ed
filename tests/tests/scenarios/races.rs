//! Devices race for carts, codes and the last piece of an item: each test asserts that its rule was looked at in the
//! races of some seeds, and held. The long run is `cargo xtask simulate --races`.

use aisle_tests::simulation::{Figures, RACE_OPERATIONS, Runner};
use std::sync::OnceLock;

/// How many races the tests share.
const SEEDS: u64 = 60;

/// The figures of all races, run once for all tests.
fn figures() -> &'static Figures {
    static FIGURES: OnceLock<Figures> = OnceLock::new();
    FIGURES.get_or_init(|| {
        let runner = Runner::new().unwrap();
        let mut figures = Figures::default();
        for seed in 1..=SEEDS {
            let verdict = runner.race(seed, RACE_OPERATIONS, false).unwrap();
            assert_eq!(
                verdict.violations,
                [],
                "cargo xtask simulate --races --from {seed} --seeds 1"
            );
            figures.add(&verdict.figures);
        }
        figures
    })
}

fn assert_looked_at(invariant: &str) {
    assert!(
        figures().checked(invariant) > 0,
        "{invariant} was not looked at"
    );
}

#[test]
fn i04_a_generation_of_a_cart_becomes_one_order() {
    assert_looked_at("i04");
    assert!(figures().done["orders"] > 0);
}

#[test]
fn i17_a_code_is_claimed_by_one_device() {
    assert_looked_at("i17");
    assert!(figures().done["carts taken over"] > 0);
}

#[test]
fn i18_no_line_is_lost_and_none_comes_back() {
    assert_looked_at("i18");
    assert_looked_at("lost");
}

#[test]
fn i23_what_was_taken_is_what_orders_say() {
    assert_looked_at("i23");
}

#[test]
fn no_piece_is_sold_twice_and_all_are_somewhere() {
    assert_looked_at("oversold");
    assert_looked_at("stock");
    assert!(figures().done["out of stock"] > 0);
}

#[test]
fn receipts_of_a_day_have_no_gap() {
    assert_looked_at("receipts");
}

#[test]
fn every_fault_of_a_checkout_happens() {
    for name in [
        "answer lost",
        "call killed",
        "request repeated",
        "payment not told",
        "write done, untold",
        "write lost, untold",
    ] {
        let times = figures().faults.get(name).copied().unwrap_or(0);
        assert!(times > 0, "{name} never happened");
    }
}
