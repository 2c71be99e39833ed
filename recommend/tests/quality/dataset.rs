//! Reads the public session data sets that published figures are measured on.

use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A prefix of a test session and what came next.
pub(crate) struct Example {
    /// What came next.
    pub(crate) label: u32,
    /// The session so far, newest item first.
    pub(crate) session: Vec<u32>,
}

/// The folder of shared data, beside the project's; it is no part of the project.
pub(crate) fn shared_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data")
}

/// The folder of a data set, where it is there.
pub(crate) fn session_folder(name: &str) -> Option<PathBuf> {
    let folder = shared_folder().join("sessions").join(name);
    folder.is_dir().then_some(folder)
}

/// The lines of a gzipped text.
pub(crate) fn lines(path: &Path) -> impl Iterator<Item = String> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    BufReader::new(GzDecoder::new(file))
        .lines()
        .map(|line| line.expect("the data set is UTF-8"))
}

/// The sessions of a table, oldest first.
pub(crate) fn sessions(path: &Path) -> Vec<Vec<u32>> {
    let mut sessions: Vec<Vec<u32>> = Vec::new();
    let mut last = String::new();
    for line in lines(path).skip(1) {
        let mut fields = line.split('\t');
        let session = fields.next().expect("a session id");
        let item = fields
            .next()
            .and_then(|item| item.parse().ok())
            .expect("an item id");
        if session != last {
            session.clone_into(&mut last);
            sessions.push(Vec::new());
        }
        sessions.last_mut().expect("pushed above").push(item);
    }
    sessions
}

/// Every prefix of a session and what came next.
pub(crate) fn prefixes(session: &[u32]) -> impl Iterator<Item = Example> {
    (1..session.len()).map(|next| Example {
        label: session[next],
        session: session[..next].iter().rev().copied().collect(),
    })
}

/// Items by the number of train sessions, most first.
pub(crate) fn popular(sessions: &[Vec<u32>], limit: usize) -> Vec<u32> {
    let mut counts: std::collections::BTreeMap<u32, u32> = std::collections::BTreeMap::new();
    for item in sessions.iter().flatten() {
        *counts.entry(*item).or_default() += 1;
    }
    let mut ranked: Vec<(u32, u32)> = counts.into_iter().collect();
    ranked.sort_by_key(|entry| (std::cmp::Reverse(entry.1), entry.0));
    ranked
        .into_iter()
        .take(limit)
        .map(|entry| entry.0)
        .collect()
}

/// How often the label was among the first 20, and the mean of 1 / its rank.
#[derive(Default)]
pub(crate) struct Tally {
    examples: u32,
    hits: u32,
    reciprocal: f64,
}

impl Tally {
    /// Counts one answer, best first; `without` is left out of it.
    pub(crate) fn count(
        &mut self,
        answer: impl IntoIterator<Item = u32>,
        label: u32,
        without: Option<u32>,
    ) {
        let mut kept = answer
            .into_iter()
            .filter(|item| Some(*item) != without)
            .take(20);
        self.examples += 1;
        if let Some(place) = kept.position(|item| item == label) {
            self.hits += 1;
            self.reciprocal += 1.0 / (place + 1) as f64;
        }
    }

    /// HR@20 and MRR@20.
    pub(crate) fn rates(&self) -> (f64, f64) {
        let examples = f64::from(self.examples.max(1));
        (f64::from(self.hits) / examples, self.reciprocal / examples)
    }
}
