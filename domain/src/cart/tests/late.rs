//! What comes too late is never dropped.

use super::fixture::*;
use crate::cart::*;

#[test]
fn during_a_checkout_commands_wait_and_are_applied_when_it_is_given_up() {
    let mut cart = held_cart("k");
    let begun = begin(&cart, "d-1", 1);
    turn(&mut cart, begun);
    assert_eq!(run(&mut cart, "late", change("a", 1)), Outcome::Held);
    assert_eq!(shown(&cart)[0].1, 2, "frozen");
    assert!(matches!(
        cart.notices.last().unwrap().kind,
        NoticeKind::HeldDuringCheckout { .. }
    ));
    let step = turn(&mut cart, CheckoutTurn::GiveUp { at: noon() });
    let order = cart.order_id();
    assert_eq!(step.duties, [Duty::Release { order }]);
    assert_eq!(cart.status, Status::Open);
    assert_eq!(shown(&cart)[0].1, 3);
    let again = run(&mut cart, "late", change("a", 1));
    assert_eq!(
        again,
        Outcome::Applied,
        "its repeat is told what became of it"
    );
    assert_eq!(shown(&cart)[0].1, 3);
}

#[test]
fn what_waited_begins_a_follow_up_when_the_order_is_made() {
    let mut cart = held_cart("k");
    let begun = begin(&cart, "d-1", 1);
    turn(&mut cart, begun);
    run(&mut cart, "late-1", new_line("c", "hat", 1));
    run(&mut cart, "late-2", change("b", -1));
    turn(&mut cart, CheckoutTurn::Pay { at: noon() });
    let paid = captured(&cart, 1, 3_000);
    turn(&mut cart, paid);
    let order = cart.order_id();
    turn(
        &mut cart,
        CheckoutTurn::Complete {
            order: order.clone(),
        },
    );
    assert_eq!((cart.generation, cart.status.clone()), (2, Status::Open));
    assert_eq!(cart.follows.as_ref(), Some(&order));
    assert_eq!(cart.orders[0].order, order);
    assert_eq!(shown(&cart), [("hat".to_owned(), 1)]);
    assert_ne!(cart.order_id(), order, "another generation, another order");
    let refused = Outcome::Refused {
        refusal: Refusal::TooLate { order },
    };
    assert_eq!(cart.decided[&command_id("late-2")].outcome, refused);
    assert!(matches!(
        cart.notices.last().unwrap().kind,
        NoticeKind::HeldThenRefused { .. }
    ));
}

#[test]
fn late_commands_on_sold_lines_leave_over_what_is_wanted_more() {
    let mut cart = ordered("k");
    let order = cart.order_id();
    let too_late = || Refusal::TooLate {
        order: order.clone(),
    };
    assert_eq!(refusal(run(&mut cart, "1", change("a", -1))), too_late());
    assert_eq!(
        refusal(run(&mut cart, "2", remove("a", "add-a", 1))),
        too_late()
    );
    assert_eq!(refusal(run(&mut cart, "3", set("a", 1, 1))), too_late());
    assert_eq!(
        run(&mut cart, "4", set("a", 2, 1)),
        Outcome::Applied,
        "as it was sold"
    );
    assert!(matches!(cart.status, Status::Ordered { .. }));
    assert_eq!(run(&mut cart, "5", change("a", 1)), Outcome::Applied);
    assert_eq!(
        (cart.generation, shown(&cart)),
        (2, vec![("boots".to_owned(), 1)])
    );
    run(&mut cart, "6", change("a", 1));
    assert_eq!(shown(&cart)[0].1, 2);
    run(&mut cart, "7", set("a", 5, 1));
    assert_eq!(
        shown(&cart),
        [("boots".to_owned(), 3)],
        "five, of which two are sold"
    );
    run(&mut cart, "8", change("a", -1));
    run(&mut cart, "9", set("b", 4, 1));
    assert_eq!(
        shown(&cart),
        [("boots".to_owned(), 2), ("mug".to_owned(), 3)]
    );
    assert_eq!(
        refusal(run(&mut cart, "10", remove("a", "add-a", 1))),
        too_late()
    );
    assert_eq!(
        refusal(run(&mut cart, "11", change("x", 1))),
        Refusal::UnknownLine
    );
}

#[test]
fn an_add_that_was_removed_before_it_came_stays_away_after_the_order_too() {
    let mut cart = ordered("k");
    assert_eq!(
        run(&mut cart, "r", remove("c", "add-c", 1)),
        Outcome::Applied
    );
    assert!(matches!(cart.status, Status::Ordered { .. }));
    let late = run(&mut cart, "add-c", new_line("c", "hat", 1));
    assert_eq!(refusal(late), Refusal::RemovedBefore);
    assert!(
        matches!(cart.status, Status::Ordered { .. }),
        "nothing is left over"
    );
}

#[test]
fn a_follow_up_is_ordered_like_any_cart() {
    let mut cart = ordered("k");
    let first = cart.order_id();
    run(&mut cart, "late", new_line("c", "hat", 3));
    let begun = begin(&cart, "d-1", 1);
    assert_eq!(turn(&mut cart, begun).outcome, Outcome::Applied);
    turn(&mut cart, CheckoutTurn::Pay { at: noon() });
    let paid = captured(&cart, 1, 3_000);
    turn(&mut cart, paid);
    let second = cart.order_id();
    turn(
        &mut cart,
        CheckoutTurn::Complete {
            order: second.clone(),
        },
    );
    let orders: Vec<_> = cart.orders.iter().map(|past| &past.order).collect();
    assert_eq!(orders, [&first, &second]);
    // The first order's money comes once more: nobody waits for it.
    let again = CheckoutTurn::Answer(PaymentAnswer {
        payment: payment_key(&first, 1),
        outcome: PaymentOutcome::Declined {
            code: "late".into(),
        },
        at: after(9),
    });
    assert_eq!(turn(&mut cart, again).duties, []);
    assert!(matches!(cart.status, Status::Ordered { .. }));
}
