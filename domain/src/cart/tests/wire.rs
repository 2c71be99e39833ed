//! Carts cross wires and rest in stores: what is written reads back, and signatures mean one thing.

use super::fixture::*;
use crate::cart::*;

fn capsule(commands: Vec<CartCommand>) -> Capsule {
    Capsule {
        opening: opening("k"),
        generation: 1,
        issuer: device("d-1"),
        fence: 3,
        made_at_device: noon(),
        commands,
    }
}

#[test]
fn every_state_of_a_cart_reads_back() {
    let mut frozen = held_cart("k");
    let begun = begin(&frozen, "d-1", 1);
    turn(&mut frozen, begun);
    run(&mut frozen, "late", change("a", 1));
    let (mut hers, mut guest) = (held_cart("hers"), held_cart("guest"));
    let (come, go) = merge(&hers, &guest, &command_id("m")).unwrap();
    hers.apply(&Entry::Absorb(come));
    guest.apply(&Entry::Depart(go));
    run(&mut guest, "late", change("a", 1));
    let mut follow_up = ordered("k");
    run(&mut follow_up, "late", change("a", 1));
    for cart in [frozen, hers, guest, ordered("k"), follow_up] {
        let text = serde_json::to_string(&cart).unwrap();
        assert_eq!(serde_json::from_str::<Cart>(&text).unwrap(), cart, "{text}");
    }
}

#[test]
fn entries_read_back() {
    let cart = held_cart("k");
    for entry in [
        Entry::Command(command("1", "d", remove("a", "add-a", 1))),
        Entry::Lease(cart.lease.clone()),
        Entry::Checkout(begin(&cart, "d-1", 1)),
        Entry::Checkout(captured(&cart, 1, 3_000)),
        Entry::Prices(vec![]),
    ] {
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            serde_json::from_str::<Entry>(&text).unwrap(),
            entry,
            "{text}"
        );
    }
}

#[test]
fn a_signature_is_over_everything_in_a_capsule() {
    let first = command("1", "d-1", new_line("a", "mug", 2));
    let base = capsule(vec![first.clone()]);
    let mut others = vec![capsule(vec![]), capsule(vec![first.clone(), first])];
    let mut change_one = |change: &dyn Fn(&mut Capsule)| {
        let mut other = base.clone();
        change(&mut other);
        others.push(other);
    };
    change_one(&|c| c.opening = opening("other"));
    change_one(&|c| c.opening.customer = crate::ids::CustomerId::parse("ada").ok());
    change_one(&|c| c.generation = 2);
    change_one(&|c| c.issuer = device("d-2"));
    change_one(&|c| c.fence = 4);
    change_one(&|c| c.made_at_device = after(1));
    change_one(&|c| c.commands[0].id = command_id("2"));
    change_one(&|c| c.commands[0].by.channel = Channel::Phone);
    change_one(&|c| c.commands[0].by.associate = crate::ids::AssociateId::parse("a").ok());
    change_one(&|c| c.commands[0].issued_at_device = after(1));
    change_one(&|c| c.commands[0].action = new_line("a", "mug", 3));
    change_one(&|c| c.commands[0].action = new_line("b", "mug", 2));
    change_one(&|c| c.commands[0].action = remove("a", "mug", 2));
    change_one(&|c| {
        if let Action::AddLine(line) = &mut c.commands[0].action {
            line.price = Some(price(1_000, 2));
        }
    });
    for other in others {
        assert_ne!(other.canonical_bytes(), base.canonical_bytes(), "{other:?}");
    }
}

#[test]
fn a_capsule_is_taken_once_and_by_another_device() {
    let commands = vec![
        command("1", "d-1", new_line("a", "mug", 2)),
        command("2", "d-1", change("a", 1)),
    ];
    let capsule = capsule(commands.clone());
    let mut cart = cart("k");
    assert_eq!(
        capsule.unknown_to(&device("d-1"), Some(&cart)),
        Err(CapsuleRefusal::OwnCapsule)
    );
    assert_eq!(capsule.unknown_to(&device("d-2"), None).unwrap(), commands);
    cart.apply(&Entry::Command(commands[0].clone()));
    let rest = capsule.unknown_to(&device("d-2"), Some(&cart)).unwrap();
    assert_eq!(rest, commands[1..]);
    cart.opening.currency = "JPY".parse().unwrap();
    let refused = capsule.unknown_to(&device("d-2"), Some(&cart));
    assert_eq!(refused, Err(CapsuleRefusal::AnotherCart));
}
