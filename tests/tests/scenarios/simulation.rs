//! The invariants of the sync, shown on simulated stores: each test runs seeds and asserts that the invariant was looked
//! at and held. The long run is `cargo xtask simulate`.

use aisle_tests::simulation::{Engines, Figures, Plan, Runner};
use std::sync::OnceLock;

/// How many seeds the tests share; chosen so that they take some twenty seconds of one core without optimisation.
const SEEDS: u64 = 40;

/// The figures of all seeds, run once for all tests.
fn figures() -> &'static Figures {
    static FIGURES: OnceLock<Figures> = OnceLock::new();
    FIGURES.get_or_init(|| {
        let runner = Runner::new().unwrap();
        let mut figures = Figures::default();
        for seed in 1..=SEEDS {
            let verdict = runner
                .run(&Plan::draw(seed), Engines::Model, false)
                .unwrap();
            assert_eq!(
                verdict.violations,
                [],
                "cargo xtask simulate --from {seed} --seeds 1"
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
fn i01_what_was_kept_survives_a_kill() {
    assert_looked_at("i01");
}

#[test]
fn i02_each_command_ends_as_exactly_one_thing() {
    assert_looked_at("i02");
}

#[test]
fn i03_a_command_has_one_effect_at_most() {
    assert_looked_at("i03");
}

#[test]
fn i05_feed_numbers_are_one_to_head() {
    assert_looked_at("i05");
}

#[test]
fn i06_i07_a_cursor_means_all_up_to_it_and_moves_with_the_rows() {
    assert_looked_at("i06");
}

#[test]
fn i08_the_mark_of_a_device_moves_without_holes() {
    assert_looked_at("i08");
}

#[test]
fn i09_a_number_never_belongs_to_two_commands() {
    assert_looked_at("i09");
}

#[test]
fn i10_who_does_something_sees_it_at_once() {
    assert_looked_at("i10");
}

#[test]
fn i11_at_rest_devices_hold_what_the_cloud_holds() {
    assert_looked_at("i11");
}

#[test]
fn i12_no_row_is_outside_what_is_granted() {
    assert_looked_at("i12");
}

#[test]
fn i13_a_revoked_device_writes_nothing_and_holds_nothing() {
    assert_looked_at("i13");
}

#[test]
fn i20_once_faults_stop_everything_comes_to_rest() {
    assert_eq!(figures().checked("i20"), SEEDS);
}

#[test]
fn i21_a_full_disk_is_an_error_and_no_half_state() {
    assert_looked_at("i21");
}

#[test]
fn i22_an_older_program_leaves_a_newer_file_alone() {
    assert_looked_at("i22");
}

#[test]
fn i19_what_the_cloud_holds_does_not_depend_on_clocks_of_devices() {
    let runner = Runner::new().unwrap();
    for seed in 1..=4 {
        let plan = Plan::draw(seed);
        let right = runner
            .run(&plan.with_clocks_off_by(0), Engines::Model, false)
            .unwrap();
        let ten_years = runner
            .run(
                &plan.with_clocks_off_by(10 * 365 * 86_400),
                Engines::Model,
                false,
            )
            .unwrap();
        assert_eq!(right.timeless, ten_years.timeless, "seed {seed}");
        let other = runner
            .run(
                &Plan::draw(seed + 100).with_clocks_off_by(0),
                Engines::Model,
                false,
            )
            .unwrap();
        assert_ne!(right.timeless, other.timeless);
    }
}

#[test]
fn i25_a_snapshot_is_what_a_replay_gives() {
    assert_looked_at("i25");
}

#[test]
fn i26_every_engine_answers_the_same_history_with_the_same_bytes() {
    let runner = Runner::new().unwrap();
    for seed in 1..=6 {
        let answers = |engine| runner.answers(seed, 120, engine).unwrap();
        let model = answers(Engines::Model);
        assert_eq!(model, answers(Engines::Memory), "seed {seed}");
        assert_eq!(model, answers(Engines::Sqlite), "seed {seed}");
        let refused = model.iter().filter(|(status, _)| *status != 200).count();
        assert!(refused > 0 && refused < 60, "{refused} refused");
    }
}

#[test]
fn a_seed_does_the_same_to_the_byte() {
    let runner = Runner::new().unwrap();
    let run = |seed| runner.run(&Plan::draw(seed), Engines::Model, true).unwrap();
    let (first, second, other) = (run(7), run(7), run(8));
    assert_eq!(first.lines, second.lines);
    assert_eq!((first.hash, first.figures), (second.hash, second.figures));
    assert_ne!(first.hash, other.hash);
}

#[test]
fn every_fault_of_the_network_and_the_ledger_happens() {
    let faults = &figures().faults;
    for name in [
        "request lost",
        "request repeated",
        "request late",
        "half an answer",
        "answer lost",
        "killed",
        "killed in a write",
        "disk full",
        "cloud restarted",
        "write lost, untold",
        "write done, untold",
        "stream broke",
        "restored as it was",
        "restored in a new life",
        "transaction seen item by item",
        "query in pages",
        "ledger throttled",
        "moved to another store",
        "revoked",
        "row spoilt",
        "clock skewed",
    ] {
        assert!(
            faults.get(name).copied().unwrap_or(0) > 0,
            "{name} never happened"
        );
    }
}
