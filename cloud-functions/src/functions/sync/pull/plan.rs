//! Decides, from heads and cursors alone, what an answer has to tell.

use super::refusal::PullRefusal;
use crate::feed::Head;
use domain::api::sync::{Cursor, PullLine, PullRequest, SCHEMA, Scope};

/// The most cursors in one request: what a device is granted, and as many again that it no longer is.
const MAX_CURSORS: usize = 256;

/// What an answer has to tell.
#[derive(Debug)]
pub(super) struct Plan {
    /// Grants and revocations.
    pub(super) access: Vec<PullLine>,
    /// Where each granted feed is read from.
    pub(super) stands: Vec<Stand>,
}

/// Where a feed is read from, and where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stand {
    /// Which feed.
    pub(super) scope: Scope,
    /// Everything up to here is on the device.
    pub(super) from: Cursor,
    /// The feed's last number.
    pub(super) head: u64,
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
    let mut access: Vec<PullLine> = request
        .cursors
        .keys()
        .filter(|scope| !is_granted(scope))
        .map(|scope| PullLine::Revoke {
            scope: scope.clone(),
        })
        .collect();
    let mut stands = Vec::with_capacity(heads.len());
    for (scope, head) in heads {
        if head.min_schema > request.schema {
            return Err(PullRefusal::Schema);
        }
        let scope = (*scope).clone();
        let at = place(request.cursors.get(&scope), head);
        let from = match at {
            Place::Anew if head.floor > 0 => return Err(PullRefusal::SnapshotNeeded(scope)),
            Place::Ahead => return Err(PullRefusal::CursorAhead(scope)),
            Place::New | Place::Empty | Place::Anew => 0,
            Place::At(seq) => seq,
        };
        if at == Place::Anew {
            access.push(PullLine::Revoke {
                scope: scope.clone(),
            });
        }
        if matches!(at, Place::Anew | Place::New) {
            access.push(PullLine::Grant {
                scope: scope.clone(),
            });
        }
        stands.push(Stand {
            scope,
            from: Cursor {
                epoch: head.epoch,
                seq: from,
            },
            head: head.seq,
        });
    }
    Ok(Plan { access, stands })
}

/// Where a device stands in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It does not know the feed.
    New,
    /// It knows it, and holds nothing of it.
    Empty,
    /// It holds everything up to this number.
    At(u64),
    /// What it holds is of another life of the feed, or its tail is gone: it begins anew.
    Anew,
    /// It claims what the feed does not have.
    Ahead,
}

fn place(cursor: Option<&Cursor>, head: &Head) -> Place {
    match cursor {
        // Nothing can be missing where nothing is gone; else even the new need a snapshot.
        None | Some(Cursor { seq: 0, .. }) if head.floor > 0 => Place::Anew,
        None => Place::New,
        Some(Cursor { seq: 0, .. }) => Place::Empty,
        Some(cursor) if cursor.epoch != head.epoch || cursor.seq < head.floor => Place::Anew,
        Some(cursor) if cursor.seq > head.seq => Place::Ahead,
        Some(cursor) => Place::At(cursor.seq),
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

    fn summary(head: Head, cursors: &[(&str, u64, u64)]) -> (Vec<String>, u64) {
        let a = scope("a");
        let plan = plan(&[(&a, head)], &request(cursors)).unwrap();
        let access = plan.access.iter().map(|line| match line {
            PullLine::Grant { scope } => format!("+{scope}"),
            PullLine::Revoke { scope } => format!("-{scope}"),
            _ => "?".to_owned(),
        });
        (access.collect(), plan.stands[0].from.seq)
    }

    #[test]
    fn a_new_feed_is_granted_and_a_foreign_one_revoked() {
        assert_eq!(summary(head(1, 9), &[]), (vec!["+a".to_owned()], 0));
        assert_eq!(summary(head(1, 9), &[("a", 1, 4)]), (vec![], 4));
        let foreign = summary(head(1, 9), &[("a", 1, 4), ("b", 1, 2)]);
        assert_eq!(foreign, (vec!["-b".to_owned()], 4));
    }

    #[test]
    fn another_epoch_begins_anew_with_nothing() {
        let anew = (vec!["-a".to_owned(), "+a".to_owned()], 0);
        assert_eq!(summary(head(2, 9), &[("a", 1, 4)]), anew);
        assert_eq!(summary(head(1, 9), &[("a", 2, 4)]), anew);
        assert_eq!(summary(head(2, 9), &[("a", 1, 0)]), (vec![], 0));
    }

    #[test]
    fn what_a_feed_cannot_serve_is_refused() {
        let a = scope("a");
        let ahead = plan(&[(&a, head(1, 9))], &request(&[("a", 1, 10)]));
        assert!(matches!(ahead, Err(PullRefusal::CursorAhead(_))));
        let short = Head {
            floor: 5,
            ..head(1, 9)
        };
        for cursors in [&[][..], &[("a", 1, 0)], &[("a", 1, 4)], &[("a", 2, 7)]] {
            let below = plan(&[(&a, short.clone())], &request(cursors));
            assert!(
                matches!(below, Err(PullRefusal::SnapshotNeeded(_))),
                "{cursors:?}"
            );
        }
        assert!(plan(&[(&a, short)], &request(&[("a", 1, 5)])).is_ok());
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
