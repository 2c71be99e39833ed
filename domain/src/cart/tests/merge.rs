//! A guest signs in: two carts become one, and can be two again.

use super::fixture::*;
use crate::cart::*;
use proptest::prelude::*;

fn go(target: &mut Cart, source: &mut Cart) {
    let (absorption, departure) = merge(target, source, &command_id("m")).unwrap();
    let (come, go) = (Entry::Absorb(absorption), Entry::Depart(departure));
    assert_eq!(target.apply(&come).outcome, Outcome::Applied);
    assert_eq!(source.apply(&go).outcome, Outcome::Applied);
    let once = (target.clone(), source.clone());
    target.apply(&come);
    source.apply(&go);
    assert_eq!(
        (target.clone(), source.clone()),
        once,
        "a repeat is the same merge"
    );
}

fn back(target: &mut Cart, source: &mut Cart) {
    let undone = undo_merge(target, source, &command_id("m")).unwrap();
    let entry = Entry::UndoMerge(undone);
    assert_eq!(target.apply(&entry).outcome, Outcome::Applied);
    assert_eq!(source.apply(&entry).outcome, Outcome::Applied);
}

/// Hers has a mug and two boots, the guest's three boots and a hat.
fn two() -> (Cart, Cart) {
    let (mut hers, mut guest) = (cart("hers"), cart("guest"));
    run(&mut hers, "h1", new_line("h1", "mug", 1));
    run(&mut hers, "h2", new_line("h2", "boots", 2));
    run(&mut guest, "g1", new_line("g1", "boots", 3));
    run(&mut guest, "g2", new_line("g2", "hat", 1));
    (hers, guest)
}

fn pairs(list: &[(&str, u32)]) -> Vec<(String, u32)> {
    list.iter()
        .map(|(sku, n)| ((*sku).to_owned(), *n))
        .collect()
}

#[test]
fn the_larger_quantity_stays_and_everything_else_is_kept_apart() {
    let (mut hers, mut guest) = two();
    let before = (hers.lines.clone(), guest.lines.clone());
    go(&mut hers, &mut guest);
    assert_eq!(shown(&hers), pairs(&[("mug", 1), ("boots", 3), ("hat", 1)]));
    assert_eq!(guest.lines, before.1, "it can still be read");
    assert!(matches!(&guest.status, Status::Merged(d) if d.into == hers.opening.id));
    back(&mut hers, &mut guest);
    assert_eq!(shown(&hers), pairs(&[("mug", 1), ("boots", 2)]));
    assert_eq!(
        (guest.status.clone(), &guest.lines),
        (Status::Open, &before.1)
    );
    assert_eq!(
        undo_merge(&hers, &guest, &command_id("m")),
        Err(MergeRefusal::Unknown)
    );
}

#[test]
fn another_source_of_the_price_is_another_line() {
    let (mut hers, mut guest) = two();
    let by = crate::ids::AssociateId::parse("a-1").unwrap();
    guest.lines[0].price.as_mut().unwrap().source = PriceSource::Agreed { by };
    go(&mut hers, &mut guest);
    assert_eq!(
        shown(&hers),
        pairs(&[("mug", 1), ("boots", 2), ("boots", 3), ("hat", 1)])
    );
}

#[test]
fn what_was_done_since_the_merge_stays_where_it_was_done() {
    let (mut hers, mut guest) = two();
    go(&mut hers, &mut guest);
    run(&mut hers, "more", change("h2", 4));
    let hat = hers.lines[2].clone();
    run(&mut hers, "hats", change(hat.id.as_str(), 2));
    back(&mut hers, &mut guest);
    assert_eq!(shown(&hers), pairs(&[("mug", 1), ("boots", 6), ("hat", 2)]));
    assert_eq!(shown(&guest), pairs(&[("boots", 3), ("hat", 1)]));
}

#[test]
fn fewer_since_the_merge_never_takes_what_was_hers_before() {
    let (mut hers, mut guest) = two();
    go(&mut hers, &mut guest);
    run(&mut hers, "fewer", set("h2", 1, 2));
    back(&mut hers, &mut guest);
    assert_eq!(shown(&hers), pairs(&[("mug", 1), ("boots", 1)]));
}

#[test]
fn what_was_taken_away_since_does_not_come_back_with_the_guest() {
    let (mut hers, mut guest) = two();
    go(&mut hers, &mut guest);
    let hat = hers.lines[2].clone();
    run(&mut hers, "r", remove(hat.id.as_str(), "g2", 1));
    back(&mut hers, &mut guest);
    assert_eq!(shown(&guest), pairs(&[("boots", 3)]));
    assert_eq!(
        refusal(run(&mut guest, "c", change("g2", 1))),
        Refusal::LineGone
    );
}

#[test]
fn late_commands_on_the_cart_that_went_are_told_to_the_other() {
    let (mut hers, mut guest) = two();
    go(&mut hers, &mut guest);
    for (id, action) in [
        ("late-1", change("g2", 2)),
        ("late-2", new_line("g3", "tent", 1)),
        ("late-3", change("g3", 1)),
        ("late-4", remove("g2", "g2", 1)),
    ] {
        let Outcome::Forwarded { into, command } = run(&mut guest, id, action.clone()) else {
            panic!("{id} is forwarded");
        };
        assert_eq!(into, hers.opening.id);
        assert_eq!(
            hers.apply(&Entry::Command(*command)).outcome,
            Outcome::Applied,
            "{id}"
        );
    }
    assert_eq!(
        shown(&hers),
        pairs(&[("mug", 1), ("boots", 3), ("tent", 2)])
    );
}

#[test]
fn carts_that_cannot_merge_say_why() {
    let (mut hers, mut guest) = two();
    let id = command_id("m");
    assert_eq!(merge(&hers, &hers, &id), Err(MergeRefusal::SameCart));
    let mut foreign = guest.clone();
    foreign.opening.currency = "JPY".parse().unwrap();
    assert_eq!(merge(&hers, &foreign, &id), Err(MergeRefusal::Currencies));
    let bought = ordered("b");
    let cart = bought.opening.id.clone();
    assert_eq!(
        merge(&bought, &guest, &id),
        Err(MergeRefusal::NotOpen { cart })
    );
    let (absorption, departure) = merge(&hers, &guest, &id).unwrap();
    run(&mut hers, "x", change("h1", 1));
    run(&mut guest, "x", change("g1", 1));
    let stale = hers.apply(&Entry::Absorb(absorption)).outcome;
    assert!(matches!(refusal(stale), Refusal::VersionMoved { .. }));
    let stale = guest.apply(&Entry::Depart(departure)).outcome;
    assert!(matches!(refusal(stale), Refusal::VersionMoved { .. }));
}

proptest! {
    /// Merging loses no item, and undoing gives both carts what they had.
    #[test]
    fn a_merge_and_its_undoing_lose_nothing(
        hers in prop::collection::vec((0_u8..4, 1_u32..9), 0..6),
        guests in prop::collection::vec((0_u8..4, 1_u32..9), 0..6),
    ) {
        let fill = |name: &str, list: &[(u8, u32)]| {
            let mut cart = cart(name);
            for (n, (sku, quantity)) in list.iter().enumerate() {
                let line = format!("{name}-{n}");
                run(&mut cart, &line, new_line(&line, &format!("s{sku}"), *quantity));
            }
            cart
        };
        let (mut target, mut source) = (fill("hers", &hers), fill("guest", &guests));
        let before = (shown(&target), shown(&source));
        go(&mut target, &mut source);
        for list in [&before.0, &before.1] {
            for (sku, _) in list {
                let most = |list: &[(String, u32)]| {
                    list.iter().filter(|(s, _)| s == sku).map(|(_, n)| *n).max()
                };
                prop_assert!(most(&shown(&target)) >= most(list));
            }
        }
        let pieces = |list: &[(String, u32)]| list.iter().map(|(_, n)| n).sum::<u32>();
        let (a, b) = (pieces(&before.0), pieces(&before.1));
        let merged = pieces(&shown(&target));
        prop_assert!(a.max(b) <= merged && merged <= a + b);
        back(&mut target, &mut source);
        prop_assert_eq!((shown(&target), shown(&source)), before);
    }
}
