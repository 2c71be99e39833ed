//! A code is claimed at most once, and only the lease moves.

use super::fixture::*;
use crate::cart::*;
use proptest::prelude::*;

fn offered() -> (Lease, Handoff, Shown) {
    let cart = held_cart("k");
    let random = std::array::from_fn(|n| u8::try_from(n * 7 % 251).unwrap());
    let (handoff, shown) = issue(
        &cart.opening.id,
        &cart.lease,
        &device("d-1"),
        &random,
        noon(),
    )
    .unwrap();
    (cart.lease, handoff, shown)
}

fn claimant(by: &str, nonce: &str) -> Claimant {
    Claimant {
        device: device(by),
        channel: Channel::Phone,
        nonce: nonce.to_owned(),
    }
}

fn scanned(shown: &Shown) -> Proof {
    let secret = shown.secret.clone();
    Proof::Secret { secret }
}

#[test]
fn a_claim_moves_the_lease_and_its_repeat_is_the_same_claim() {
    let (lease, handoff, shown) = offered();
    let me = claimant("d-2", "n");
    let typed = Proof::Code {
        code: format!("{}-{}", &shown.code[..4], &shown.code[4..]).to_lowercase(),
    };
    assert_eq!(typed.handoff_id(), Some(handoff.by_code.clone()));
    assert_eq!(
        scanned(&shown).handoff_id(),
        Some(handoff.by_secret.clone())
    );
    let claimed = handoff.claim(&lease, &typed, &me, after(119)).unwrap();
    let (used, moved) = claimed.changed.unwrap();
    assert_eq!((claimed.claim.fence, moved.fence), (2, 2));
    assert_eq!(moved.holder(after(119)).unwrap().device, device("d-2"));
    assert!(moved.may_check_out(&device("d-1"), 1, after(119)).is_err());
    let again = used
        .claim(&moved, &scanned(&shown), &me, after(9_999))
        .unwrap();
    assert_eq!(
        again,
        Claimed {
            claim: claimed.claim,
            changed: None
        }
    );
    for other in [claimant("d-2", "m"), claimant("d-3", "n")] {
        let refused = used.claim(&moved, &scanned(&shown), &other, after(1));
        assert_eq!(refused, Err(HandoffRefusal::Used));
    }
}

#[test]
fn a_code_ends_in_time_and_with_the_fence_it_was_made_for() {
    let (lease, handoff, shown) = offered();
    let me = claimant("d-2", "n");
    let proof = scanned(&shown);
    let late = after(HANDOFF_SECONDS.into());
    assert_eq!(
        handoff.claim(&lease, &proof, &me, late),
        Err(HandoffRefusal::Expired)
    );
    let moved = lease.transfer(&device("d-3"), Channel::Kiosk, noon());
    assert_eq!(
        handoff.claim(&moved, &proof, &me, noon()),
        Err(HandoffRefusal::Superseded)
    );
    let withdrawn = handoff.withdraw();
    assert_eq!(
        withdrawn.claim(&lease, &proof, &me, noon()),
        Err(HandoffRefusal::Withdrawn)
    );
    let mut other = handoff;
    other.fence = 7;
    assert_eq!(
        other.claim(&lease, &proof, &me, noon()),
        Err(HandoffRefusal::Unknown),
        "the seal is good for one fence"
    );
    let cart = held_cart("k");
    let stranger = issue(
        &cart.opening.id,
        &cart.lease,
        &device("d-9"),
        &[0; 24],
        noon(),
    );
    assert!(stranger.is_err(), "only who holds a cart can hand it over");
}

#[test]
fn neither_code_is_stored() {
    let (_, handoff, shown) = offered();
    let stored = serde_json::to_string(&handoff).unwrap();
    assert!(!stored.contains(&shown.secret) && !stored.contains(&shown.code));
    assert_eq!((shown.secret.len(), shown.code.len()), (32, CODE_CHARS));
}

#[test]
fn codes_are_read_as_people_type_them() {
    assert_eq!(read_code("abcd-2o1l"), Some("ABCD2011".to_owned()));
    for bad in [
        "",
        "ABCD234",
        "ABCD23456",
        "ABCD234U",
        "ABCD234é",
        "ABCD234#",
    ] {
        assert_eq!(read_code(bad), None, "{bad}");
    }
    for secret in ["", "é", &"g".repeat(32), &"a".repeat(31)] {
        let secret = secret.to_owned();
        assert_eq!(Proof::Secret { secret }.handoff_id(), None);
    }
}

#[test]
fn five_tries_and_then_a_wait() {
    let mut tries = Tries::default();
    for second in 0..i64::from(MAX_TRIES) {
        tries = tries.one_more(after(second)).unwrap();
    }
    assert_eq!(tries.one_more(after(10)), Err(TRIES_MEMORY_SECONDS - 10));
    let fresh = tries.one_more(after(TRIES_MEMORY_SECONDS)).unwrap();
    assert_eq!(fresh.count, 1);
}

#[test]
fn a_lease_is_claimed_renewed_and_given_back() {
    let free = Lease::default();
    let (one, two) = (device("d-1"), device("d-2"));
    let mine = free.claim(&one, Channel::Tablet, noon()).unwrap();
    assert_eq!(mine.fence, 1);
    let held = mine.claim(&two, Channel::Phone, after(LEASE_SECONDS - 1));
    assert!(matches!(
        held,
        Err(LeaseRefusal::Held {
            channel: Channel::Tablet,
            ..
        })
    ));
    let longer = mine.renew(&one, 1, after(LEASE_SECONDS + 5)).unwrap();
    assert_eq!(longer.fence, 1, "nobody had it meanwhile");
    assert!(
        longer
            .may_check_out(&one, 1, after(LEASE_SECONDS + 6))
            .is_ok()
    );
    let taken = mine
        .claim(&two, Channel::Phone, after(LEASE_SECONDS))
        .unwrap();
    assert_eq!(taken.fence, 2);
    assert!(taken.renew(&one, 1, after(LEASE_SECONDS)).is_err());
    assert!(taken.release(&one, 1).is_err());
    let given = taken.release(&two, 2).unwrap();
    assert_eq!(given.claim(&one, Channel::Tablet, noon()).unwrap().fence, 3);
}

proptest! {
    /// Devices race for one code, repeat themselves, and hear old states: one wins.
    #[test]
    fn i17_a_code_is_claimed_at_most_once(
        tries in prop::collection::vec((0_u8..3, 0_u8..2, any::<bool>(), 0_i64..240), 1..20),
    ) {
        let (mut lease, mut handoff, shown) = offered();
        let mut winners = std::collections::BTreeSet::new();
        for (by, nonce, typed, second) in tries {
            let me = claimant(&format!("d-{by}x"), &nonce.to_string());
            let proof = if typed {
                Proof::Code { code: shown.code.clone() }
            } else {
                scanned(&shown)
            };
            let Ok(claimed) = handoff.claim(&lease, &proof, &me, after(second)) else {
                continue;
            };
            prop_assert_eq!(claimed.claim.fence, 2);
            winners.insert((me.device, me.nonce));
            if let Some((used, moved)) = claimed.changed {
                prop_assert_eq!(moved.fence, lease.fence + 1);
                (handoff, lease) = (used, moved);
            }
        }
        prop_assert!(winners.len() <= 1);
        prop_assert!(lease.fence <= 2);
    }

    #[test]
    fn a_spelled_code_is_one_that_can_be_typed(random in any::<[u8; 8]>()) {
        let code = spell_code(&random);
        prop_assert_eq!(read_code(&code), Some(code));
    }
}
