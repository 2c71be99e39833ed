//! Decides what a page does to a replica; the driver then executes it without thinking.

use super::page::Page;
use domain::api::sync::{Cursor, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// What the replica holds of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Whether the device may hold it.
    pub granted: bool,
    /// How far it has come.
    pub cursor: Cursor,
}

/// What a page does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Scopes that lose every row: revoked, or begun anew in another epoch.
    pub purge: BTreeSet<Scope>,
    /// What is granted after the page, where the page says so.
    pub access: BTreeMap<Scope, bool>,
    /// Of the scopes with changes: those up to this number are applied already.
    pub applied: BTreeMap<Scope, u64>,
    /// Cursors after the page, where they move.
    pub cursors: BTreeMap<Scope, Cursor>,
}

/// Why a page cannot be applied to what is here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Rows for a scope that the device may not hold.
    #[error("the answer has rows of {scope}, which this device may not hold")]
    NotGranted {
        /// Which.
        scope: Scope,
    },
    /// The page does not follow on what is applied.
    #[error("feed {scope}: {have} is applied, the answer begins at {first}")]
    Gap {
        /// In which feed.
        scope: Scope,
        /// The last number applied.
        have: u64,
        /// Where the answer begins.
        first: u64,
    },
}

/// Plans a page. A repeat of an answer that was applied plans nothing; a late answer of an older epoch neither.
pub fn plan_page(held: &BTreeMap<Scope, Held>, page: &Page) -> Result<Plan, PlanError> {
    let mut plan = Plan::default();
    for (scope, granted) in page.access() {
        plan.access.insert(scope.clone(), *granted);
        if !granted {
            plan.purge.insert(scope.clone());
        }
    }
    let firsts = first_numbers(page);
    let offered = page.offers().iter().map(|offer| &offer.scope);
    for scope in firsts.keys().copied().chain(offered) {
        if !is_granted(scope, held, &plan) {
            return Err(PlanError::NotGranted {
                scope: scope.clone(),
            });
        }
    }
    for (scope, target) in &page.checkpoint().cursors {
        if is_granted(scope, held, &plan) {
            plan_scope(held, scope, *target, firsts.get(scope).copied(), &mut plan)?;
        }
    }
    Ok(plan)
}

fn is_granted(scope: &Scope, held: &BTreeMap<Scope, Held>, plan: &Plan) -> bool {
    let before = held.get(scope).is_some_and(|held| held.granted);
    plan.access.get(scope).copied().unwrap_or(before)
}

fn first_numbers(page: &Page) -> BTreeMap<&Scope, u64> {
    let mut firsts = BTreeMap::new();
    for change in page.changes() {
        firsts.entry(&change.scope).or_insert(change.seq);
    }
    firsts
}

fn plan_scope(
    held: &BTreeMap<Scope, Held>,
    scope: &Scope,
    target: Cursor,
    first: Option<u64>,
    plan: &mut Plan,
) -> Result<(), PlanError> {
    let before = held.get(scope).map(|held| held.cursor);
    let before = before
        .filter(|_| !plan.purge.contains(scope))
        .unwrap_or_default();
    if target.epoch < before.epoch {
        plan.applied.insert(scope.clone(), u64::MAX);
        return Ok(());
    }
    let anew = target.epoch > before.epoch;
    let have = if anew { 0 } else { before.seq };
    let begins = first.unwrap_or(target.seq.saturating_add(1));
    if begins > have.saturating_add(1) {
        return Err(PlanError::Gap {
            scope: scope.clone(),
            have,
            first: begins,
        });
    }
    if anew && before.seq > 0 {
        plan.purge.insert(scope.clone());
    }
    plan.applied.insert(scope.clone(), have);
    if anew || target.seq > have {
        plan.cursors.insert(scope.clone(), target);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::read_page;
    use serde_json::json;

    fn page(access: &[(&str, bool)], seqs: std::ops::Range<u64>, epoch: u64, at: u64) -> Page {
        let mut lines: Vec<_> = access
            .iter()
            .map(|(scope, granted)| {
                let kind = if *granted { "grant" } else { "revoke" };
                json!({kind: {"scope": scope}})
            })
            .collect();
        lines.extend(seqs.map(|seq| json!({"change": {"scope": "a", "seq": seq, "kind": "k", "id": "i", "version": 1, "op": "delete"}})));
        lines.push(
            json!({"checkpoint": {"cursors": {"a": {"epoch": epoch, "seq": at}}, "last_cseq": 0,
            "server_time": "2026-05-17T10:00:00Z", "more": false}}),
        );
        let lines = lines
            .into_iter()
            .map(|line| serde_json::from_value(line).unwrap());
        read_page(lines.collect()).unwrap()
    }

    fn held(granted: bool, epoch: u64, seq: u64) -> BTreeMap<Scope, Held> {
        let cursor = Cursor { epoch, seq };
        BTreeMap::from([(scope(), Held { granted, cursor })])
    }

    fn scope() -> Scope {
        Scope::parse("a").unwrap()
    }

    #[test]
    fn a_first_page_needs_its_grant() {
        let first = page(&[("a", true)], 1..4, 1, 3);
        let plan = plan_page(&BTreeMap::new(), &first).unwrap();
        assert_eq!(plan.cursors[&scope()], Cursor { epoch: 1, seq: 3 });
        assert!(plan.purge.is_empty());
        let bare = page(&[], 1..4, 1, 3);
        assert!(matches!(
            plan_page(&BTreeMap::new(), &bare),
            Err(PlanError::NotGranted { .. })
        ));
        let revoked = page(&[("a", false)], 4..5, 1, 4);
        assert!(matches!(
            plan_page(&held(true, 1, 3), &revoked),
            Err(PlanError::NotGranted { .. })
        ));
    }

    #[test]
    fn a_repeat_plans_nothing_and_an_overlap_the_rest() {
        let again = plan_page(&held(true, 1, 3), &page(&[], 1..4, 1, 3)).unwrap();
        assert_eq!((again.applied[&scope()], again.cursors.len()), (3, 0));
        let more = plan_page(&held(true, 1, 3), &page(&[], 2..6, 1, 5)).unwrap();
        assert_eq!((more.applied[&scope()], more.cursors[&scope()].seq), (3, 5));
    }

    #[test]
    fn a_page_that_does_not_follow_is_refused() {
        let gap = plan_page(&held(true, 1, 3), &page(&[], 5..6, 1, 5));
        assert!(
            matches!(
                gap,
                Err(PlanError::Gap {
                    have: 3,
                    first: 5,
                    ..
                })
            ),
            "{gap:?}"
        );
        assert!(
            plan_page(&held(true, 1, 3), &page(&[], 0..0, 1, 9)).is_err(),
            "numbers without their changes"
        );
    }

    #[test]
    fn a_new_epoch_begins_anew_and_an_old_one_is_late() {
        let anew = plan_page(&held(true, 1, 30), &page(&[], 1..3, 2, 2)).unwrap();
        assert!(anew.purge.contains(&scope()));
        assert_eq!(anew.cursors[&scope()], Cursor { epoch: 2, seq: 2 });
        let late = plan_page(&held(true, 2, 2), &page(&[], 31..32, 1, 31)).unwrap();
        assert_eq!((late.applied[&scope()], late.cursors.len()), (u64::MAX, 0));
    }

    proptest::proptest! {
        #[test]
        fn a_cursor_never_moves_back(
            epoch in 0_u64..4, seq in 0_u64..9, told in 0_u64..4, first in 1_u64..9, count in 0_u64..5,
        ) {
            let before = held(true, epoch, seq);
            let page = page(&[], first..first + count, told, first + count - 1);
            let Ok(plan) = plan_page(&before, &page) else {
                return Ok(());
            };
            let after = plan.cursors.get(&scope()).copied().unwrap_or(before[&scope()].cursor);
            proptest::prop_assert!(after >= before[&scope()].cursor);
        }
    }

    #[test]
    fn a_revocation_purges_and_a_new_grant_begins_anew() {
        let plan = plan_page(
            &held(true, 1, 3),
            &page(&[("a", false), ("a", true)], 1..3, 1, 2),
        )
        .unwrap();
        assert!(plan.purge.contains(&scope()) && plan.access[&scope()]);
        assert_eq!(plan.cursors[&scope()].seq, 2);
    }
}
