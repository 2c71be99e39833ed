//! Snapshots are taken part by part: resumable, checked, and all of them or what was there before.

use super::model::{Model, held, scope};
use crate::testing::{CUSTOMERS, Feed, Home, customer_id, dump, note, queue};
use crate::{LoadError, PlanError, Repaired, ReplicaError, read_repair};
use domain::api::sync::{Cursor, Manifest};
use proptest::prelude::*;

fn filled() -> Model {
    let mut model = Model::new();
    for n in 0..20 {
        model.customer(&format!("c-{n:02}"), "souza");
        model.note(&format!("n-{n:02}"), &format!("c-{n:02}"), "hello");
    }
    model
}

fn granted(model: &Model) -> Home {
    let home = Home::new();
    home.replica.apply(&model.grant()).unwrap();
    home
}

fn load(home: &Home, manifest: &Manifest, parts: &[Vec<u8>]) -> crate::Loaded {
    let loading = home.replica.load_begin(manifest).unwrap();
    let mut last = crate::Loaded::default();
    for (number, bytes) in (0..).zip(parts).skip(loading.next_part as usize) {
        last = home
            .replica
            .load_part(&manifest.scope, manifest.cursor, number, bytes)
            .unwrap();
    }
    last
}

#[test]
fn a_snapshot_is_offered_and_loaded_and_pulled_on_from() {
    let mut model = filled();
    let home = Home::new();
    let offered = home.replica.apply(&model.offer(40)).unwrap();
    assert_eq!(offered.offers[0].cursor, model.cursor(40));
    assert!(
        !home.replica.standing().unwrap().complete,
        "not everything is here"
    );
    let (manifest, parts) = model.snapshot(40, 7);
    let last = load(&home, &manifest, &parts);
    assert_eq!((last.next_part, last.differs), (None, false));
    assert_eq!(held(&home), (model.cursor(40), model.state(40)));
    assert_eq!(home.replica.load_standing(&scope()).unwrap(), None);
    model.customer("c-03", "lima");
    let applied = home.replica.apply(&model.page(40, 100)).unwrap();
    assert_eq!((applied.changes, applied.differing.len()), (1, 0));
    assert!(home.replica.standing().unwrap().complete);
    assert_eq!(held(&home).1, model.state(41));
    let hits = |typed| home.replica.search_customers(typed, 50).unwrap().hits.len();
    assert_eq!(
        (hits("souza"), hits("lima"), hits("lima.c-03@")),
        (19, 1, 1)
    );
    assert_eq!((hits("souza-c-03"), hits("lima-c-03")), (0, 1));
    assert_eq!(
        home.replica.notes(&customer_id("c-03"), 5).unwrap().len(),
        1
    );
}

#[test]
fn i7_a_part_and_its_place_change_together_or_not_at_all() {
    let model = filled();
    let home = granted(&model);
    let (manifest, parts) = model.snapshot(40, 7);
    home.replica.load_begin(&manifest).unwrap();
    home.replica
        .load_part(&scope(), manifest.cursor, 0, &parts[0])
        .unwrap();
    home.replica
        .writer()
        .execute_batch("CREATE TRIGGER broken BEFORE INSERT ON entity WHEN NEW.id = 'c-13' BEGIN SELECT raise(ABORT, 'no'); END")
        .unwrap();
    let before = (dump(&home.replica), home.replica.dump_tables(&["loading"]));
    let broken = home
        .replica
        .load_part(&scope(), manifest.cursor, 1, &parts[1]);
    assert!(
        matches!(broken, Err(ReplicaError::Storage(_))),
        "{broken:?}"
    );
    let after = (dump(&home.replica), home.replica.dump_tables(&["loading"]));
    assert_eq!(before, after);
    assert_eq!(
        home.replica
            .search_customers("souza", 50)
            .unwrap()
            .hits
            .len(),
        7,
        "nor does the search know of them"
    );
}

#[test]
fn a_load_goes_on_after_a_new_start_where_it_was() {
    let model = filled();
    let mut home = granted(&model);
    let (manifest, parts) = model.snapshot(40, 7);
    home.replica.load_begin(&manifest).unwrap();
    for (number, bytes) in (0..).zip(&parts) {
        home = home.reopen();
        let loading = home.replica.load_begin(&manifest).unwrap();
        assert_eq!(loading.next_part, number);
        assert_eq!(home.replica.load_standing(&scope()).unwrap(), Some(loading));
        home.replica
            .load_part(&scope(), manifest.cursor, number, bytes)
            .unwrap();
        if number > 0 && usize::try_from(number).unwrap() + 1 < parts.len() {
            let again = home
                .replica
                .load_part(&scope(), manifest.cursor, 0, &parts[0]);
            assert_eq!(again.unwrap().changes, 0, "a part that is here");
        }
    }
    assert_eq!(held(&home).1, model.state(40));
}

#[test]
fn the_same_rows_at_a_later_place_are_another_snapshot() {
    let mut model = filled();
    let home = granted(&model);
    let (early, parts) = model.snapshot(40, 7);
    home.replica.load_begin(&early).unwrap();
    home.replica
        .load_part(&scope(), early.cursor, 0, &parts[0])
        .unwrap();
    model.customer("c-99", "souza");
    model.delete("customer", "c-99");
    let (late, same) = model.snapshot(42, 7);
    assert_eq!(early.parts, late.parts);
    let begun = home.replica.load_begin(&late).unwrap();
    assert_eq!((begun.cursor, begun.next_part), (late.cursor, 0));
    load(&home, &late, &same);
    assert_eq!(held(&home), (model.cursor(42), model.state(42)));
}

#[test]
fn parts_are_refused_that_are_not_next_or_not_of_this_snapshot() {
    let model = filled();
    let home = granted(&model);
    let (manifest, parts) = model.snapshot(40, 7);
    let take = |cursor, number, bytes: &[u8]| {
        let taken = home.replica.load_part(&scope(), cursor, number, bytes);
        taken.unwrap_err()
    };
    let error = take(manifest.cursor, 0, &parts[0]);
    assert!(matches!(
        error,
        ReplicaError::Load(LoadError::NotLoading { .. })
    ));
    home.replica.load_begin(&manifest).unwrap();
    let error = take(manifest.cursor, 1, &parts[1]);
    assert!(matches!(
        error,
        ReplicaError::Load(LoadError::NotNext { expected: 0 })
    ));
    let error = take(model.cursor(39), 0, &parts[0]);
    assert!(matches!(
        error,
        ReplicaError::Load(LoadError::NotLoading { .. })
    ));
    let error = take(manifest.cursor, 0, &parts[1]);
    assert!(matches!(error, ReplicaError::Load(LoadError::Hash)));
    assert_eq!(home.replica.count_customers().unwrap(), 0);
    let mut foreign = manifest;
    foreign.scope = domain::api::sync::Scope::parse("store/2/customers").unwrap();
    assert!(matches!(
        home.replica.load_begin(&foreign),
        Err(ReplicaError::Plan(PlanError::NotGranted { .. }))
    ));
}

#[test]
fn old_rows_stay_until_their_range_is_replaced_and_what_is_gone_goes() {
    let mut model = filled();
    let home = granted(&model);
    home.replica.apply(&model.page(0, 100)).unwrap();
    model.delete("customer", "c-05");
    model.delete("note", "n-19");
    model.customer("c-04", "lima");
    let (manifest, parts) = model.snapshot(model.head(), 7);
    home.replica.load_begin(&manifest).unwrap();
    assert_eq!(home.replica.count_customers().unwrap(), 20);
    let first = home
        .replica
        .load_part(&scope(), manifest.cursor, 0, &parts[0])
        .unwrap();
    assert_eq!(first.changes, 2, "one moved, one is gone");
    assert_eq!(home.replica.count_customers().unwrap(), 19);
    assert_eq!(home.replica.cursors().unwrap()[&scope()], model.cursor(40));
    load(&home, &manifest, &parts);
    assert_eq!(held(&home), (manifest.cursor, model.state(model.head())));
}

#[test]
fn a_newer_snapshot_takes_the_place_of_one_that_is_being_loaded() {
    let mut model = filled();
    let home = granted(&model);
    let (manifest, parts) = model.snapshot(40, 7);
    home.replica.load_begin(&manifest).unwrap();
    home.replica
        .load_part(&scope(), manifest.cursor, 0, &parts[0])
        .unwrap();
    model.delete("customer", "c-02");
    let (newer, parts) = model.snapshot(41, 9);
    assert_eq!(home.replica.load_begin(&newer).unwrap().next_part, 0);
    assert!(!load(&home, &newer, &parts).differs);
    assert_eq!(held(&home).1, model.state(41));
}

#[test]
fn a_snapshot_of_another_life_replaces_what_is_here_and_keeps_the_queue() {
    let mut model = filled();
    let home = granted(&model);
    home.replica.apply(&model.page(0, 100)).unwrap();
    queue(&home.replica, "cmd-1", &note("n-x", "c-01", "hello"));
    model.restart();
    model.delete("customer", "c-00");
    let (manifest, parts) = model.snapshot(model.head(), 11);
    load(&home, &manifest, &parts);
    assert_eq!(held(&home), (manifest.cursor, model.state(model.head())));
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
}

#[test]
fn i12_a_revocation_ends_a_load_and_takes_its_rows() {
    let model = filled();
    let home = granted(&model);
    let (manifest, parts) = model.snapshot(40, 7);
    home.replica.load_begin(&manifest).unwrap();
    home.replica
        .load_part(&scope(), manifest.cursor, 0, &parts[0])
        .unwrap();
    let mut feed = Feed::new();
    feed.lines();
    feed.revoke(CUSTOMERS);
    home.pull(&mut feed);
    assert_eq!(home.replica.count_customers().unwrap(), 0);
    assert!(
        home.replica
            .dump_tables(&["loading", "loading_part"])
            .is_empty()
    );
    let late = home
        .replica
        .load_part(&scope(), manifest.cursor, 1, &parts[1]);
    assert!(matches!(
        late,
        Err(ReplicaError::Plan(PlanError::NotGranted { .. }))
    ));
}

#[test]
fn changes_of_a_scope_that_is_being_loaded_end_the_load_and_a_repair_heals_the_mixture() {
    let mut model = filled();
    let home = granted(&model);
    home.replica.apply(&model.page(0, 10)).unwrap();
    model.customer("c-00", "lima");
    let (manifest, parts) = model.snapshot(41, 7);
    home.replica.load_begin(&manifest).unwrap();
    home.replica
        .load_part(&scope(), manifest.cursor, 0, &parts[0])
        .unwrap();
    // Late, and up to the head: rows of both are mixed, which the sum shows.
    let mut late = filled();
    late.delete("customer", "c-06");
    let applied = home.replica.apply(&late.page(10, 100)).unwrap();
    assert_eq!(home.replica.load_standing(&scope()).unwrap(), None);
    assert!(applied.differing.contains(&scope()));
    repair(&home, &late);
    assert_eq!(held(&home), (late.cursor(41), late.state(41)));
}

/// Asks for a repair and takes it.
fn repair(home: &Home, model: &Model) -> Repaired {
    let (cursor, sums) = home.replica.bucket_sums(&scope()).unwrap();
    let answer = read_repair(model.repair(cursor, &sums)).unwrap();
    home.replica.repair(&scope(), &answer).unwrap()
}

#[test]
fn a_repair_mends_whatever_broke() {
    let model = filled();
    for broken in [
        "UPDATE entity SET body = replace(body, 'Ana', 'Eva') WHERE id = 'c-03'",
        "UPDATE entity SET hash = 7 WHERE id = 'c-03'",
        "UPDATE entity SET version = 9 WHERE id = 'n-03'",
        "DELETE FROM entity WHERE id = 'c-03'",
        "INSERT INTO entity (row, kind, id, version, scope, hash, body) SELECT 99, kind, 'x', 1, scope, 1, body FROM entity LIMIT 1",
        "UPDATE scope SET rows = 1, checksum = 2",
    ] {
        let home = granted(&model);
        home.replica.apply(&model.page(0, 100)).unwrap();
        home.replica.writer().execute_batch(broken).unwrap();
        let mended = repair(&home, &model);
        assert!(
            matches!(mended, Repaired::Done { differs: false, .. }),
            "{broken}: {mended:?}"
        );
        if broken.starts_with("DELETE") {
            // Its old look-ups lie under a row that nothing has any more: a new start does not find them either.
            continue;
        }
        assert_eq!(held(&home), (model.cursor(40), model.state(40)), "{broken}");
    }
}

#[test]
fn a_repair_for_another_cursor_does_nothing() {
    let mut model = filled();
    let home = granted(&model);
    home.replica.apply(&model.page(0, 100)).unwrap();
    let (cursor, sums) = home.replica.bucket_sums(&scope()).unwrap();
    let late = read_repair(Model::new().repair(Cursor { seq: 0, ..cursor }, &sums)).unwrap();
    assert_eq!(
        home.replica.repair(&scope(), &late).unwrap(),
        Repaired::Moved
    );
    let answer = read_repair(model.repair(cursor, &sums)).unwrap();
    model.customer("c-77", "lima");
    home.replica.apply(&model.page(40, 100)).unwrap();
    assert_eq!(
        home.replica.repair(&scope(), &answer).unwrap(),
        Repaired::Moved
    );
    assert_eq!(held(&home).1, model.state(41));
}

#[test]
fn a_sum_that_differs_at_the_same_cursor_is_told() {
    let model = filled();
    let home = granted(&model);
    home.replica.apply(&model.page(0, 100)).unwrap();
    home.replica
        .writer()
        .execute_batch("UPDATE scope SET checksum = checksum + 1")
        .unwrap();
    let verified = home.replica.apply(&model.page(40, 0)).unwrap();
    assert_eq!(
        verified.differing.into_iter().collect::<Vec<_>>(),
        [scope()]
    );
    // A late answer speaks of a cursor that is passed.
    let late = home.replica.apply(&filled().page(30, 5)).unwrap();
    assert!(late.differing.is_empty());
}

/// What happens to a device and its scope.
#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8),
    Note(u8, u8),
    Profile(u8, u8),
    Delete(u8),
    Pull(u8),
    Again(u8),
    Load(u8, u8),
    Part,
    PartAgain,
    Kill,
    Restart,
    Break(u8),
    Repair,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..12, 0_u8..4).prop_map(|(id, name)| Step::Put(id, name)),
        2 => (0_u8..12, 0_u8..4).prop_map(|(id, of)| Step::Note(id, of)),
        2 => (0_u8..12, 0_u8..9).prop_map(|(id, day)| Step::Profile(id, day)),
        2 => (0_u8..12).prop_map(Step::Delete),
        3 => (1_u8..9).prop_map(Step::Pull),
        1 => any::<u8>().prop_map(Step::Again),
        2 => (any::<u8>(), 1_u8..6).prop_map(|(seq, rows)| Step::Load(seq, rows)),
        5 => Just(Step::Part),
        1 => Just(Step::PartAgain),
        1 => Just(Step::Kill),
        1 => Just(Step::Restart),
        1 => (0_u8..12).prop_map(Step::Break),
        1 => Just(Step::Repair),
    ]
}

/// A device and its cloud, on their way through a history.
struct Run {
    model: Model,
    home: Home,
    told: Vec<crate::Page>,
    load: Option<(Manifest, Vec<Vec<u8>>)>,
}

impl Run {
    fn new() -> Self {
        let model = Model::new();
        let home = granted(&model);
        Self {
            model,
            home,
            told: Vec::new(),
            load: None,
        }
    }

    fn cursor(&self) -> Cursor {
        self.home.replica.cursors().unwrap()[&scope()]
    }

    fn step(mut self, step: &Step) -> Self {
        let id = |id: &u8| format!("e-{id:02}");
        match step {
            Step::Put(n, name) => {
                let family = ["souza", "lima", "berg", "ito"][usize::from(*name)];
                self.model.customer(&id(n), family);
            }
            Step::Note(n, of) => self.model.note(&id(n), &id(of), "hello"),
            Step::Profile(n, day) => {
                let body = serde_json::json!({"last_seen_at": format!("2026-05-1{day}T00:00:00Z")});
                self.model.put("profile", &id(n), &body);
            }
            Step::Delete(n) => {
                for kind in ["customer", "note"] {
                    self.model.delete(kind, &id(n));
                }
            }
            Step::Pull(limit) => self.pull(u64::from(*limit)),
            Step::Again(n) => self.again(usize::from(*n)),
            Step::Load(seq, rows) => {
                let seq = u64::from(*seq) % (self.model.head() + 1);
                self.begin(seq, usize::from(*rows));
            }
            Step::Part => self.part(),
            Step::PartAgain => {
                if let Some((manifest, parts)) = &self.load {
                    let _ = self
                        .home
                        .replica
                        .load_part(&scope(), manifest.cursor, 0, &parts[0]);
                }
            }
            Step::Kill => self.home = self.home.reopen(),
            Step::Restart => self.model.restart(),
            Step::Break(n) => self.damage(&id(n)),
            Step::Repair => self.repair(),
        }
        self
    }

    /// What the cloud answers: changes where the device's cursor is in this life of the feed, a snapshot elsewhere.
    fn pull(&mut self, limit: u64) {
        let cursor = self.cursor();
        let fresh = cursor == Cursor::default();
        if (cursor.epoch != self.model.epoch && !fresh) || cursor.seq > self.model.head() {
            return self.begin(self.model.head(), 3);
        }
        let page = self.model.page(cursor.seq, limit);
        let applied = self.home.replica.apply(&page).unwrap();
        self.told.push(page);
        if !applied.differing.is_empty() {
            self.repair();
        }
    }

    /// A late answer: it changes nothing, or does not follow.
    fn again(&mut self, n: usize) {
        if let Some(page) = self.told.get(n % self.told.len().max(1)) {
            let before = self.cursor();
            let _ = self.home.replica.apply(page);
            assert!(self.cursor() >= before, "a cursor never moves back");
        }
    }

    fn begin(&mut self, seq: u64, rows: usize) {
        let (manifest, parts) = self.model.snapshot(seq, rows);
        self.home.replica.load_begin(&manifest).unwrap();
        self.load = Some((manifest, parts));
    }

    fn part(&mut self) {
        let Some((manifest, parts)) = &self.load else {
            return;
        };
        let standing = self.home.replica.load_standing(&scope()).unwrap();
        let Some(loading) = standing.filter(|loading| loading.cursor == manifest.cursor) else {
            self.load = None;
            return;
        };
        let number = loading.next_part;
        let loaded = self
            .home
            .replica
            .load_part(&scope(), manifest.cursor, number, &parts[number as usize])
            .unwrap();
        if loaded.differs && manifest.cursor.epoch == self.model.epoch {
            self.repair();
        }
    }

    fn repair(&mut self) {
        let (cursor, sums) = self.home.replica.bucket_sums(&scope()).unwrap();
        if cursor.epoch == self.model.epoch && cursor.seq <= self.model.head() {
            let answer = read_repair(self.model.repair(cursor, &sums)).unwrap();
            self.home.replica.repair(&scope(), &answer).unwrap();
        }
    }

    /// A disk that forgets: the body of one row is another one.
    fn damage(&mut self, id: &str) {
        let writer = self.home.replica.writer();
        writer
            .execute("UPDATE entity SET body = '{}' WHERE id = ?1", [id])
            .unwrap();
    }

    /// Faults stop: what was begun is finished, what is left is pulled, and the copy is checked once.
    fn finish(mut self) -> Self {
        self.repair();
        for _ in 0..200 {
            if self.home.replica.load_standing(&scope()).unwrap().is_some() {
                if self.load.is_none() {
                    self.begin(self.model.head(), 4);
                }
                self.part();
            } else if self.cursor() != self.model.cursor(self.model.head()) {
                self.pull(5);
            }
        }
        self.repair();
        self
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn i11_any_history_ends_with_what_the_cloud_has(steps in proptest::collection::vec(step(), 1..60)) {
        let run = steps.iter().fold(Run::new(), Run::step).finish();
        let head = run.model.head();
        let (cursor, state) = held(&run.home);
        prop_assert_eq!(&state, &run.model.state(head));
        prop_assert!(head == 0 || cursor == run.model.cursor(head));
        let search = |home: &Home| ["souza", "lima", "berg.", "ito-"].map(|typed| {
            let hits = home.replica.search_customers(typed, 50).unwrap().hits;
            hits.into_iter().map(|hit| hit.id.to_string()).collect::<std::collections::BTreeSet<_>>()
        });
        let before = search(&run.home);
        let known = run.home.replica.count_customers().unwrap();
        let home = run.home.reopen();
        prop_assert_eq!(before, search(&home), "the index in memory is the one of a new start");
        let customers = state.keys().filter(|(kind, _)| kind == "customer").count() as u64;
        prop_assert_eq!((known, home.replica.count_customers().unwrap()), (customers, customers));
    }

    #[test]
    fn i25_a_snapshot_and_its_tail_are_a_full_replay(
        steps in proptest::collection::vec(step(), 1..60), at in any::<u8>(), rows in 1_usize..9, limit in 1_u64..9,
    ) {
        let mut model = Model::new();
        for step in &steps {
            if matches!(step, Step::Put(..) | Step::Note(..) | Step::Profile(..) | Step::Delete(_)) {
                model = Run { model, ..Run::new() }.step(step).model;
            }
        }
        let replay = granted(&model);
        let mut from = 0;
        while from < model.head() {
            replay.replica.apply(&model.page(from, limit)).unwrap();
            from = replay.replica.cursors().unwrap()[&scope()].seq;
        }
        let jump = granted(&model);
        let (manifest, parts) = model.snapshot(u64::from(at) % (model.head() + 1), rows);
        prop_assert!(!load(&jump, &manifest, &parts).differs);
        let tail = jump.replica.apply(&model.page(manifest.cursor.seq, u64::MAX)).unwrap();
        prop_assert!(tail.differing.is_empty());
        prop_assert_eq!(held(&replay).1, held(&jump).1);
        for typed in ["souza", "lima.e", "berg-e", ""] {
            let find = |home: &Home| {
                let hits = home.replica.search_customers(typed, 50).unwrap().hits;
                let mut ids: Vec<_> = hits.into_iter().map(|hit| hit.id.to_string()).collect();
                ids.sort();
                ids
            };
            prop_assert_eq!(find(&replay), find(&jump));
        }
    }
}
