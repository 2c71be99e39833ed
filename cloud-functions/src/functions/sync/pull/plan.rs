//! Decides, from heads and cursors alone, what an answer has to tell.

use super::refusal::PullRefusal;
use crate::feed::{Head, SnapshotAt};
use domain::api::sync::{Cursor, Offer, PullLine, PullRequest, SCHEMA, Scope, Sum};

/// The most cursors in one request: what a device is granted, and as many again that it no longer is.
const MAX_CURSORS: usize = 256;

/// What an answer has to tell.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Grants and revocations, then offers of snapshots.
    pub(super) access: Vec<PullLine>,
    /// Where each granted feed is read from, but those that a snapshot is offered of.
    pub(super) stands: Vec<Stand>,
}

/// Where a feed is read from, and where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stand {
    /// Which feed.
    pub(super) scope: Scope,
    /// What the device said.
    pub(super) told: Option<Cursor>,
    /// Everything up to here is on the device.
    pub(super) from: Cursor,
    /// The feed's last number.
    pub(super) head: u64,
    /// What the scope holds at `head`.
    pub(super) sum: Sum,
}

impl Stand {
    /// How many changes the device lacks.
    pub(super) fn backlog(&self) -> u64 {
        self.head.saturating_sub(self.from.seq)
    }
}

/// Refuses what no plan can be made of.
pub(super) fn check(request: &PullRequest) -> Result<(), PullRefusal> {
    if request.schema != SCHEMA {
        return Err(PullRefusal::Schema);
    }
    if request.cursors.len() > MAX_CURSORS {
        return Err(PullRefusal::TooManyCursors(MAX_CURSORS));
    }
    let is_scope = |scope: &Scope| Scope::parse(scope.as_str()).is_some();
    if !request.cursors.keys().all(is_scope) {
        return Err(PullRefusal::BadScope);
    }
    Ok(())
}

/// Plans an answer: `heads` are those of the granted feeds.
pub(super) fn plan(heads: &[(&Scope, Head)], request: &PullRequest) -> Result<Plan, PullRefusal> {
    let is_granted = |scope: &Scope| heads.iter().any(|(granted, _)| *granted == scope);
    let mut plan = Plan::default();
    for scope in request.cursors.keys().filter(|scope| !is_granted(scope)) {
        plan.revoke(scope);
    }
    let mut offers = Vec::new();
    for (scope, head) in heads {
        if head.min_schema > request.schema {
            return Err(PullRefusal::Schema);
        }
        let told = request.cursors.get(scope).copied();
        let at = place(told, head);
        if told.is_none() {
            plan.grant(scope);
        }
        match (at, head.snapshot) {
            (Place::At(seq), _) => plan.stand(scope, told, seq, head),
            (Place::Empty | Place::Anew, Some(snapshot)) => {
                offers.push(offer(scope, head, snapshot));
            }
            (_, None) if head.floor > 0 => return Err(PullRefusal::NoSnapshot((*scope).clone())),
            (Place::Empty, None) => plan.stand(scope, told, 0, head),
            (Place::Anew, None) => {
                plan.revoke(scope);
                plan.grant(scope);
                plan.stand(scope, told, 0, head);
            }
        }
    }
    plan.access.extend(offers);
    Ok(plan)
}

impl Plan {
    fn grant(&mut self, scope: &Scope) {
        let scope = scope.clone();
        self.access.push(PullLine::Grant { scope });
    }

    fn revoke(&mut self, scope: &Scope) {
        let scope = scope.clone();
        self.access.push(PullLine::Revoke { scope });
    }

    fn stand(&mut self, scope: &Scope, told: Option<Cursor>, seq: u64, head: &Head) {
        let epoch = head.epoch;
        self.stands.push(Stand {
            scope: scope.clone(),
            told,
            from: Cursor { epoch, seq },
            head: head.seq,
            sum: head.sum,
        });
    }
}

fn offer(scope: &Scope, head: &Head, snapshot: SnapshotAt) -> PullLine {
    PullLine::Offer(Offer {
        scope: scope.clone(),
        cursor: Cursor {
            epoch: head.epoch,
            seq: snapshot.seq,
        },
        sum: snapshot.sum,
    })
}

/// Where a device stands in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It holds nothing of it.
    Empty,
    /// It holds everything up to this number.
    At(u64),
    /// What it holds is of another life of the feed, its tail is gone, or the feed does not have so much (the cloud was
    /// set back): it begins anew.
    Anew,
}

fn place(cursor: Option<Cursor>, head: &Head) -> Place {
    match cursor {
        None | Some(Cursor { seq: 0, .. }) => Place::Empty,
        Some(cursor) if cursor.epoch != head.epoch => Place::Anew,
        Some(cursor) if (head.floor..=head.seq).contains(&cursor.seq) => Place::At(cursor.seq),
        Some(_) => Place::Anew,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn scope(name: &str) -> Scope {
        Scope::parse(name).unwrap()
    }

    fn request(cursors: &[(&str, u64, u64)]) -> PullRequest {
        let cursor = |&(name, epoch, seq): &(&str, u64, u64)| (scope(name), Cursor { epoch, seq });
        PullRequest {
            schema: SCHEMA,
            cursors: cursors.iter().map(cursor).collect::<BTreeMap<_, _>>(),
            limit: 10,
            wait_ms: 0,
            verify: false,
        }
    }

    fn head(epoch: u64, seq: u64) -> Head {
        Head {
            epoch,
            seq,
            ..Head::default()
        }
    }

    /// What is told of access, and from where the feed is read, if it is.
    fn summary(head: Head, cursors: &[(&str, u64, u64)]) -> (Vec<String>, Option<u64>) {
        let a = scope("a");
        let plan = plan(&[(&a, head)], &request(cursors)).unwrap();
        let access = plan.access.iter().map(|line| match line {
            PullLine::Grant { scope } => format!("+{scope}"),
            PullLine::Revoke { scope } => format!("-{scope}"),
            PullLine::Offer(offer) => format!("{}@{}", offer.scope, offer.cursor.seq),
            _ => "?".to_owned(),
        });
        let from = plan.stands.first().map(|stand| stand.from.seq);
        (access.collect(), from)
    }

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_new_feed_is_granted_and_a_foreign_one_revoked() {
        assert_eq!(summary(head(1, 9), &[]), (lines(&["+a"]), Some(0)));
        assert_eq!(summary(head(1, 9), &[("a", 1, 4)]), (vec![], Some(4)));
        let foreign = summary(head(1, 9), &[("a", 1, 4), ("b", 1, 2)]);
        assert_eq!(foreign, (lines(&["-b"]), Some(4)));
    }

    #[test]
    fn another_epoch_and_a_feed_that_was_set_back_begin_anew_with_nothing() {
        let anew = (lines(&["-a", "+a"]), Some(0));
        assert_eq!(summary(head(2, 9), &[("a", 1, 4)]), anew);
        assert_eq!(summary(head(1, 9), &[("a", 2, 4)]), anew);
        assert_eq!(summary(head(1, 9), &[("a", 1, 10)]), anew);
        assert_eq!(summary(head(1, 9), &[("a", 1, 9)]), (vec![], Some(9)));
        assert_eq!(summary(head(2, 9), &[("a", 1, 0)]), (vec![], Some(0)));
    }

    #[test]
    fn who_cannot_go_on_is_offered_a_snapshot_and_keeps_its_rows_meanwhile() {
        let at = |seq| SnapshotAt {
            seq,
            sum: Sum::default(),
            form: 1,
        };
        let head = Head {
            floor: 5,
            snapshot: Some(at(8)),
            ..head(1, 9)
        };
        let offered = (lines(&["a@8"]), None);
        assert_eq!(summary(head.clone(), &[]), (lines(&["+a", "a@8"]), None));
        for cursor in [("a", 1, 0), ("a", 1, 4), ("a", 2, 7), ("a", 1, 10)] {
            assert_eq!(summary(head.clone(), &[cursor]), offered, "{cursor:?}");
        }
        for seq in [5, 7, 9] {
            let told = summary(head.clone(), &[("a", 1, seq)]);
            assert_eq!(told, (vec![], Some(seq)), "its tail is still there");
        }
    }

    #[test]
    fn what_a_feed_cannot_serve_is_refused() {
        let a = scope("a");
        let lost = Head {
            floor: 5,
            ..head(1, 9)
        };
        for cursors in [&[][..], &[("a", 1, 0)], &[("a", 1, 4)], &[("a", 2, 7)]] {
            let below = plan(&[(&a, lost.clone())], &request(cursors));
            assert!(
                matches!(below, Err(PullRefusal::NoSnapshot(_))),
                "{cursors:?}"
            );
        }
        assert!(plan(&[(&a, lost)], &request(&[("a", 1, 5)])).is_ok());
        let newer = Head {
            min_schema: SCHEMA + 1,
            ..head(1, 9)
        };
        let refused = plan(&[(&a, newer)], &request(&[]));
        assert!(matches!(refused, Err(PullRefusal::Schema)));
    }

    #[test]
    fn a_request_is_checked_before_anything_is_read() {
        let older = PullRequest {
            schema: SCHEMA + 1,
            ..request(&[])
        };
        assert!(matches!(check(&older), Err(PullRefusal::Schema)));
        let mut odd = request(&[]);
        let hash: Scope = serde_json::from_str("\"a#b\"").unwrap();
        odd.cursors.insert(hash, Cursor::default());
        assert!(matches!(check(&odd), Err(PullRefusal::BadScope)));
        let names: Vec<_> = (0..=MAX_CURSORS).map(|n| format!("s{n}")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), 1, 1)).collect();
        assert!(matches!(
            check(&request(&many)),
            Err(PullRefusal::TooManyCursors(_))
        ));
    }
}
