//! Where the log's items lie.

use crate::ports::ledger::Key;

/// The partition of dead letters.
pub(super) const LETTERS: &str = "Q#letters";
/// Behind every place that is written with digits.
const END: char = ':';

pub(super) fn lanes() -> Key {
    Key::new("Q#lanes", "V")
}

pub(super) fn lane(lane: u64) -> String {
    format!("Q#{lane}")
}

pub(super) fn head(lane_number: u64) -> Key {
    Key::new(lane(lane_number), "HEAD")
}

pub(super) fn event(lane_number: u64, sequence: u64) -> Key {
    Key::new(lane(lane_number), event_sort(sequence))
}

pub(super) fn event_sort(sequence: u64) -> String {
    format!("E#{sequence:020}")
}

/// Behind all events of a lane.
pub(super) fn events_end() -> String {
    format!("E#{END}")
}

pub(super) fn cursor(lane_number: u64, consumer: &str) -> Key {
    Key::new(lane(lane_number), format!("C#{consumer}"))
}

pub(super) fn attempts(lane_number: u64, consumer: &str) -> Key {
    Key::new(lane(lane_number), format!("A#{consumer}"))
}

/// That a letter is wanted again.
pub(super) fn wanted(lane_number: u64, consumer: &str, sequence: u64) -> Key {
    Key::new(
        lane(lane_number),
        format!("W#{}", letter_sort(consumer, sequence)),
    )
}

/// Before and behind all letters of a consumer that are wanted again.
pub(super) fn wanted_range(consumer: &str) -> (String, String) {
    (format!("W#{consumer}#"), format!("W#{consumer}#{END}"))
}

pub(super) fn letter(consumer: &str, sequence: u64) -> Key {
    Key::new(LETTERS, letter_sort(consumer, sequence))
}

pub(super) fn letter_sort(consumer: &str, sequence: u64) -> String {
    format!("{consumer}#{sequence:020}")
}

/// Before and behind all letters of a consumer.
pub(super) fn letters_of(consumer: &str) -> (String, String) {
    (format!("{consumer}#"), format!("{consumer}#{END}"))
}
