//! How people type, how long each key takes, and the scan that it is compared with.

use rusqlite::Connection;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

/// What is looked for, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    GivenFamily,
    FamilyGiven,
    Abbreviated,
    Mistyped,
    NobodysName,
    Phone,
    LastFour,
    Email,
    Card,
}

pub(crate) const STYLES: &[Style] = &[
    Style::GivenFamily,
    Style::FamilyGiven,
    Style::Abbreviated,
    Style::Mistyped,
    Style::NobodysName,
    Style::Phone,
    Style::LastFour,
    Style::Email,
    Style::Card,
];

/// The text of the field after each key.
pub(crate) fn keystrokes(typed: &str) -> Vec<String> {
    let ends = typed.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.filter_map(|end| typed.get(..end))
        .map(str::to_owned)
        .collect()
}

/// How long each search took.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<(Duration, String)>);

impl Times {
    pub(crate) fn push(&mut self, time: Duration, typed: &str) {
        self.0.push((time, typed.to_owned()));
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn worst(&self) -> (Duration, String) {
        self.0.iter().max().cloned().unwrap_or_default()
    }

    pub(crate) fn summary(&self) -> String {
        let mut times: Vec<Duration> = self.0.iter().map(|(time, _)| *time).collect();
        times.sort_unstable();
        let at = |share: usize| {
            times
                .get(times.len().saturating_sub(1) * share / 100)
                .copied()
                .unwrap_or_default()
        };
        let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
        format!(
            "p50 {:.2} ms, p99 {:.2} ms, n {}",
            millis(at(50)),
            millis(at(99)),
            times.len()
        )
    }
}

/// The same file searched the usual way: every word anywhere in the names, or the digits in a number.
pub(crate) struct Scan(Connection);

impl Scan {
    pub(crate) fn open(path: &Path, key: &[u8; 32]) -> Result<Self, Box<dyn Error>> {
        let connection = Connection::open(path)?;
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        connection.pragma_update(None, "key", format!("x'{hex}'"))?;
        connection.pragma_update(None, "cache_size", -8_192)?;
        Ok(Self(connection))
    }

    pub(crate) fn search(&self, typed: &str, rows: usize) -> Result<usize, Box<dyn Error>> {
        let words: Vec<String> = domain::text::fold(typed)
            .split(' ')
            .map(|word| format!("%{word}%"))
            .collect();
        let each = "(words LIKE ? OR phone LIKE ? OR email LIKE ? OR card LIKE ?)";
        let filter = vec![each; words.len()].join(" AND ");
        let sql = format!(
            "SELECT row, words FROM customer WHERE {filter} ORDER BY visit DESC LIMIT {rows}"
        );
        let mut statement = self.0.prepare(&sql)?;
        let values = words.iter().flat_map(|word| std::iter::repeat_n(word, 4));
        let found = statement.query_map(rusqlite::params_from_iter(values), |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(found.count())
    }
}
