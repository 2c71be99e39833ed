//! A checked answer: whole, in order, and without a gap inside.

use super::lines::{is_storable, refuse};
use super::wire::WireError;
use domain::api::sync::{Change, Checkpoint, Offer, Op, PullLine, Scope};
use std::collections::BTreeMap;

/// An answer that may be applied. Only [`read_page`] makes one.
#[derive(Debug, Clone)]
pub struct Page {
    access: Vec<(Scope, bool)>,
    offers: Vec<Offer>,
    changes: Vec<Change>,
    checkpoint: Checkpoint,
}

impl Page {
    /// Grants (`true`) and revocations (`false`), in their order.
    #[must_use]
    pub fn access(&self) -> &[(Scope, bool)] {
        &self.access
    }

    /// Snapshots to load, of feeds that cannot go on from where the device stands; none of their changes is here.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// The changes; within each feed their numbers follow each other.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Where everything stands after this page.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// Checks the lines of an answer against each other. An answer without a checkpoint was cut off, and one with a gap
/// is not to be trusted: both are refused whole.
pub fn read_page(lines: Vec<PullLine>) -> Result<Page, WireError> {
    let (mut access, mut offers, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let mut checkpoint = None;
    for (index, line) in lines.into_iter().enumerate() {
        let number = index + 1;
        if checkpoint.is_some() {
            return Err(refuse(number, "something follows the checkpoint"));
        }
        match line {
            PullLine::Grant { .. } | PullLine::Revoke { .. }
                if !(offers.is_empty() && changes.is_empty()) =>
            {
                return Err(refuse(
                    number,
                    "a grant or revocation follows an offer or a change",
                ));
            }
            PullLine::Grant { scope } | PullLine::Revoke { scope } if !is_scope(&scope) => {
                return Err(refuse(number, "a scope's name is not one"));
            }
            PullLine::Grant { scope } => access.push((scope, true)),
            PullLine::Revoke { scope } => access.push((scope, false)),
            PullLine::Offer(_) if !changes.is_empty() => {
                return Err(refuse(number, "an offer follows a change"));
            }
            PullLine::Offer(offer) => {
                check_offer(number, &offer, &offers)?;
                offers.push(offer);
            }
            PullLine::Change(change) => {
                check_change(number, &change)?;
                changes.push(change);
            }
            PullLine::Checkpoint(last) => {
                check_numbers(number, &last)?;
                checkpoint = Some(last);
            }
        }
    }
    let checkpoint = checkpoint.ok_or(WireError::CutOff)?;
    check_sequence(&changes, &checkpoint)?;
    check_apart(&offers, &checkpoint)?;
    Ok(Page {
        access,
        offers,
        changes,
        checkpoint,
    })
}

/// A name on the wire is read as it is: whether it is one is asked here.
fn is_scope(scope: &Scope) -> bool {
    Scope::parse(scope.as_str()).is_some()
}

fn check_offer(line: usize, offer: &Offer, before: &[Offer]) -> Result<(), WireError> {
    if !is_scope(&offer.scope) {
        return Err(refuse(line, "a scope's name is not one"));
    }
    if !is_storable(offer.cursor.epoch) || !is_storable(offer.cursor.seq) {
        return Err(refuse(line, "a number is out of range"));
    }
    if before.iter().any(|other| other.scope == offer.scope) {
        return Err(refuse(line, "a second offer of the same scope"));
    }
    Ok(())
}

/// What is offered as a snapshot does not move by changes in the same answer.
fn check_apart(offers: &[Offer], checkpoint: &Checkpoint) -> Result<(), WireError> {
    let moves = |offer: &&Offer| checkpoint.cursors.contains_key(&offer.scope);
    match offers.iter().find(moves) {
        Some(offer) => Err(WireError::Contradiction {
            scope: offer.scope.clone(),
        }),
        None => Ok(()),
    }
}

fn check_change(line: usize, change: &Change) -> Result<(), WireError> {
    if !is_storable(change.seq) || !is_storable(change.version) {
        return Err(refuse(line, "a number is out of range"));
    }
    if change.kind.is_empty() || change.id.is_empty() || change.seq == 0 {
        return Err(refuse(line, "kind, id or seq is missing"));
    }
    match change.op {
        Op::Put if change.body.is_none() => Err(refuse(line, "a put without a body")),
        _ => Ok(()),
    }
}

fn check_numbers(line: usize, checkpoint: &Checkpoint) -> Result<(), WireError> {
    let fine = is_storable(checkpoint.last_cseq)
        && checkpoint
            .cursors
            .values()
            .all(|cursor| is_storable(cursor.seq) && is_storable(cursor.epoch));
    if fine {
        Ok(())
    } else {
        Err(refuse(line, "a number is out of range"))
    }
}

/// Within a feed each number is one more than the one before, and the checkpoint stands at the last.
fn check_sequence(changes: &[Change], checkpoint: &Checkpoint) -> Result<(), WireError> {
    let mut last: BTreeMap<&Scope, u64> = BTreeMap::new();
    for change in changes {
        let expected = last.get(&change.scope).map_or(change.seq, |seq| seq + 1);
        if change.seq != expected {
            return Err(gap(&change.scope, expected, change.seq));
        }
        last.insert(&change.scope, change.seq);
    }
    for (scope, seq) in last {
        let stands = checkpoint.cursors.get(scope).map_or(0, |cursor| cursor.seq);
        if stands != seq {
            return Err(gap(scope, seq, stands));
        }
    }
    Ok(())
}

fn gap(scope: &Scope, expected: u64, found: u64) -> WireError {
    WireError::Gap {
        scope: scope.clone(),
        expected,
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(lines: &[serde_json::Value]) -> Result<Page, WireError> {
        let lines = lines
            .iter()
            .map(|line| serde_json::from_value(line.clone()));
        read_page(lines.collect::<Result<_, _>>().unwrap())
    }

    fn change(scope: &str, seq: u64) -> serde_json::Value {
        json!({"change": {"scope": scope, "seq": seq, "kind": "wardrobe", "id": "w", "version": 1, "op": "put", "body": {}}})
    }

    fn checkpoint(cursors: serde_json::Value) -> serde_json::Value {
        let mut line = json!({"checkpoint": {"last_cseq": 0, "server_time": "2026-05-17T10:00:00Z", "more": false}});
        line["checkpoint"]["cursors"] = cursors;
        line
    }

    #[test]
    fn an_answer_without_a_checkpoint_is_cut_off() {
        assert_eq!(read(&[]).unwrap_err(), WireError::CutOff);
        assert_eq!(read(&[change("a", 1)]).unwrap_err(), WireError::CutOff);
    }

    #[test]
    fn a_gap_is_an_error() {
        let end = checkpoint(json!({"a": {"epoch": 1, "seq": 3}}));
        assert!(matches!(
            read(&[change("a", 1), change("a", 3), end.clone()]),
            Err(WireError::Gap {
                expected: 2,
                found: 3,
                ..
            })
        ));
        assert!(matches!(
            read(&[change("a", 1), change("a", 2), end.clone()]),
            Err(WireError::Gap {
                expected: 2,
                found: 3,
                ..
            })
        ));
        assert!(matches!(
            read(&[change("b", 1), end]),
            Err(WireError::Gap {
                expected: 1,
                found: 0,
                ..
            })
        ));
    }

    #[test]
    fn an_offer_comes_before_changes_and_its_scope_has_none() {
        let offer = |scope: &str, seq: u64| {
            json!({"offer": {"scope": scope, "cursor": {"epoch": 1, "seq": seq},
                "sum": {"rows": 1, "checksum": "00000000000000ab"}}})
        };
        let end = || checkpoint(json!({"a": {"epoch": 1, "seq": 1}}));
        let page = read(&[offer("b", 7), change("a", 1), end()]).unwrap();
        assert_eq!((page.offers().len(), page.offers()[0].cursor.seq), (1, 7));
        let late = read(&[change("a", 1), offer("b", 7), end()]);
        assert!(matches!(late, Err(WireError::Line { line: 2, .. })));
        let twice = read(&[offer("b", 7), offer("b", 8), end()]);
        assert!(matches!(twice, Err(WireError::Line { line: 2, .. })));
        let both = read(&[offer("a", 7), change("a", 1), end()]);
        assert!(matches!(both, Err(WireError::Contradiction { .. })));
        let far = read(&[offer("b", u64::MAX), end()]);
        assert!(matches!(far, Err(WireError::Line { line: 1, .. })));
        let grant = json!({"grant": {"scope": "b"}});
        let end = || checkpoint(json!({}));
        assert!(read(&[grant.clone(), offer("b", 7), end()]).is_ok());
        let late = read(&[offer("b", 7), grant, end()]);
        assert!(matches!(late, Err(WireError::Line { line: 2, .. })));
    }

    #[test]
    fn feeds_may_be_mixed() {
        let end = checkpoint(json!({"a": {"epoch": 1, "seq": 8}, "b": {"epoch": 1, "seq": 1}}));
        let page = read(&[change("a", 7), change("b", 1), change("a", 8), end]).unwrap();
        assert_eq!(page.changes().len(), 3);
    }

    #[test]
    fn order_and_bodies_are_checked() {
        let end = || checkpoint(json!({"a": {"epoch": 1, "seq": 1}}));
        let late = read(&[change("a", 1), json!({"grant": {"scope": "a"}}), end()]);
        assert!(matches!(late, Err(WireError::Line { line: 2, .. })));
        assert!(matches!(
            read(&[change("a", 1), end(), end()]),
            Err(WireError::Line { line: 3, .. })
        ));
        let mut bare = change("a", 1);
        bare["change"].as_object_mut().unwrap().remove("body");
        assert!(matches!(
            read(&[bare, end()]),
            Err(WireError::Line { line: 1, .. })
        ));
        assert!(matches!(
            read(&[change("a", u64::MAX), end()]),
            Err(WireError::Line { line: 1, .. })
        ));
    }

    proptest! {
        #[test]
        fn random_pages_never_panic(seqs in proptest::collection::vec((0_u8..3, any::<u64>()), 0..20), at in any::<u64>()) {
            let mut lines: Vec<_> = seqs.iter().map(|(scope, seq)| change(&format!("s{scope}"), *seq)).collect();
            lines.push(checkpoint(json!({"s0": {"epoch": at, "seq": at}})));
            let _ = read(&lines);
        }
    }
}
