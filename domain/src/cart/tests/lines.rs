//! What single commands do.

use super::fixture::*;
use crate::cart::*;
use crate::ids::CustomerId;
use proptest::prelude::*;

#[test]
fn a_repeat_changes_nothing_and_another_command_under_its_id_is_refused() {
    let mut cart = cart("k");
    assert_eq!(
        run(&mut cart, "1", new_line("a", "mug", 2)),
        Outcome::Applied
    );
    let once = cart.clone();
    assert_eq!(
        run(&mut cart, "1", new_line("a", "mug", 2)),
        Outcome::Applied
    );
    let other = run(&mut cart, "1", new_line("a", "mug", 3));
    assert_eq!(refusal(other), Refusal::CommandMismatch);
    assert_eq!(cart, once);
}

#[test]
fn quantities_never_show_below_nothing_and_one_more_than_nothing_is_one() {
    let mut cart = cart("k");
    run(&mut cart, "1", new_line("a", "mug", 1));
    run(&mut cart, "2", change("a", -3));
    assert_eq!(cart.lines[0].quantity(), 0);
    assert_eq!(cart.lines.len(), 1, "a line of none stays");
    let more = cart.lines[0].step(1);
    run(&mut cart, "3", more);
    assert_eq!(cart.lines[0].quantity(), 1);
    assert_eq!(cart.lines[0].step(1), change("a", 1));
}

#[test]
fn of_two_sets_the_later_wins_and_everybody_is_told() {
    let mut cart = cart("k");
    run(&mut cart, "1", new_line("a", "mug", 1));
    run(&mut cart, "2", set("a", 5, 1));
    assert!(cart.notices.is_empty(), "she had seen the line as it was");
    run(&mut cart, "3", set("a", 3, 1));
    assert_eq!(cart.lines[0].quantity(), 3);
    let notice = cart.notices.last().unwrap();
    assert_eq!(notice.command, Some(command_id("3")));
    assert_eq!(notice.version, cart.version);
    assert!(
        matches!(
            notice.kind,
            NoticeKind::StaleQuantity {
                before: 5,
                now: 3,
                ..
            }
        ),
        "{notice:?}"
    );
}

#[test]
fn a_remove_takes_what_it_saw_and_says_where_it_had_moved() {
    let mut cart = cart("k");
    run(&mut cart, "1", new_line("a", "mug", 1));
    run(&mut cart, "2", new_line("b", "mug", 1));
    run(&mut cart, "3", change("a", 2));
    assert_eq!(run(&mut cart, "4", remove("a", "1", 1)), Outcome::Applied);
    assert_eq!(shown(&cart), [("mug".to_owned(), 1)], "the other add stays");
    let told = &cart.notices.last().unwrap().kind;
    assert!(matches!(
        told,
        NoticeKind::RemovedWhileChanged { quantity: 3, .. }
    ));
    assert_eq!(
        refusal(run(&mut cart, "5", change("a", 1))),
        Refusal::LineGone
    );
    assert_eq!(
        refusal(run(&mut cart, "6", change("x", 1))),
        Refusal::UnknownLine
    );
}

#[test]
fn an_add_that_comes_after_its_observed_remove_stays_away() {
    let mut cart = cart("k");
    assert_eq!(run(&mut cart, "2", remove("a", "1", 1)), Outcome::Applied);
    let late = run(&mut cart, "1", new_line("a", "mug", 1));
    assert_eq!(refusal(late), Refusal::RemovedBefore);
    assert_eq!(
        run(&mut cart, "3", new_line("a", "mug", 1)),
        Outcome::Applied
    );
    assert_eq!(
        shown(&cart).len(),
        1,
        "another add under its id was not seen"
    );
}

#[test]
fn two_adds_under_one_line_id_are_two_lines() {
    let mut cart = cart("k");
    run(&mut cart, "1", new_line("a", "mug", 1));
    run(&mut cart, "2", new_line("a", "boots", 1));
    assert_eq!(shown(&cart).len(), 2);
    let told = &cart.notices.last().unwrap().kind;
    assert!(matches!(told, NoticeKind::LineRenamed { .. }));
    run(&mut cart, "3", remove("a", "2", 1));
    assert_eq!(shown(&cart), [("mug".to_owned(), 1)]);
}

#[test]
fn what_is_out_of_bounds_is_refused_with_its_reason() {
    let mut cart = cart("k");
    let quantity = Refusal::from(CommandFault::Quantity);
    for (n, bad) in [
        new_line("a", "mug", 0),
        new_line("a", "mug", MAX_QUANTITY + 1),
        change("a", 0),
        change("a", i32::MIN),
        set("a", u32::MAX, 0),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(refusal(run(&mut cart, &format!("q{n}"), bad)), quantity);
    }
    let text = "x".repeat(MAX_LINE_NOTE_CHARS + 1);
    let note = Action::NoteLine {
        line_id: line_id("a"),
        text,
    };
    assert_eq!(
        refusal(run(&mut cart, "n", note)),
        Refusal::from(CommandFault::Note)
    );
    let mut noted = new_line("a", "mug", 1);
    if let Action::AddLine(line) = &mut noted {
        line.note = "x".repeat(MAX_LINE_NOTE_CHARS + 1);
    }
    assert_eq!(
        refusal(run(&mut cart, "m", noted)),
        Refusal::from(CommandFault::Note)
    );
    let mut foreign = new_line("a", "mug", 1);
    if let Action::AddLine(line) = &mut foreign {
        line.price.as_mut().unwrap().unit.currency = "JPY".parse().unwrap();
    }
    assert_eq!(
        refusal(run(&mut cart, "c", foreign)),
        Refusal::WrongCurrency
    );
    for n in 0..MAX_LINES {
        run(
            &mut cart,
            &format!("l{n}"),
            new_line(&format!("l{n}"), "mug", 1),
        );
    }
    assert_eq!(
        refusal(run(&mut cart, "full", new_line("z", "mug", 1))),
        Refusal::CartFull
    );
}

#[test]
fn a_full_log_refuses_and_still_knows_repeats() {
    let mut cart = cart("k");
    run(&mut cart, "first", new_line("a", "mug", 1));
    for n in 1..MAX_COMMANDS {
        run(&mut cart, &format!("c{n}"), change("a", 1));
    }
    assert_eq!(
        refusal(run(&mut cart, "one more", change("a", 1))),
        Refusal::CartFull
    );
    assert_eq!(
        run(&mut cart, "first", new_line("a", "mug", 1)),
        Outcome::Applied
    );
    assert_eq!(cart.notices.len(), 0);
    assert!(serde_json::to_string(&cart).unwrap().len() < 390 * 1_024);
}

#[test]
fn a_cart_becomes_hers_once() {
    let mut cart = cart("k");
    let ada = Entry::Customer(CustomerId::parse("ada").unwrap());
    assert_eq!(cart.apply(&ada).outcome, Outcome::Applied);
    assert_eq!(cart.apply(&ada).outcome, Outcome::Applied);
    let other = Entry::Customer(CustomerId::parse("eve").unwrap());
    assert_eq!(
        refusal(cart.apply(&other).outcome),
        Refusal::AnotherCustomer
    );
}

proptest! {
    /// However changes of quantity are ordered, the line is the same.
    #[test]
    fn changes_of_quantity_commute(
        deltas in prop::collection::vec((-9_i32..=9).prop_filter("moves", |d| *d != 0), 0..12),
        seed in any::<u64>(),
    ) {
        let mut numbered: Vec<(usize, i32)> = deltas.into_iter().enumerate().collect();
        let play = |numbered: &[(usize, i32)]| {
            let mut cart = cart("k");
            run(&mut cart, "add", new_line("a", "mug", 4));
            for (n, delta) in numbered {
                run(&mut cart, &format!("c{n}"), change("a", *delta));
            }
            cart
        };
        let straight = play(&numbered);
        let mut state = seed;
        numbered.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        });
        prop_assert_eq!(play(&numbered), straight);
    }
}
