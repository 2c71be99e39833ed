#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use super::*;
use crate::sessions::Bounds;
use crate::{Filters, ModelBuilder, Taste};
use chrono::{DateTime, Utc};
use domain::ids::{Sku, StoreId};
use domain::item::Item;
use proptest::prelude::*;

pub(super) fn sku(number: u8) -> Sku {
    Sku::parse(format!("sku-{number:02}")).unwrap()
}

fn catalogue() -> Vec<Item> {
    (0..20_u8)
        .map(|number| {
            serde_json::from_value(serde_json::json!({
                "sku": sku(number), "title": "x", "department": format!("d-{}", number % 4),
                "style": format!("s-{}", number / 2), "category": "c", "replenishable": number % 5 == 0,
            }))
            .unwrap()
        })
        .collect()
}

pub(super) type Histories = Vec<Vec<u8>>;

pub(super) fn histories() -> impl Strategy<Value = Histories> {
    prop::collection::vec(prop::collection::vec(0_u8..22, 1..7), 0..25)
}

/// A model with flat and live sessions.
pub(super) fn model(built: &Histories, appended: &Histories) -> Model {
    let bounds = Bounds {
        postings_per_item: 8,
        items_per_session: 6,
        sessions: 30,
        live_sessions: 6,
    };
    let catalogue = catalogue();
    let mut builder = ModelBuilder::new(&catalogue).with_bounds(bounds, bounds);
    for (at, items) in built.iter().enumerate() {
        let at = DateTime::<Utc>::from_timestamp(at as i64 * 50_000, 0).unwrap();
        let skus: Vec<Sku> = items.iter().map(|item| sku(*item)).collect();
        builder.add_session(at, &skus);
        builder.add_basket(
            at,
            Some(&StoreId::parse(format!("s-{}", items[0] % 3)).unwrap()),
            &skus,
        );
    }
    let mut model = builder.build();
    append(&mut model, appended);
    model
}

fn append(model: &mut Model, histories: &Histories) {
    for items in histories {
        let skus: Vec<Sku> = items.iter().map(|item| sku(*item)).collect();
        if let Some(session) = model.append_session(&skus[..1]) {
            for sku in &skus[1..] {
                model.extend_session(session, sku);
            }
        }
        model.append_basket(&skus);
    }
}

pub(super) fn answers(model: &Model, request: &[u8]) -> String {
    let skus: Vec<Sku> = request.iter().map(|item| sku(*item)).collect();
    let taste = Taste {
        session: skus.clone(),
        ..Taste::default()
    };
    let filters = Filters::default();
    let similar: Vec<_> = skus
        .iter()
        .map(|sku| model.similar(sku, &filters, 10))
        .collect();
    let now = DateTime::<Utc>::from_timestamp(5_000_000, 0).unwrap();
    format!(
        "{:?}{:?}{:?}{:?}",
        model.for_you(&taste, &filters, now, 10),
        model.for_you(&Taste::default(), &filters, now, 10),
        model.bought_together(&skus, &filters, 10),
        similar
    )
}

proptest! {
    #[test]
    fn a_model_read_back_answers_alike_now_and_later(
        built in histories(),
        appended in histories(),
        later in histories(),
        request in prop::collection::vec(0_u8..22, 0..6),
    ) {
        let mut model = model(&built, &appended);
        let bytes = model.to_snapshot();
        let mut read = Model::from_snapshot(&bytes).unwrap();
        prop_assert_eq!(read.version(), model.version());
        prop_assert_eq!(answers(&read, &request), answers(&model, &request));
        prop_assert_eq!(read.to_snapshot(), bytes);
        append(&mut model, &later);
        append(&mut read, &later);
        prop_assert_eq!(read.version(), model.version());
        prop_assert_eq!(answers(&read, &request), answers(&model, &request));
    }

    #[test]
    fn the_order_of_insertion_does_not_show(
        built in histories(),
        seed in any::<prop::sample::Index>(),
        request in prop::collection::vec(0_u8..22, 0..6),
    ) {
        let catalogue = catalogue();
        let mut reversed: Vec<&Item> = catalogue.iter().collect();
        reversed.reverse();
        let (mut one, mut other) = (ModelBuilder::new(&catalogue), ModelBuilder::new(reversed));
        let mut order: Vec<usize> = (0..built.len()).collect();
        order.rotate_left(if built.is_empty() { 0 } else { seed.index(built.len()) });
        let add = |builder: &mut ModelBuilder, at: usize| {
            let skus: Vec<Sku> = built[at].iter().map(|item| sku(*item)).collect();
            // Some at the same instant.
            let instant = DateTime::<Utc>::from_timestamp(at as i64 / 3 * 86_400, 0).unwrap();
            builder.add_session(instant, &skus);
            builder.add_basket(instant, Some(&StoreId::parse(format!("s-{}", at % 2)).unwrap()), &skus);
        };
        (0..built.len()).for_each(|at| add(&mut one, at));
        order.into_iter().rev().for_each(|at| add(&mut other, at));
        let (one, other) = (one.build(), other.build());
        prop_assert_eq!(one.version(), other.version());
        prop_assert_eq!(one.to_snapshot(), other.to_snapshot());
        prop_assert_eq!(answers(&one, &request), answers(&other, &request));
    }

    #[test]
    fn any_bytes_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Model::from_snapshot(&bytes).is_err());
    }

    #[test]
    fn any_body_under_a_right_header_is_read_or_refused(
        built in histories(),
        at in any::<prop::sample::Index>(),
        written in prop::collection::vec(any::<u8>(), 1..12),
    ) {
        // With the checksum made right again the decoder itself has to stand.
        let mut bytes = model(&built, &built).to_snapshot();
        let start = HEADER_LEN + at.index(bytes.len() - HEADER_LEN);
        for (slot, byte) in bytes[start..].iter_mut().zip(&written) {
            *slot = *byte;
        }
        let sum = checksum_of(&bytes[..CHECKED_HEADER_LEN], &bytes[HEADER_LEN..]);
        bytes[CHECKED_HEADER_LEN..HEADER_LEN].copy_from_slice(&sum.to_le_bytes());
        if let Ok(read) = Model::from_snapshot(&bytes) {
            answers(&read, &[0, 1, 2, 3]);
        }
    }

    #[test]
    fn a_cut_or_lengthened_snapshot_is_an_error(built in histories(), at in any::<prop::sample::Index>()) {
        let mut bytes = model(&built, &built).to_snapshot();
        prop_assert!(Model::from_snapshot(&bytes[..at.index(bytes.len())]).is_err());
        bytes.push(0);
        prop_assert_eq!(Model::from_snapshot(&bytes).unwrap_err(), SnapshotError::TrailingBytes);
    }

    #[test]
    fn a_flipped_bit_is_an_error(built in histories(), at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let mut bytes = model(&built, &built).to_snapshot();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Model::from_snapshot(&bytes).is_err());
    }
}

#[test]
fn a_newer_format_says_so() {
    let mut bytes = model(&Vec::new(), &Vec::new()).to_snapshot();
    bytes[8] = 9;
    assert_eq!(
        Model::from_snapshot(&bytes).unwrap_err(),
        SnapshotError::UnknownFormat { found: 9 }
    );
    bytes[0] = b'x';
    assert_eq!(
        Model::from_snapshot(&bytes).unwrap_err(),
        SnapshotError::NotASnapshot
    );
}
