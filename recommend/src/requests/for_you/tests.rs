#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use crate::requests::fixtures::*;
use crate::{Diversity, Filters, Revisit, Taste};
use domain::ids::{DepartmentId, StoreId};
use domain::recommendation::{Reason, Recommendation};

fn for_you(taste: &Taste, filters: &Filters<'_>) -> Vec<Recommendation> {
    store().for_you(taste, filters, day(30), 10)
}

#[test]
fn a_session_leads_to_what_followed_it_and_names_what_led_there() {
    let answer = for_you(&looking_at("boots-39"), &Filters::default());
    assert_eq!(answer[0].sku, sku("socks"));
    assert_eq!(
        answer[0].reason,
        Reason::ViewedWith {
            sku: sku("boots-39")
        }
    );
    assert!(answer[0].score > answer[1].score);
}

#[test]
fn what_she_looks_at_is_not_shown_again_unless_asked_for() {
    let taste = looking_at("socks boots-39");
    assert!(!shown(&for_you(&taste, &Filters::default())).contains(&"boots-39"));
    let filters = Filters {
        revisit: Revisit::Allow,
        ..Filters::default()
    };
    assert!(shown(&for_you(&taste, &filters)).contains(&"boots-39"));
}

#[test]
fn what_she_owns_is_shown_again_only_if_it_is_used_up() {
    let taste = Taste {
        purchases: vec![
            bought("socks", 3),
            bought("coffee", 2),
            bought("coffee", 9),
            bought("coffee", 16),
        ],
        ..looking_at("boots-39")
    };
    let answer = for_you(&taste, &Filters::default());
    assert!(!shown(&answer).contains(&"socks"));
    let coffee = answer
        .iter()
        .find(|shown| shown.sku == sku("coffee"))
        .unwrap();
    assert_eq!(coffee.reason, Reason::BoughtBefore { times: 3 });
}

#[test]
fn owned_elsewhere_returned_and_sold_out_items_are_never_shown() {
    let sold_out = |other: &domain::ids::Sku| *other != sku("tent");
    let filters = Filters {
        owned: [sku("socks")].into(),
        hidden: [sku("lamp")].into(),
        available: &sold_out,
        ..Filters::default()
    };
    let answer = for_you(&looking_at("boots-40"), &filters);
    for never in ["socks", "lamp", "tent", "boots-40"] {
        assert!(!shown(&answer).contains(&never), "{never}");
    }
    assert!(!answer.is_empty());
}

#[test]
fn a_department_keeps_the_others_out() {
    let filters = Filters {
        department: Some(DepartmentId::parse("home").unwrap()),
        ..Filters::default()
    };
    let answer = for_you(&looking_at("tent"), &filters);
    assert_eq!(
        answer
            .iter()
            .map(|shown| shown.sku.as_str())
            .collect::<std::collections::BTreeSet<_>>(),
        ["lamp", "rug"].into()
    );
    let nowhere = Filters {
        department: Some(DepartmentId::parse("toys").unwrap()),
        ..Filters::default()
    };
    assert!(for_you(&looking_at("tent"), &nowhere).is_empty());
}

#[test]
fn a_shelf_holds_one_of_a_style_and_as_many_of_a_department_as_allowed() {
    let answer = for_you(&looking_at("socks"), &Filters::default());
    let boots = shown(&answer)
        .iter()
        .filter(|sku| sku.starts_with("boots"))
        .count();
    assert_eq!(boots, 1);
    let both = Filters {
        diversity: Diversity::NONE,
        ..Filters::default()
    };
    assert_eq!(
        shown(&for_you(&looking_at("socks"), &both))
            .iter()
            .filter(|sku| sku.starts_with("boots"))
            .count(),
        2
    );
    let mixed = Filters {
        diversity: Diversity {
            per_style: None,
            per_department: Some(1),
        },
        ..Filters::default()
    };
    assert_eq!(for_you(&looking_at("socks"), &mixed).len(), 3);
}

#[test]
fn somebody_unknown_sees_the_best_of_each_department_of_her_store() {
    let store = |name: &str| Taste {
        store: Some(StoreId::parse(name).unwrap()),
        ..Taste::default()
    };
    let south = for_you(&store("south"), &Filters::default());
    assert_eq!(shown(&south), ["coffee", "lamp", "milk", "tea"]);
    assert!(south.iter().all(|shown| shown.reason == Reason::Popular));
    let elsewhere = for_you(&store("east"), &Filters::default());
    assert_eq!(elsewhere, for_you(&Taste::default(), &Filters::default()));
    let departments: Vec<&str> = shown(&elsewhere)[..3].to_vec();
    assert_eq!(departments, ["coffee", "socks", "lamp"]);
}

#[test]
fn a_cart_brings_what_goes_with_it_and_is_not_shown() {
    let taste = Taste {
        cart: skus("milk"),
        ..Taste::default()
    };
    let answer = for_you(&taste, &Filters::default());
    assert_eq!(answer[0].sku, sku("coffee"));
    assert_eq!(answer[0].reason, Reason::BoughtWith { sku: sku("milk") });
    assert!(!shown(&answer).contains(&"milk"));
}

#[test]
fn a_wish_is_shown_as_such() {
    let taste = Taste {
        wished: skus("rug"),
        ..Taste::default()
    };
    let answer = for_you(&taste, &Filters::default());
    assert_eq!(
        (answer[0].sku.clone(), answer[0].reason.clone()),
        (sku("rug"), Reason::Wished)
    );
}

#[test]
fn a_liked_department_is_the_reason_for_what_is_popular_in_it() {
    let outdoor = DepartmentId::parse("outdoor").unwrap();
    let taste = Taste {
        departments: vec![outdoor.clone()],
        ..Taste::default()
    };
    let answer = for_you(&taste, &Filters::default());
    assert_eq!(
        answer[0].reason,
        Reason::PopularIn {
            department: outdoor
        }
    );
    assert!(answer.iter().any(|shown| shown.reason == Reason::Popular));
}

#[test]
fn unknown_items_and_huge_limits_do_no_harm() {
    let taste = Taste {
        cart: skus("nope"),
        purchases: vec![bought("never-sold", 1)],
        ..looking_at("gone")
    };
    let answer = store().for_you(&taste, &Filters::default(), day(30), usize::MAX);
    assert!(!answer.is_empty() && answer.len() <= crate::requests::MAX_LIMIT);
    assert!(
        store()
            .for_you(&taste, &Filters::default(), day(30), 0)
            .is_empty()
    );
}
