//! The methods that the engine is measured beside, each written as it was published and without the engine.

use std::collections::{BTreeMap, HashMap};

/// Steps of sequential rules, and newest items of a request for item cosine.
const STEPS: usize = 10;
const COSINE_ITEMS: usize = 6;
const LISTED: usize = 100;

/// Something that tells what comes next: items, best first, for a session, newest first.
pub(crate) trait Method {
    fn answer(&self, session: &[u32]) -> Vec<u32>;
}

impl<F: Fn(&[u32]) -> Vec<u32>> Method for F {
    fn answer(&self, session: &[u32]) -> Vec<u32> {
        self(session)
    }
}

fn ranked(scores: impl IntoIterator<Item = (u32, f64)>, limit: usize) -> Vec<(u32, f64)> {
    let mut scores: Vec<(u32, f64)> = scores.into_iter().collect();
    scores.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scores.truncate(limit);
    scores
}

/// Always what most sessions have.
pub(crate) fn popular(sessions: &[Vec<u32>]) -> impl Method {
    let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
    sessions
        .iter()
        .flatten()
        .for_each(|item| *counts.entry(*item).or_default() += 1.0);
    let items: Vec<u32> = ranked(counts, 21)
        .into_iter()
        .map(|entry| entry.0)
        .collect();
    move |_: &[u32]| items.clone()
}

/// What came after the current item within ten steps, nearer counting more (Ludewig and Jannach, 2018).
pub(crate) fn sequential_rules(sessions: &[Vec<u32>]) -> impl Method {
    let mut rules: HashMap<u32, HashMap<u32, f64>> = HashMap::new();
    for session in sessions {
        for (place, from) in session.iter().enumerate() {
            let next = session.iter().skip(place + 1).take(STEPS);
            for (step, to) in next.enumerate().filter(|(_, to)| *to != from) {
                *rules.entry(*from).or_default().entry(*to).or_default() += 1.0 / (step + 1) as f64;
            }
        }
    }
    let rules: HashMap<u32, Vec<u32>> = rules
        .into_iter()
        .map(|(from, to)| {
            (
                from,
                ranked(to, LISTED)
                    .into_iter()
                    .map(|entry| entry.0)
                    .collect(),
            )
        })
        .collect();
    move |session: &[u32]| {
        let list = session.first().and_then(|current| rules.get(current));
        list.map(|list| list.iter().take(21).copied().collect())
            .unwrap_or_default()
    }
}

/// Items that are in the same sessions as the newest six, by cosine, the newer counting more.
pub(crate) fn item_cosine(sessions: &[Vec<u32>]) -> impl Method {
    let mut together: HashMap<u32, HashMap<u32, f64>> = HashMap::new();
    let mut counts: HashMap<u32, f64> = HashMap::new();
    for session in sessions {
        let mut items = session.clone();
        items.sort_unstable();
        items.dedup();
        for one in &items {
            *counts.entry(*one).or_default() += 1.0;
            for other in items.iter().filter(|other| *other != one) {
                *together.entry(*one).or_default().entry(*other).or_default() += 1.0;
            }
        }
    }
    let count = |item: &u32| counts.get(item).copied().unwrap_or(0.0);
    let cosine = |one: u32, others: HashMap<u32, f64>| {
        let scored = others.into_iter().map(|(other, both)| {
            (
                other,
                both / ((count(&one) + 20.0) * (count(&other) + 20.0)).sqrt(),
            )
        });
        (one, ranked(scored, LISTED))
    };
    let lists: HashMap<u32, Vec<(u32, f64)>> = together
        .into_iter()
        .map(|(one, others)| cosine(one, others))
        .collect();
    move |session: &[u32]| {
        let mut scores: HashMap<u32, f64> = HashMap::new();
        for (place, item) in session.iter().take(COSINE_ITEMS).enumerate() {
            for (other, score) in lists.get(item).into_iter().flatten() {
                *scores.entry(*other).or_default() += score / (place + 1) as f64;
            }
        }
        ranked(scores, 21)
            .into_iter()
            .map(|entry| entry.0)
            .collect()
    }
}

/// VMIS-kNN with the semantics that Serenade published (m = 500, k = 100, l = 9), in floats and hash maps.
pub(crate) struct Serenade {
    sessions: Vec<Vec<u32>>,
    postings: HashMap<u32, Vec<u32>>,
}

impl Serenade {
    pub(crate) fn learn(sessions: &[Vec<u32>]) -> Self {
        let mut postings: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut distinct = Vec::with_capacity(sessions.len());
        for (rank, session) in (0_u32..).zip(sessions) {
            let mut items = session.clone();
            items.sort_unstable();
            items.dedup();
            items
                .iter()
                .for_each(|item| postings.entry(*item).or_default().push(rank));
            distinct.push(items);
        }
        Self {
            sessions: distinct,
            postings,
        }
    }

    fn similarities(&self, items: &[u32]) -> Vec<(u32, f64, usize)> {
        // The newest m of all sessions that share an item; weights fall evenly from the newest item on.
        let mut found: BTreeMap<std::cmp::Reverse<u32>, (f64, usize)> = BTreeMap::new();
        for (place, item) in items.iter().enumerate() {
            let weight = (items.len() - place) as f64 / items.len() as f64;
            for rank in self
                .postings
                .get(item)
                .into_iter()
                .flatten()
                .rev()
                .take(500)
            {
                found
                    .entry(std::cmp::Reverse(*rank))
                    .or_insert((0.0, place))
                    .0 += weight;
            }
        }
        let newest = found.into_iter().take(500);
        let mut newest: Vec<(u32, f64, usize)> = newest
            .map(|(rank, (similarity, place))| (rank.0, similarity, place))
            .collect();
        newest.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        newest.truncate(100);
        newest
    }
}

impl Method for Serenade {
    fn answer(&self, session: &[u32]) -> Vec<u32> {
        let mut items: Vec<u32> = Vec::new();
        for item in session.iter().take(9) {
            if !items.contains(item) {
                items.push(*item);
            }
        }
        let mut scores: HashMap<u32, f64> = HashMap::new();
        for (rank, similarity, place) in self.similarities(&items) {
            let linear = if place < 9 {
                1.0 - 0.1 * (place + 1) as f64
            } else {
                0.0
            };
            for item in self.sessions.get(rank as usize).into_iter().flatten() {
                let frequency = self
                    .postings
                    .get(item)
                    .map_or(1.0, |list| list.len() as f64);
                let rarity = (self.sessions.len() as f64 / frequency).ln();
                *scores.entry(*item).or_default() += similarity * linear * rarity;
            }
        }
        ranked(scores, 21)
            .into_iter()
            .map(|entry| entry.0)
            .collect()
    }
}
