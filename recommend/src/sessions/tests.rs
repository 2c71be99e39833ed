//! The index against a plain reading of the method, which sorts and counts without any index.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const SMALL: Bounds = Bounds {
    postings_per_item: 6,
    items_per_session: 5,
    sessions: 1_000,
    live_sessions: 8,
};
const REACH: Reach = Reach {
    candidates: 12,
    neighbours: 5,
    items: 4,
};

/// The method as the paper tells it, on plain lists.
fn plain_next_items(
    sessions: &[Vec<u32>],
    request: &[u32],
    bounds: Bounds,
    reach: Reach,
) -> Vec<Scored> {
    let sessions: Vec<Vec<u32>> = sessions
        .iter()
        .map(|items| distinct_newest(items, bounds.items_per_session))
        .collect();
    let mut items: Vec<u32> = Vec::new();
    for item in request.iter().take(reach.items as usize) {
        if !items.contains(item) {
            items.push(*item);
        }
    }
    let mut candidates: Vec<usize> = Vec::new();
    for item in &items {
        let having = (0..sessions.len())
            .rev()
            .filter(|rank| sessions[*rank].contains(item));
        candidates.extend(having.take(bounds.postings_per_item as usize));
    }
    candidates.sort_unstable_by(|a, b| b.cmp(a));
    candidates.dedup();
    // A session counts the shared items through whose posting list it is reached.
    let reached = |item: &u32, rank: usize| {
        let newer = (rank + 1..sessions.len())
            .filter(|other| sessions[*other].contains(item))
            .count();
        sessions[rank].contains(item) && newer < bounds.postings_per_item as usize
    };
    candidates.truncate(reach.candidates as usize);
    let mut ranked: Vec<(usize, usize, usize)> = candidates
        .iter()
        .map(|rank| {
            let shared: Vec<usize> = (0..items.len())
                .filter(|at| reached(&items[*at], *rank))
                .collect();
            (
                shared.iter().map(|at| items.len() - at).sum(),
                *rank,
                reach.items as usize - shared[0],
            )
        })
        .collect();
    ranked.sort_by(|a, b| b.cmp(a));
    ranked.truncate(reach.neighbours as usize);
    let mut votes: BTreeMap<u32, u64> = BTreeMap::new();
    for (similarity, rank, factor) in ranked {
        for item in &sessions[rank] {
            *votes.entry(*item).or_default() += (similarity * factor) as u64;
        }
    }
    let rarity = |item: u32| {
        let frequency = sessions
            .iter()
            .filter(|session| session.contains(&item))
            .count();
        u64::from(fixed::log2(sessions.len() as u32) - fixed::log2(frequency as u32) + 1)
    };
    let mut scored: Vec<Scored> = votes
        .into_iter()
        .map(|(item, votes)| Scored {
            item,
            score: votes * rarity(item),
        })
        .collect();
    scored.sort_by_key(|scored| (std::cmp::Reverse(scored.score), scored.item));
    scored
}

fn histories() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(0_u32..12, 1..8), 1..40)
}

proptest! {
    #[test]
    fn the_index_answers_what_the_plain_method_answers(
        sessions in histories(),
        request in prop::collection::vec(0_u32..14, 0..7),
    ) {
        let index = SessionIndex::build(&sessions, SMALL);
        let plain = plain_next_items(&sessions, &request, SMALL, REACH);
        prop_assert_eq!(index.next_items(&request, REACH, 100), plain);
    }

    #[test]
    fn appended_sessions_count_as_if_they_had_always_been_there(
        sessions in histories(),
        cut in 0_usize..40,
        request in prop::collection::vec(0_u32..14, 0..7),
    ) {
        let cut = cut.min(sessions.len());
        let mut live = SessionIndex::build(&sessions[..cut], SMALL);
        for session in &sessions[cut..] {
            live.append(session);
        }
        let whole = SessionIndex::build(&sessions, SMALL);
        prop_assert_eq!(live.next_items(&request, REACH, 100), whole.next_items(&request, REACH, 100));
        prop_assert_eq!(live.len(), whole.len());
    }

    #[test]
    fn a_session_that_grows_counts_as_if_it_had_come_whole(
        sessions in histories(),
        request in prop::collection::vec(0_u32..14, 0..7),
    ) {
        let bounds = Bounds { live_sessions: 100, items_per_session: 20, ..SMALL };
        let mut grown = SessionIndex::build(Vec::<Vec<u32>>::new(), bounds);
        let numbers: Vec<SessionNumber> = sessions.iter().map(|items| grown.append(&items[..1])).collect();
        for (number, items) in numbers.iter().zip(&sessions) {
            for item in &items[1..] {
                grown.extend(*number, *item);
            }
        }
        let whole = SessionIndex::build(&sessions, bounds);
        prop_assert_eq!(grown.next_items(&request, REACH, 100), whole.next_items(&request, REACH, 100));
    }

    #[test]
    fn the_shares_of_the_evidence_add_up_to_the_votes(
        sessions in histories(),
        request in prop::collection::vec(0_u32..12, 1..6),
    ) {
        let index = SessionIndex::build(&sessions, SMALL);
        let neighbours = index.neighbours(&request, REACH);
        for candidate in neighbours.best_next_items(100) {
            let shares: u64 = neighbours.shares(&[candidate.item])[0].iter().sum();
            let rarity = index.rarity(candidate.item, fixed::log2(index.len()));
            prop_assert_eq!(candidate.score, shares * u64::from(rarity));
        }
    }
}

#[test]
fn the_oldest_sessions_go_when_there_are_too_many() {
    let bounds = Bounds {
        sessions: 10,
        live_sessions: 4,
        ..SMALL
    };
    let mut index = SessionIndex::build(Vec::<Vec<u32>>::new(), bounds);
    let mut last = SessionNumber(0);
    for item in 0..50 {
        last = index.append(&[item, item + 1]);
    }
    assert!(index.len() <= 10 + 4);
    assert_eq!(last, SessionNumber(49));
    assert!(index.extend(last, 7), "the newest session can go on");
    assert!(!index.extend(last, 7), "an item counts once in a session");
    assert!(
        !index.extend(SessionNumber(0), 7),
        "a session that is gone cannot"
    );
    assert_eq!(index.frequency(3), 0);
    assert!(index.next_items(&[0], REACH, 5).is_empty());
}

#[test]
fn equal_scores_go_to_the_lower_number() {
    let index = SessionIndex::build([[1, 9], [1, 4], [1, 7]], Bounds::SESSIONS);
    let next: Vec<u32> = index
        .next_items(&[1], Reach::VMIS, 4)
        .iter()
        .map(|scored| scored.item)
        .collect();
    assert_eq!(next, [4, 7, 9, 1]);
}

#[test]
fn an_empty_request_or_index_answers_nothing() {
    let empty = SessionIndex::build(Vec::<Vec<u32>>::new(), Bounds::SESSIONS);
    assert!(empty.is_empty());
    assert!(empty.next_items(&[1, 2], Reach::VMIS, 5).is_empty());
    let index = SessionIndex::build([[1, 2]], Bounds::SESSIONS);
    assert!(index.next_items(&[], Reach::VMIS, 5).is_empty());
    assert!(index.next_items(&[1], Reach::VMIS, 0).is_empty());
}

#[test]
fn an_absurd_item_number_is_left_out() {
    let mut index = SessionIndex::build([[1, u32::MAX]], Bounds::SESSIONS);
    let session = index.append(&[1, ITEM_NUMBERS_END]);
    assert!(!index.extend(session, u32::MAX));
    assert!(index.extend(session, 2));
    assert_eq!(index.next_items(&[1, u32::MAX], Reach::VMIS, 9).len(), 2);
}
