//! Writes the body of a snapshot.

use crate::model::Model;
use crate::model::popularity::Ranked;
use crate::sessions::{SessionIndex, words};

pub(super) fn body(model: &Model) -> Vec<u8> {
    let mut out = Vec::new();
    put_texts(&mut out, model.skus.as_slice());
    put_texts(&mut out, model.departments.as_slice());
    put_texts(&mut out, model.styles.as_slice());
    put_texts(&mut out, model.categories.as_slice());
    for traits in &model.traits {
        for number in [
            traits.department,
            traits.category,
            traits.style,
            u32::from(traits.replenishable),
        ] {
            put_u32(&mut out, number);
        }
    }
    put_index(&mut out, &model.sessions);
    put_index(&mut out, &model.baskets);
    put_ranked(&mut out, &model.popularity.overall);
    put_len(&mut out, model.popularity.stores.len());
    for (store, list) in &model.popularity.stores {
        put_text(&mut out, store.as_str());
        put_ranked(&mut out, list);
    }
    out
}

/// Bounds, the number of the oldest session, where the arena begins, how many sessions are over and how many
/// may go on, then all
/// sessions in the arena's own words.
pub(super) fn put_index(out: &mut Vec<u8>, index: &SessionIndex) {
    let bounds = index.bounds();
    for bound in [
        bounds.postings_per_item,
        bounds.items_per_session,
        bounds.sessions,
        bounds.live_sessions,
    ] {
        put_u32(out, bound);
    }
    out.extend_from_slice(&index.first().to_le_bytes());
    put_u32(out, index.offset());
    put_u32(out, index.len() - index.open_len());
    put_u32(out, index.open_len());
    put_len(out, index.iter().map(|session| session.len().max(1)).sum());
    for session in index.iter() {
        for word in words(session) {
            put_u32(out, word);
        }
    }
}

fn put_ranked(out: &mut Vec<u8>, list: &[Ranked]) {
    put_len(out, list.len());
    for (item, weight) in list {
        put_u32(out, *item);
        put_u32(out, *weight);
    }
}

fn put_texts<T: AsRef<str>>(out: &mut Vec<u8>, texts: &[T]) {
    put_len(out, texts.len());
    for text in texts {
        put_text(out, text.as_ref());
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Every length here is bounded far below 2³²; see the bounds in `model` and `sessions`.
fn put_len(out: &mut Vec<u8>, len: usize) {
    put_u32(out, u32::try_from(len).unwrap_or(u32::MAX));
}

fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}
