//! Reads the body of a snapshot, checking every number that something is later looked up with.

use super::SnapshotError;
use super::reader::Reader;
use crate::model::popularity::{LIST_MAX, Popularity, Ranked, STORES_MAX};
use crate::model::traits::{NONE, Traits};
use crate::model::{MAX_ITEMS, Model, ModelVersion};
use crate::names::Names;
use crate::sessions::{Bounds, SessionIndex};
use domain::ids::{DepartmentId, Sku, StoreId, StyleId};
use std::hash::Hash;

pub(super) fn body(bytes: &[u8], version: ModelVersion) -> Result<Model, SnapshotError> {
    let mut reader = Reader::new(bytes);
    let skus = names(&mut reader, "SKU", |text| Sku::parse(text).ok())?;
    let departments = names(&mut reader, "department", |text| {
        DepartmentId::parse(text).ok()
    })?;
    let styles = names(&mut reader, "style", |text| StyleId::parse(text).ok())?;
    let categories = names(&mut reader, "category", |text| Some(text.to_owned()))?;
    let mut traits = Vec::with_capacity(skus.len().min(bytes.len() / 16));
    for _ in 0..skus.len() {
        traits.push(Traits {
            department: name_number(&mut reader, departments.len(), "item's department")?,
            category: name_number(&mut reader, categories.len(), "item's category")?,
            style: name_number(&mut reader, styles.len(), "item's style")?,
            replenishable: flag(&mut reader)?,
        });
    }
    let sessions = index(&mut reader, skus.len(), "session")?;
    let baskets = index(&mut reader, skus.len(), "basket")?;
    let popularity = popularity(&mut reader, skus.len())?;
    if !reader.rest().is_empty() {
        return Err(SnapshotError::TrailingBytes);
    }
    Ok(Model {
        skus,
        departments,
        styles,
        categories,
        traits,
        sessions,
        baskets,
        popularity,
        version,
    })
}

fn names<T: Clone + Eq + Hash + Ord>(
    reader: &mut Reader<'_>,
    field: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Names<T>, SnapshotError> {
    let count = reader.count(4)?;
    if count > MAX_ITEMS {
        return Err(SnapshotError::Invalid { field });
    }
    let mut names = Names::default();
    for _ in 0..count {
        let name = parse(reader.text(field)?).ok_or(SnapshotError::Invalid { field })?;
        names.intern(&name);
    }
    // A repeated name would move the numbers of all that follow.
    if names.len() == count {
        Ok(names)
    } else {
        Err(SnapshotError::Invalid { field })
    }
}

fn name_number(
    reader: &mut Reader<'_>,
    names: usize,
    field: &'static str,
) -> Result<u32, SnapshotError> {
    let number = reader.u32()?;
    if number == NONE || (number as usize) < names {
        Ok(number)
    } else {
        Err(SnapshotError::Invalid { field })
    }
}

fn flag(reader: &mut Reader<'_>) -> Result<bool, SnapshotError> {
    match reader.u32()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(SnapshotError::Invalid {
            field: "item's flags",
        }),
    }
}

pub(super) fn index(
    reader: &mut Reader<'_>,
    items: usize,
    field: &'static str,
) -> Result<SessionIndex, SnapshotError> {
    let bounds = Bounds {
        postings_per_item: reader.u32()?,
        items_per_session: reader.u32()?,
        sessions: reader.u32()?,
        live_sessions: reader.u32()?,
    };
    if bounds != bounds.clamped() {
        return Err(SnapshotError::Invalid { field });
    }
    let first = reader.u64()?;
    let offset = reader.u32()?;
    let (over, open) = (reader.u32()?, reader.u32()?);
    let sessions = over.saturating_add(open);
    if first > u64::MAX / 2 || open > bounds.live_sessions || sessions > bounds.sessions {
        return Err(SnapshotError::Invalid { field });
    }
    let count = reader.count(4)?;
    let words: Vec<u32> = reader
        .take(4 * count)?
        .as_chunks()
        .0
        .iter()
        .map(|word| u32::from_le_bytes(*word))
        .collect();
    let invalid = SnapshotError::Invalid { field };
    SessionIndex::restore(&words, over, open, items, (first, offset), bounds).ok_or(invalid)
}

fn item_number(
    reader: &mut Reader<'_>,
    items: usize,
    field: &'static str,
) -> Result<u32, SnapshotError> {
    let number = reader.u32()?;
    if (number as usize) < items {
        Ok(number)
    } else {
        Err(SnapshotError::Invalid { field })
    }
}

fn popularity(reader: &mut Reader<'_>, items: usize) -> Result<Popularity, SnapshotError> {
    let overall = ranked(reader, items)?;
    let count = reader.count(8)?;
    if count > STORES_MAX {
        return Err(SnapshotError::Invalid {
            field: "list of stores",
        });
    }
    let mut stores: Vec<(StoreId, Vec<Ranked>)> = Vec::with_capacity(count);
    for _ in 0..count {
        let store = StoreId::parse(reader.text("store")?)
            .map_err(|_| SnapshotError::Invalid { field: "store" })?;
        // The stores are looked up by binary search.
        if stores.last().is_some_and(|last| last.0 >= store) {
            return Err(SnapshotError::Invalid { field: "store" });
        }
        stores.push((store, ranked(reader, items)?));
    }
    Ok(Popularity { overall, stores })
}

fn ranked(reader: &mut Reader<'_>, items: usize) -> Result<Vec<Ranked>, SnapshotError> {
    let count = reader.count(8)?;
    if count > LIST_MAX {
        return Err(SnapshotError::Invalid {
            field: "popularity",
        });
    }
    (0..count)
        .map(|_| Ok((item_number(reader, items, "popularity")?, reader.u32()?)))
        .collect()
}
