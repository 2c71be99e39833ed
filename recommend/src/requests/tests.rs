//! What holds for every answer, whatever is asked.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use super::fixtures::*;
use crate::{Diversity, Filters, Model, Purchase, Revisit, Taste};
use domain::ids::Sku;
use domain::item::Item;
use domain::recommendation::{Reason, Recommendation};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Some of the catalogue, and something that is not in it.
fn some_skus() -> impl Strategy<Value = Vec<Sku>> {
    let mut all: Vec<Sku> = catalogue().into_iter().map(|item| item.sku).collect();
    all.push(sku("unknown"));
    prop::collection::vec(prop::sample::select(all), 0..5)
}

fn tastes() -> impl Strategy<Value = Taste> {
    let purchases = some_skus().prop_map(|skus| {
        let at = |place: usize| day(place as i64 * 9);
        skus.into_iter()
            .enumerate()
            .map(|(place, sku)| Purchase { sku, at: at(place) })
            .collect()
    });
    (
        some_skus(),
        some_skus(),
        some_skus(),
        some_skus(),
        purchases,
    )
        .prop_map(|(session, views, cart, wished, purchases)| Taste {
            session,
            views,
            cart,
            wished,
            purchases,
            ..Taste::default()
        })
}

fn described(sku: &Sku) -> Item {
    catalogue()
        .into_iter()
        .find(|item| item.sku == *sku)
        .unwrap()
}

fn check_shelf(answer: &[Recommendation], filters: &Filters<'_>, limit: usize) {
    assert!(answer.len() <= limit);
    assert!(
        answer
            .iter()
            .all(|shown| shown.score > 0.0 && shown.score <= 1.0)
    );
    let distinct: BTreeSet<&Sku> = answer.iter().map(|shown| &shown.sku).collect();
    assert_eq!(distinct.len(), answer.len());
    for shown in answer {
        let item = described(&shown.sku);
        assert!(
            !filters.hidden.contains(&item.sku),
            "{} is hidden",
            item.sku
        );
        assert!((filters.available)(&item.sku), "{} is sold out", item.sku);
        assert!(
            item.replenishable || !filters.owned.contains(&item.sku),
            "{} is owned",
            item.sku
        );
        let wanted = filters.department.as_ref();
        assert!(wanted.is_none_or(|department| item.department == *department));
        let twins = answer
            .iter()
            .filter(|other| described(&other.sku).style == item.style)
            .count();
        assert!(item.style.is_none() || filters.diversity == Diversity::NONE || twins == 1);
    }
}

/// The best first; of somebody unknown within each department, which take turns.
fn check_order(answer: &[Recommendation], in_turns: bool) {
    for (place, shown) in answer.iter().enumerate() {
        let rival = |other: &&Recommendation| {
            !in_turns || described(&other.sku).department == described(&shown.sku).department
        };
        let mut after = answer[place..].iter().filter(rival);
        assert!(after.all(|other| shown.score >= other.score));
    }
}

/// Evidence is something that is known of her.
fn check_reason(shown: &Recommendation, taste: &Taste, model: &Model) {
    let bought = taste
        .purchases
        .iter()
        .filter(|purchase| purchase.sku == shown.sku);
    match &shown.reason {
        Reason::ViewedWith { sku } => {
            assert!(taste.session.contains(sku) || taste.views.contains(sku));
        }
        Reason::BoughtWith { sku } => {
            let had = taste.purchases.iter().any(|purchase| purchase.sku == *sku);
            assert!(had || taste.cart.contains(sku));
            assert!(!model.baskets.is_empty());
        }
        Reason::BoughtBefore { times } => assert_eq!(*times as usize, bought.count()),
        Reason::Wished => assert!(taste.wished.contains(&shown.sku)),
        Reason::Picked => assert!(taste.pinned.contains(&shown.sku)),
        Reason::PopularIn { department } => {
            assert_eq!(described(&shown.sku).department, *department);
        }
        Reason::Popular => {}
        Reason::SimilarTo { .. } => panic!("for_you never says so"),
    }
}

proptest! {
    #[test]
    fn filters_hold_and_reasons_stand_on_evidence(
        taste in tastes(),
        owned in some_skus(),
        hidden in some_skus(),
        sold_out in some_skus(),
        department in prop::option::of(prop::sample::select(vec!["outdoor", "grocery", "home", "toys"])),
        mixed in any::<bool>(),
        limit in 0_usize..12,
    ) {
        let model = store();
        let available = |sku: &Sku| !sold_out.contains(sku);
        let filters = Filters {
            owned: owned.into_iter().collect(),
            hidden: hidden.into_iter().collect(),
            available: &available,
            department: department.map(|text| text.parse().unwrap()),
            diversity: if mixed { Diversity::default() } else { Diversity::NONE },
            revisit: Revisit::Hide,
        };
        let answer = model.for_you(&taste, &filters, day(60), limit);
        check_shelf(&answer, &filters, limit);
        check_order(&answer, taste.is_unknown());
        for shown in &answer {
            check_reason(shown, &taste, &model);
            prop_assert!(!taste.session.contains(&shown.sku) && !taste.cart.contains(&shown.sku));
            let bought = taste.purchases.iter().any(|purchase| purchase.sku == shown.sku);
            prop_assert!(!bought || described(&shown.sku).replenishable);
        }
        let together = model.bought_together(&taste.cart, &filters, limit);
        check_shelf(&together, &filters, limit);
        check_order(&together, false);
        for sku in &taste.session {
            let similar = model.similar(sku, &filters, limit);
            check_shelf(&similar, &filters, limit);
            check_order(&similar, false);
            prop_assert!(similar.iter().all(|shown| shown.sku != *sku));
        }
    }
}
