//! The feed of a scope: writers that number and write entries, a ledger whose range reads are read-committed, and a
//! reader with a cursor.
//!
//! A write is atomic once it is decided, but what it wrote becomes visible to range reads one item at a time and in any
//! order (DynamoDB's `Query` beside `TransactWriteItems`), and a range read sees each item as it is when it gets there.
//! One reader is enough: readers change nothing that another one sees.

use super::search;
use stateright::{Model, Property};

/// How many entries each writer writes at once.
const BATCHES: [u8; 4] = [2, 1, 2, 1];
/// All numbers that can be given.
const NUMBERS: u8 = 6;
/// The most entries of a page.
const PAGE: u32 = 3;

/// By which rules the feed works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// As they are: numbers and entries in one write on the condition of the head; a page ends at the first gap.
    Ours,
    /// A page goes on behind a gap.
    GapsSkipped,
    /// A number is taken in a write of its own before the entry is written.
    NumberTakenFirst,
    /// The write does not look whether the head has moved.
    HeadUnchecked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Writer {
    Idle,
    /// It read the head.
    Saw(u8),
    /// Its numbers begin behind this one; nothing is written yet.
    Took(u8),
    /// Its entries are written and it was told so.
    Done,
    /// It was killed.
    Gone,
}

/// Sets of numbers are bits: number 1 is the lowest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Feed {
    head: u8,
    /// Who wrote each number.
    authors: [Option<u8>; NUMBERS as usize],
    /// Numbers that range reads see.
    visible: u8,
    writers: [Writer; BATCHES.len()],
    cursor: u8,
    /// What the reader's copy holds.
    held: u8,
    /// The read that is under way.
    read: Option<Read>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Read {
    /// The number that it looks at next.
    at: u8,
    page: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A writer reads the head.
    Look(usize),
    /// A writer takes numbers.
    Take(usize),
    /// A writer writes.
    Write(usize),
    /// A writer is killed.
    Kill(usize),
    /// A number becomes visible.
    Show(u8),
    /// The reader begins a page, reads on, and has it: or the answer is lost.
    Begin,
    ReadOn,
    Apply,
    Lose,
}

const fn bit(number: u8) -> u8 {
    1 << (number - 1)
}

/// All numbers up to this one.
const fn up_to(number: u8) -> u8 {
    (1 << number) - 1
}

impl Feed {
    fn written(&self) -> u8 {
        let numbers = (1..).zip(&self.authors);
        numbers
            .filter(|(_, author)| author.is_some())
            .fold(0, |set, (number, _)| set | bit(number))
    }

    /// Writes the batch of a writer behind `before`.
    fn write(&mut self, writer: usize, before: u8) {
        for number in before..before + BATCHES[writer] {
            self.authors[usize::from(number)] = Some(writer as u8);
        }
        self.writers[writer] = Writer::Done;
    }
}

impl Model for Rules {
    type State = Feed;
    type Action = Step;

    fn init_states(&self) -> Vec<Feed> {
        vec![Feed {
            head: 0,
            authors: [None; NUMBERS as usize],
            visible: 0,
            writers: [Writer::Idle; BATCHES.len()],
            cursor: 0,
            held: 0,
            read: None,
        }]
    }

    fn actions(&self, feed: &Feed, steps: &mut Vec<Step>) {
        for (index, writer) in feed.writers.iter().enumerate() {
            match writer {
                Writer::Idle if *self == Self::NumberTakenFirst => steps.push(Step::Take(index)),
                Writer::Idle => steps.push(Step::Look(index)),
                Writer::Saw(_) | Writer::Took(_) => {
                    steps.extend([Step::Write(index), Step::Kill(index)]);
                }
                Writer::Done | Writer::Gone => {}
            }
        }
        let hidden = feed.written() & !feed.visible;
        steps.extend(
            (1..=NUMBERS)
                .filter(|n| hidden & bit(*n) != 0)
                .map(Step::Show),
        );
        match feed.read {
            None => steps.push(Step::Begin),
            Some(read) => {
                if read.at <= NUMBERS && read.page.count_ones() < PAGE {
                    steps.push(Step::ReadOn);
                }
                steps.extend([Step::Apply, Step::Lose]);
            }
        }
    }

    fn next_state(&self, feed: &Feed, step: Step) -> Option<Feed> {
        let mut next = feed.clone();
        match step {
            Step::Look(writer) => next.writers[writer] = Writer::Saw(feed.head),
            Step::Take(writer) => {
                next.writers[writer] = Writer::Took(feed.head);
                next.head += BATCHES[writer];
            }
            Step::Write(writer) => match feed.writers[writer] {
                Writer::Took(before) => next.write(writer, before),
                Writer::Saw(head) if head == feed.head || *self == Self::HeadUnchecked => {
                    next.write(writer, head);
                    next.head = head + BATCHES[writer];
                }
                _ => next.writers[writer] = Writer::Idle,
            },
            Step::Kill(writer) => next.writers[writer] = Writer::Gone,
            Step::Show(number) => next.visible |= bit(number),
            Step::Begin => {
                next.read = Some(Read {
                    at: feed.cursor + 1,
                    page: 0,
                });
            }
            Step::ReadOn => next.read = Some(self.read_on(feed)?),
            Step::Apply => {
                let page = feed.read?.page;
                next.held |= page;
                next.cursor = feed.cursor.max((u8::BITS - page.leading_zeros()) as u8);
                next.read = None;
            }
            Step::Lose => next.read = None,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("a cursor means all before it", |_, feed: &Feed| {
                feed.held == up_to(feed.cursor)
            }),
            Property::always(
                "what was told as written stays written",
                |_, feed: &Feed| {
                    (0_u8..).zip(&feed.writers).all(|(index, writer)| {
                        let mine = feed.authors.iter().filter(|author| **author == Some(index));
                        *writer != Writer::Done
                            || mine.count() == usize::from(BATCHES[usize::from(index)])
                    })
                },
            ),
            Property::always(
                "without a writer under way there is no gap",
                |_, feed: &Feed| {
                    let under_way = |writer: &Writer| matches!(writer, Writer::Took(_));
                    feed.writers.iter().any(under_way) || feed.written() == up_to(feed.head)
                },
            ),
            Property::sometimes("everything arrives", |_, feed: &Feed| {
                feed.cursor == NUMBERS
            }),
        ]
    }
}

impl Rules {
    /// One item further. A gap is where a page ends, but where gaps are skipped.
    fn read_on(self, feed: &Feed) -> Option<Read> {
        let read = feed.read?;
        let seen = feed.visible & bit(read.at);
        if seen == 0 && self != Self::GapsSkipped {
            return None;
        }
        Some(Read {
            at: read.at + 1,
            page: read.page | seen,
        })
    }
}

#[test]
fn i05_i06_no_reader_skips_an_entry_whatever_the_order() {
    let searched = search(Rules::Ours);
    assert_eq!(searched.broken, [""; 0]);
    println!("{} states", searched.states);
    assert!(searched.states > 10_000, "{} states", searched.states);
}

#[test]
fn a_reader_that_goes_on_behind_a_gap_skips_entries() {
    let searched = search(Rules::GapsSkipped);
    assert_eq!(searched.broken, ["a cursor means all before it"]);
}

#[test]
fn a_number_that_is_taken_first_may_stay_empty_for_ever() {
    let searched = search(Rules::NumberTakenFirst);
    assert_eq!(
        searched.broken,
        ["without a writer under way there is no gap"]
    );
}

#[test]
fn a_head_that_is_not_checked_loses_what_was_written() {
    let searched = search(Rules::HeadUnchecked);
    assert!(
        searched
            .broken
            .contains(&"what was told as written stays written")
    );
}
