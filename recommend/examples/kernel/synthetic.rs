//! Sessions that nobody made: many, with popular and rare items, each about one topic.

use crate::clock;
use recommend::sessions::{Bounds, SessionIndex};
use std::time::Instant;

const ITEMS: u64 = 500_000;
/// Items of one topic lie together.
const TOPIC: u64 = 40;
const REQUESTS: usize = 50_000;
const BOUNDS: Bounds = Bounds {
    sessions: 20_000_000,
    ..Bounds::SESSIONS
};

/// A small generator with a fixed seed (SplitMix64): the same sessions on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.roll()) * u128::from(end)) >> 64) as u64
    }

    fn unit(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Two items or more, 4.8 on average as in Diginetica; popularity falls with the power of the topic's rank.
    fn session(&mut self) -> Vec<u32> {
        let topics = (ITEMS / TOPIC) as f64;
        let topic = (topics * self.unit().powi(3)) as u64;
        let mut items = Vec::new();
        while items.len() < 2 || (items.len() < 40 && self.below(100) < 74) {
            let within = (TOPIC as f64 * self.unit().powi(2)) as u64;
            let stray = self.below(10) == 0;
            let item = if stray {
                self.below(ITEMS)
            } else {
                topic * TOPIC + within
            };
            items.push(item as u32);
        }
        items
    }
}

pub(crate) fn run(count: usize) {
    let mut dice = Dice(7);
    let before = resident_mib();
    let started = Instant::now();
    let mut index = SessionIndex::build((0..count).map(|_| dice.session()), BOUNDS);
    println!(
        "\n{count} synthetic sessions generated and built in {:.1?}",
        started.elapsed()
    );
    println!("memory: {:.0} MiB", resident_mib() - before);
    let requests: Vec<Vec<u32>> = (0..REQUESTS)
        .map(|_| {
            let mut session = dice.session();
            session.truncate(1 + dice.below(9) as usize);
            session
        })
        .collect();
    super::report("ours, synthetic", &index, &requests);
    let events: Vec<Vec<u32>> = (0..REQUESTS).map(|_| dice.session()).collect();
    let (mean, p99) = clock::measure(events.len(), 1, |place| {
        index.append(&events[place]);
    });
    let items = events.iter().map(Vec::len).sum::<usize>() as f64 / events.len() as f64;
    println!(
        "an appended session of {items:.1} items: {mean:.2} µs, 99 of 100 at most {p99:.2} µs"
    );
    let bytes = index.to_bytes();
    drop(index);
    let started = Instant::now();
    let read = SessionIndex::from_bytes(&bytes).expect("just written");
    println!(
        "snapshot: {} MB, loaded in {:.2?}, {} sessions",
        bytes.len() / 1_000_000,
        started.elapsed(),
        read.len()
    );
}

fn resident_mib() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = text
        .split(' ')
        .nth(1)
        .and_then(|field| field.parse().ok())
        .unwrap_or(0.0);
    pages * 4096.0 / f64::from(1 << 20)
}
