//! Whether the ledger's entities are what its feeds tell, byte for byte.

use super::history::{Feed, History};
use super::ledger::Model;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The first difference.
pub(super) fn compare(model: &Model, history: &History) -> Option<String> {
    let mut told = BTreeMap::new();
    for feed in history.feeds.values() {
        for ((kind, id), (_, body)) in feed.rows_at(feed.head()) {
            told.insert(format!("E#{kind}#{id}"), body);
        }
    }
    let mut entries: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, body) in model.all() {
        if key.partition.starts_with("E#")
            && key.sort == "V"
            && told.remove(&key.partition).as_deref() != Some(body)
        {
            return Some(format!("{} is not what its feed tells", key.partition));
        }
        if let Some(scope) = key.partition.strip_prefix("S#")
            && key.sort.starts_with("F#")
        {
            *entries.entry(scope).or_default() += 1;
        }
    }
    if let Some(entity) = told.keys().next() {
        return Some(format!("{entity} is told and is not there"));
    }
    history.feeds.iter().find_map(|(scope, feed)| {
        let there = entries.get(scope.as_str()).copied().unwrap_or(0);
        let least = feed.head() - feed.floor;
        (there < least).then(|| format!("{scope} has {there} entries, at least {least} are needed"))
    })
}

/// A hash of everything that the cloud holds but for what devices' clocks said, which is shown and orders nothing.
pub(super) fn timeless(history: &History) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (scope, feed) in &history.feeds {
        (scope, feed.head(), rows(feed)).hash(&mut hasher);
    }
    for ((device, cseq), decided) in &history.decided {
        (device, cseq, &decided.id, format!("{:?}", decided.status)).hash(&mut hasher);
    }
    hasher.finish()
}

fn rows(feed: &Feed) -> Vec<(String, u64, String)> {
    let rows = feed.rows_at(feed.head()).into_iter();
    let rows = rows.map(|((kind, id), (version, body))| {
        let mut body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        body.as_object_mut()
            .map(|fields| fields.remove("written_at"));
        (format!("{kind} {id}"), version, body.to_string())
    });
    rows.collect()
}
