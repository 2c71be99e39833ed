//! The search compared with asking everybody by the plain rule.

use super::CustomerIndex;
use crate::search::CustomerEntry;
use crate::search::query::Query;
use crate::search::typos::{forgiven, oracle};
use proptest::prelude::*;
use std::cmp::Reverse;

type Person = (Vec<String>, String, u32);

fn entry((words, phone, visit): &Person) -> CustomerEntry {
    CustomerEntry {
        words: words.join(" "),
        phone: Some(phone.clone()),
        card: None,
        visit: *visit,
    }
}

/// Edits and whether the word matched by its beginning only, of the best word; `None` where none matches.
fn match_word(words: &[String], typed: &str, typos: bool) -> Option<(usize, usize)> {
    let most = if typos {
        usize::from(forgiven(typed))
    } else {
        0
    };
    let matches = words.iter().filter_map(|word| {
        let edits = oracle::edits(word, typed);
        (edits <= most).then_some((edits, usize::from(word != typed)))
    });
    matches.min()
}

fn score(words: &[String], typed: &[String], typos: bool) -> Option<(usize, usize)> {
    typed.iter().try_fold((0, 0), |(edits, inexact), typed| {
        let (more, by_beginning) = match_word(words, typed, typos)?;
        Some((edits + more, inexact + by_beginning))
    })
}

fn ranked(people: &[Person], score: impl Fn(&[String]) -> Option<(usize, usize)>) -> Vec<usize> {
    let mut found: Vec<_> = (0..people.len())
        .filter_map(|index| {
            let (edits, inexact) = score(&people[index].0)?;
            Some((edits, inexact, Reverse(people[index].2), index))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(.., index)| index).collect()
}

fn expected(people: &[Person], typed: &[String], most: usize) -> Vec<usize> {
    let plain = ranked(people, |words| score(words, typed, false));
    let mut found = if plain.len() < most {
        ranked(people, |words| score(words, typed, true))
    } else {
        plain
    };
    if found.is_empty() && typed.len() > 1 {
        found = ranked(people, |words| {
            let left_out = |index| {
                let mut rest = typed.to_vec();
                rest.remove(index);
                score(words, &rest, true)
            };
            (0..typed.len()).filter_map(left_out).min()
        });
    }
    found.truncate(most);
    found
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let person = (
        proptest::collection::vec("[ab]{1,9}", 1..5),
        "[0-2]{0,9}",
        0_u32..5,
    );
    proptest::collection::vec(person, 0..30)
}

fn found(index: &CustomerIndex, typed: &str, most: usize) -> Vec<usize> {
    let found = index.search(&Query::of_person(typed), most);
    found
        .into_iter()
        .map(|found| usize::try_from(found.row).unwrap())
        .collect()
}

#[test]
fn somebody_who_had_the_word_once_takes_nobodys_place() {
    let mut index = CustomerIndex::with_limits(3, 0);
    let named = |words: &str| entry(&(vec![words.to_owned()], String::new(), 0));
    for (row, words) in (0..).zip(["baa", "ba", "ba"]) {
        index.put(row, &named(words));
    }
    index.settle();
    index.put(1, &named("baa"));
    index.settle();
    assert_eq!(found(&index, "ba", 2), [2, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn words_find_whom_the_plain_rule_finds_in_its_order(
        people in people(),
        typed in proptest::collection::vec("[ab]{1,9}", 1..4),
        most in 1_usize..12,
        few in 0_usize..20,
        patience in 0_usize..40,
        updates in proptest::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let mut index = CustomerIndex::with_limits(few, patience);
        for (row, person) in (0..).zip(&people) {
            index.put(row, &entry(person));
        }
        index.settle();
        // People change their names and back, come again, and go.
        for update in updates.iter().filter(|_| !people.is_empty()) {
            let row = update.index(people.len());
            let number = i64::try_from(row).unwrap();
            index.put(number, &entry(&(vec!["ba".to_owned()], String::new(), 9)));
            index.settle();
            index.remove(number);
            index.put(number, &entry(&people[row]));
            index.settle();
        }
        prop_assert_eq!(found(&index, &typed.join(" "), most), expected(&people, &typed, most));
    }

    #[test]
    fn numbers_find_whoever_has_them_in_order(people in people(), cards in proptest::collection::vec("[0-2]{0,6}", 30),
        digits in "[0-2]{3,5}", most in 1_usize..9) {
        let mut index = CustomerIndex::default();
        for ((row, person), card) in (0..).zip(&people).zip(&cards) {
            index.put(row, &CustomerEntry { card: Some(card.clone()), ..entry(person) });
        }
        index.settle();
        let spellings = [digits.as_str(), digits.trim_start_matches('0')];
        let place = |number: &str| {
            let spelled = spellings.iter().filter(|spelling| spelling.len() >= 3);
            let places = spelled.filter_map(|digits| match number {
                _ if number == *digits => Some(0),
                _ if number.ends_with(digits) => Some(1),
                _ if number.starts_with(digits) => Some(2),
                _ => number.contains(digits).then_some(3),
            });
            places.min()
        };
        let mut expected: Vec<_> = (0..people.len())
            .filter_map(|row| {
                let best = [place(&people[row].1), place(&cards[row])].into_iter().flatten().min()?;
                Some((best, Reverse(people[row].2), row))
            })
            .collect();
        expected.sort_unstable();
        let expected: Vec<_> = expected.into_iter().map(|(.., row)| row).take(most).collect();
        prop_assert_eq!(found(&index, &digits, most), expected);
    }

    #[test]
    fn nothing_typed_breaks_it(people in people(), typed in "\\PC{0,30}") {
        let mut index = CustomerIndex::default();
        for (row, person) in (0..).zip(&people) {
            index.put(row, &entry(person));
        }
        index.settle();
        prop_assert!(found(&index, &typed, 7).len() <= 7);
    }
}
