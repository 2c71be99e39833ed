//! What came of all requests, by kind.

use crate::plan::Act;
use aisle_tests::figure::{millis, percentile_of};
use domain::ids::{OrderId, Sku};
use std::collections::BTreeMap;
use std::time::Duration;

/// What an answer said.
#[derive(Debug)]
pub(crate) enum Seen {
    /// What it should.
    Well,
    /// A click was taken.
    Click(String),
    /// A piece is kept back for her.
    KeptBack(Sku),
    /// There is none left.
    SoldOut,
    /// She bought it.
    Sold(Sold),
    /// Her card was declined, or nobody knows.
    NotPaid,
    /// The server refused, with this status.
    Refused(u16),
}

impl Seen {
    /// Whether nothing more comes of the visit.
    pub(crate) const fn ends(&self) -> bool {
        matches!(self, Self::SoldOut | Self::Refused(_))
    }
}

/// An order.
#[derive(Debug)]
pub(crate) struct Sold {
    pub(crate) order: OrderId,
    /// In minor units.
    pub(crate) total: i64,
}

/// What one request came to.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) act: Act,
    /// When it was to be sent, from the beginning.
    pub(crate) due: Duration,
    /// From then until its answer was there.
    pub(crate) took: Duration,
    /// Why there is none, where there is none.
    pub(crate) seen: Result<Seen, String>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    kinds: BTreeMap<(&'static str, &'static str), Kind>,
    pub(crate) clicks: Vec<String>,
    pub(crate) kept_back: BTreeMap<Sku, i64>,
    pub(crate) sold: Vec<Sold>,
    pub(crate) sold_out: usize,
    pub(crate) not_paid: usize,
    pub(crate) errors: BTreeMap<String, usize>,
    /// By the second in which they were due.
    pub(crate) seconds: Vec<Vec<Duration>>,
}

#[derive(Debug, Default)]
struct Kind {
    times: Vec<Duration>,
    errors: usize,
}

/// The function that an act asks, and for what.
fn name(act: Act) -> (&'static str, &'static str) {
    match act {
        Act::Browse => ("catalogue", "items"),
        Act::Shelves => ("content", "front page"),
        Act::Beside(_) => ("content", "item's page"),
        Act::Look(_) => ("ingest", "click"),
        Act::Guest => ("identity", "guest"),
        Act::Begin => ("cart", "begin"),
        Act::Add(_) => ("cart", "add"),
        Act::Lease => ("cart", "lease"),
        Act::CheckOut => ("cart", "checkout"),
        Act::Pay => ("cart", "pay"),
    }
}

impl Tally {
    pub(crate) fn add(&mut self, heard: Heard) {
        let second = usize::try_from(heard.due.as_secs()).unwrap_or(usize::MAX);
        // Bounded by the length of the sale and the patience of its visitors.
        while self.seconds.len() <= second {
            self.seconds.push(Vec::new());
        }
        if let Some(times) = self.seconds.get_mut(second) {
            times.push(heard.took);
        }
        let kind = self.kinds.entry(name(heard.act)).or_default();
        kind.times.push(heard.took);
        let error = match heard.seen {
            Ok(Seen::Well) => return,
            Ok(Seen::Click(id)) => return self.clicks.push(id),
            Ok(Seen::KeptBack(sku)) => return *self.kept_back.entry(sku).or_default() += 1,
            Ok(Seen::SoldOut) => return self.sold_out += 1,
            Ok(Seen::Sold(sold)) => return self.sold.push(sold),
            Ok(Seen::NotPaid) => return self.not_paid += 1,
            Ok(Seen::Refused(status)) => status.to_string(),
            Err(error) => error,
        };
        kind.errors += 1;
        let (function, what) = name(heard.act);
        let told = format!("{function} {what}: {error}");
        *self.errors.entry(told).or_default() += 1;
    }

    pub(crate) fn requests(&self) -> usize {
        self.kinds.values().map(|kind| kind.times.len()).sum()
    }

    /// One line for each kind of request: ours, and the same of `hello`.
    pub(crate) fn lines(&mut self, hello: &mut Self) -> Vec<[String; 4]> {
        let mut lines = Vec::new();
        for (name, kind) in &mut self.kinds {
            let bare = hello.kinds.entry(*name).or_default();
            lines.push([
                format!("{}: {}", name.0, name.1),
                kind.line(),
                bare.line(),
                String::new(),
            ]);
        }
        lines
    }

    /// All kinds together.
    pub(crate) fn whole(&self) -> String {
        let mut all = Kind::default();
        for kind in self.kinds.values() {
            all.times.extend(&kind.times);
            all.errors += kind.errors;
        }
        all.line()
    }
}

impl Kind {
    fn line(&mut self) -> String {
        self.times.sort_unstable();
        let at = |share: f64| millis(percentile_of(&self.times, share));
        format!(
            "{} requests, p50 {}, p99 {}, p99.9 {}, {} errors",
            self.times.len(),
            at(0.5),
            at(0.99),
            at(0.999),
            self.errors
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_where_they_happened() {
        let mut tally = Tally::default();
        let heard = |act, seen| Heard {
            act,
            due: Duration::from_secs(2),
            took: Duration::from_millis(3),
            seen,
        };
        tally.add(heard(Act::Pay, Ok(Seen::Refused(503))));
        tally.add(heard(Act::Pay, Err("no answer".to_owned())));
        tally.add(heard(Act::CheckOut, Ok(Seen::SoldOut)));
        assert_eq!((tally.requests(), tally.sold_out), (3, 1));
        assert_eq!(tally.seconds.get(2).map(Vec::len), Some(3));
        assert_eq!(tally.errors.get("cart pay: 503"), Some(&1));
        let lines = tally.lines(&mut Tally::default());
        let pay = lines.iter().find(|line| line[0] == "cart: pay").unwrap();
        assert!(pay[1].ends_with("2 errors"), "{}", pay[1]);
        assert!(pay[1].contains("p99.9 3.0 ms"), "{}", pay[1]);
    }
}
