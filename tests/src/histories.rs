//! What sessions wrote and read, checked against the order in which the cloud decided: read-your-writes, monotonic reads,
//! causal order over all entities of a feed, nothing lost, nothing doubled, and the same in the end everywhere.
//!
//! A session is a device with whoever uses it. What it reads is a beginning of the feed with its own writes on top that
//! are still on their way; so a value of somebody else's shows that all before it in the feed has arrived. Every write
//! has a value of its own, and what is not there reads as `None`, as does what was taken away.

use std::collections::{BTreeMap, BTreeSet};

/// What a session did, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    Wrote(Write),
    Read { key: String, value: Option<String> },
}

/// A write of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Write {
    key: String,
    value: String,
    is_removal: bool,
}

/// What went wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// A write that was kept and not refused is not in the feed.
    Lost(String),
    /// A write is in the feed more than once.
    Doubled(String),
    /// A session's writes were decided in another order than it did them.
    OutOfOrder {
        /// Whose.
        session: String,
        /// The write that came too late.
        value: String,
    },
    /// A value that nobody wrote to this entity.
    FromNowhere {
        /// Who read it.
        session: String,
        /// What.
        value: String,
    },
    /// A session does not see what it wrote itself, nor what overtook it.
    OwnWriteUnseen {
        /// Whose.
        session: String,
        /// The write that it does not see.
        value: String,
    },
    /// A session sees less than it saw before.
    WentBack {
        /// Who.
        session: String,
        /// Of which entity.
        key: String,
    },
    /// In the end a session sees something else than the last write.
    Diverged {
        /// Who.
        session: String,
        /// Of which entity.
        key: String,
    },
}

/// A history of one feed.
#[derive(Debug, Clone, Default)]
pub struct History {
    sessions: BTreeMap<String, Vec<Deed>>,
    /// In the order of the feed.
    feed: Vec<Write>,
    refused: BTreeSet<String>,
    last: Vec<(String, String, Option<String>)>,
}

impl History {
    /// A session wrote, and was told that it is kept.
    pub fn wrote(&mut self, session: &str, key: &str, value: &str) {
        self.deed(session, Deed::Wrote(write(key, value, false)));
    }

    /// A session took an entity away, and was told that this is kept; `value` names the removal.
    pub fn removed(&mut self, session: &str, key: &str, value: &str) {
        self.deed(session, Deed::Wrote(write(key, value, true)));
    }

    /// A session reads an entity.
    pub fn read(&mut self, session: &str, key: &str, value: Option<&str>) {
        let (key, value) = (key.to_owned(), value.map(str::to_owned));
        self.deed(session, Deed::Read { key, value });
    }

    /// The next entry of the feed.
    pub fn decided(&mut self, key: &str, value: &str, is_removal: bool) {
        self.feed.push(write(key, value, is_removal));
    }

    /// A write was refused: nobody else may ever see it.
    pub fn refused(&mut self, value: &str) {
        self.refused.insert(value.to_owned());
    }

    /// What a session sees once everything has arrived everywhere.
    pub fn finally(&mut self, session: &str, key: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        self.last.push((session.to_owned(), key.to_owned(), value));
    }

    /// Everything that is wrong, in an order that does not change.
    #[must_use]
    pub fn check(&self) -> BTreeSet<Anomaly> {
        let order = Order::of(&self.feed);
        let mut anomalies: BTreeSet<_> = order
            .doubled
            .iter()
            .cloned()
            .map(Anomaly::Doubled)
            .collect();
        for (session, deeds) in &self.sessions {
            let mut view = View::new(session, &order, &self.refused);
            deeds.iter().for_each(|deed| view.take(deed));
            anomalies.extend(view.anomalies);
        }
        anomalies.extend(self.last.iter().filter_map(|(session, key, value)| {
            let (session, key) = (session.clone(), key.clone());
            (order.last(&key) != value.as_deref()).then_some(Anomaly::Diverged { session, key })
        }));
        anomalies
    }

    fn deed(&mut self, session: &str, deed: Deed) {
        self.sessions
            .entry(session.to_owned())
            .or_default()
            .push(deed);
    }
}

fn write(key: &str, value: &str, is_removal: bool) -> Write {
    Write {
        key: key.to_owned(),
        value: value.to_owned(),
        is_removal,
    }
}

/// The feed by value and by entity. Places are counted from 1: 0 is before everything.
struct Order<'a> {
    places: BTreeMap<&'a str, (usize, &'a str)>,
    writes: BTreeMap<&'a str, Vec<(usize, &'a Write)>>,
    doubled: BTreeSet<String>,
}

impl<'a> Order<'a> {
    fn of(feed: &'a [Write]) -> Self {
        let mut order = Self {
            places: BTreeMap::new(),
            writes: BTreeMap::new(),
            doubled: BTreeSet::new(),
        };
        for (place, write) in (1..).zip(feed) {
            if order
                .places
                .insert(&write.value, (place, &write.key))
                .is_some()
            {
                order.doubled.insert(write.value.clone());
            }
            order
                .writes
                .entry(&write.key)
                .or_default()
                .push((place, write));
        }
        order
    }

    fn place(&self, value: &str) -> Option<usize> {
        self.places.get(value).map(|(place, _)| *place)
    }

    /// The last write of an entity up to a place.
    fn newest(&self, key: &str, upto: usize) -> Option<(usize, &'a Write)> {
        let writes = self.writes.get(key)?;
        writes
            .iter()
            .rev()
            .find(|(place, _)| *place <= upto)
            .copied()
    }

    fn last(&self, key: &str) -> Option<&'a str> {
        let (_, newest) = self.newest(key, usize::MAX)?;
        (!newest.is_removal).then_some(newest.value.as_str())
    }

    /// Where an entity was first absent from a place on.
    fn absent_from(&self, key: &str, from: usize) -> Option<usize> {
        if self
            .newest(key, from)
            .is_none_or(|(_, write)| write.is_removal)
        {
            return Some(from);
        }
        let mut writes = self.writes.get(key)?.iter();
        let removal = writes.find(|(place, write)| *place > from && write.is_removal);
        removal.map(|(place, _)| *place)
    }
}

/// What a session has seen so far.
struct View<'a> {
    session: &'a str,
    order: &'a Order<'a>,
    refused: &'a BTreeSet<String>,
    /// All of the feed up to here has arrived, for all that we know.
    seen: usize,
    /// Its own newest write of each entity.
    own: BTreeMap<&'a str, &'a Write>,
    /// Its own writes that were refused.
    own_refused: BTreeSet<&'a str>,
    /// What it took away, as it sees it until it hears that this was refused.
    own_hidden: BTreeSet<&'a str>,
    /// Where its own newest write stands in the feed.
    decided: usize,
    anomalies: Vec<Anomaly>,
}

impl<'a> View<'a> {
    fn new(session: &'a str, order: &'a Order<'a>, refused: &'a BTreeSet<String>) -> Self {
        Self {
            session,
            order,
            refused,
            seen: 0,
            own: BTreeMap::new(),
            own_refused: BTreeSet::new(),
            own_hidden: BTreeSet::new(),
            decided: 0,
            anomalies: Vec::new(),
        }
    }

    fn take(&mut self, deed: &'a Deed) {
        match deed {
            Deed::Wrote(write) if self.refused.contains(&write.value) => {
                self.own_refused.insert(&write.value);
                if write.is_removal {
                    self.own_hidden.insert(&write.key);
                }
            }
            Deed::Wrote(write) => self.wrote(write),
            // Its own refused write is shown to it until somebody mends it.
            Deed::Read {
                value: Some(value), ..
            } if self.own_refused.contains(value.as_str()) => {}
            Deed::Read { key, value: None } if self.own_hidden.contains(key.as_str()) => {}
            Deed::Read { key, value } => {
                self.own_hidden.remove(key.as_str());
                self.read(key, value.as_deref());
            }
        }
    }

    fn wrote(&mut self, write: &'a Write) {
        self.own.insert(&write.key, write);
        let session = self.session.to_owned();
        match self.order.place(&write.value) {
            None => self.anomalies.push(Anomaly::Lost(write.value.clone())),
            Some(place) if place < self.decided => self.anomalies.push(Anomaly::OutOfOrder {
                session,
                value: write.value.clone(),
            }),
            Some(place) => self.decided = place,
        }
    }

    fn read(&mut self, key: &'a str, value: Option<&'a str>) {
        let own = self.own.get(key).copied();
        let own_place = own.and_then(|own| self.order.place(&own.value));
        let newest = self.order.newest(key, self.seen);
        // Its own newest write, wherever that is on its way, until it has seen what overtook it.
        let is_own = own.is_some_and(|own| value == (!own.is_removal).then_some(&*own.value));
        if is_own && own_place.is_none_or(|own| newest.is_none_or(|(newest, _)| newest <= own)) {
            return;
        }
        let session = self.session.to_owned();
        let Some(place) = self.place_of(key, value, own_place) else {
            return;
        };
        if let (Some(own), Some(own_place)) = (own, own_place)
            && place < own_place
        {
            self.anomalies.push(Anomaly::OwnWriteUnseen {
                session,
                value: own.value.clone(),
            });
            return;
        }
        if newest.is_some_and(|(newest, _)| place < newest) {
            self.anomalies.push(Anomaly::WentBack {
                session,
                key: key.to_owned(),
            });
            return;
        }
        if value.is_some() {
            self.seen = self.seen.max(place);
        }
    }

    /// Where what was read stands in the feed; nothing where it stands nowhere, which is told.
    fn place_of(
        &mut self,
        key: &str,
        value: Option<&str>,
        own_place: Option<usize>,
    ) -> Option<usize> {
        let Some(value) = value else {
            // The first absence that fits what it has seen, or else the one before everything.
            let from = self.seen.max(own_place.unwrap_or(0));
            return Some(self.order.absent_from(key, from).unwrap_or(0));
        };
        let found = self.order.places.get(value);
        let place = found.filter(|(_, of)| *of == key).map(|(place, _)| *place);
        if place.is_none() {
            self.anomalies.push(Anomaly::FromNowhere {
                session: self.session.to_owned(),
                value: value.to_owned(),
            });
        }
        place
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]
mod tests {
    use super::*;

    /// `a:` begins a session; `x=1` writes, `-x=2` removes, `x?1` reads, `x?` reads nothing. `feed:`, `refused:` and
    /// `end a:` (what a session sees in the end) tell the rest.
    fn history(text: &str) -> History {
        let mut history = History::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (head, words) = line.split_once(':').unwrap();
            for word in words.split_whitespace() {
                tell(&mut history, head, word);
            }
        }
        history
    }

    fn tell(history: &mut History, head: &str, word: &str) {
        let is_removal = word.starts_with('-');
        let word = word.trim_start_matches('-');
        if head == "refused" {
            return history.refused(word);
        }
        if let Some((key, value)) = word.split_once('?') {
            let value = (!value.is_empty()).then_some(value);
            return match head.strip_prefix("end ") {
                Some(session) => history.finally(session, key, value),
                None => history.read(head, key, value),
            };
        }
        let (key, value) = word.split_once('=').unwrap();
        match (head, is_removal) {
            ("feed", _) => history.decided(key, value, is_removal),
            (_, true) => history.removed(head, key, value),
            (_, false) => history.wrote(head, key, value),
        }
    }

    fn anomalies(text: &str) -> Vec<Anomaly> {
        history(text).check().into_iter().collect()
    }

    fn session(name: &str) -> String {
        name.to_owned()
    }

    #[test]
    fn a_history_as_it_should_be_has_no_anomaly() {
        let clean = "
            a: x? x=1 x?1 x?1 y=2 -x=4 x? y?2 x?5
            b: x? x?1 y? y?2 x=3 x?3 x? x=5 x?5 x?5
            c: x=9 x?9 x?5
            d: y?2 -y=8 y? y? y?2
            feed: x=1 x=3 y=2 -x=4 x=5
            refused: 9 8
            end a: x?5 y?2
            end b: x?5 y?2
        ";
        assert_eq!(anomalies(clean), []);
    }

    #[test]
    fn what_is_lost_or_doubled_is_found() {
        let lost = anomalies("a: x=1 y=2\n feed: y=2");
        assert_eq!(lost, [Anomaly::Lost("1".to_owned())]);
        let doubled = anomalies("a: x=1\n feed: x=1 x=1");
        assert_eq!(doubled, [Anomaly::Doubled("1".to_owned())]);
        assert_eq!(anomalies("a: x=1\n refused: 1"), []);
    }

    #[test]
    fn writes_that_change_places_are_found() {
        let found = anomalies("a: x=1 y=2\n feed: y=2 x=1");
        let (session, value) = (session("a"), "2".to_owned());
        assert_eq!(found, [Anomaly::OutOfOrder { session, value }]);
    }

    #[test]
    fn an_own_write_that_is_not_seen_is_found() {
        let unseen = Anomaly::OwnWriteUnseen {
            session: session("a"),
            value: "1".to_owned(),
        };
        assert_eq!(
            anomalies("a: x=1 x?\n feed: x=1"),
            std::slice::from_ref(&unseen)
        );
        assert_eq!(anomalies("a: x=1 x?0\n b: x=0\n feed: x=0 x=1"), [unseen]);
        assert_eq!(
            anomalies("a: x=1 x?2\n b: x=2\n feed: x=1 x=2"),
            [],
            "overtaken"
        );
    }

    #[test]
    fn a_read_that_goes_back_is_found_over_all_entities() {
        let back = |key: &str| Anomaly::WentBack {
            session: session("b"),
            key: key.to_owned(),
        };
        assert_eq!(
            anomalies("a: x=1 x=2\n b: x?2 x?1\n feed: x=1 x=2"),
            [back("x")]
        );
        assert_eq!(anomalies("a: x=1\n b: x?1 x?\n feed: x=1"), [back("x")]);
        // Also to what it wrote itself, once it has seen what overtook that.
        assert_eq!(
            anomalies("a: x=2\n b: x=1 x?1 x?2 x?1\n feed: x=1 x=2"),
            [back("x")]
        );
        // Who sees what came later in the feed has what came before.
        assert_eq!(
            anomalies("a: x=1 y=2\n b: y?2 x?\n feed: x=1 y=2"),
            [back("x")]
        );
        assert_eq!(anomalies("a: x=1 y=2\n b: x? y?2 x?1\n feed: x=1 y=2"), []);
        // What was refused is there again, once.
        assert_eq!(
            anomalies("a: x=1\n b: x?1 -x=2 x? x?1 x?\n feed: x=1\n refused: 2"),
            [back("x")]
        );
        // What was taken away does not come back.
        assert_eq!(
            anomalies("a: x=1 -x=2 y=3\n b: y?3 x?1\n feed: x=1 -x=2 y=3"),
            [back("x")]
        );
    }

    #[test]
    fn a_value_that_nobody_wrote_is_found() {
        let (session, value) = (session("a"), "7".to_owned());
        assert_eq!(
            anomalies("a: x?7"),
            [Anomaly::FromNowhere { session, value }]
        );
        assert_eq!(
            anomalies("a: y?1\n b: x=1\n feed: x=1").len(),
            1,
            "of another entity"
        );
        let (session, value) = (self::session("b"), "9".to_owned());
        let refused = anomalies("a: x=9 x?9\n b: x?9\n refused: 9");
        assert_eq!(refused, [Anomaly::FromNowhere { session, value }]);
    }

    #[test]
    fn two_ends_that_differ_are_found() {
        let diverged = |session: &str| Anomaly::Diverged {
            session: session.to_owned(),
            key: "x".to_owned(),
        };
        let found = anomalies("a: x=1\n b: x=2\n feed: x=1 x=2\n end a: x?1\n end b: x?2");
        assert_eq!(found, [diverged("a")]);
        assert_eq!(
            anomalies("a: x=1 -x=2\n feed: x=1 -x=2\n end a: x?1"),
            [diverged("a")]
        );
    }
}
