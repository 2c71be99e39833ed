//! What many people buy or look at, over all and by store.

use domain::ids::StoreId;

/// Items kept per list; enough that filters leave a full shelf.
pub(crate) const LIST_MAX: usize = 2_000;
/// Stores that get a list of their own; others are answered from the list over all.
pub(crate) const STORES_MAX: usize = 10_000;

/// An item's place in a list: its number and its weight.
pub(crate) type Ranked = (u32, u32);

/// Lists of items, the most popular first, equals by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Popularity {
    pub(crate) overall: Vec<Ranked>,
    /// In the order of the stores' ids.
    pub(crate) stores: Vec<(StoreId, Vec<Ranked>)>,
}

impl Popularity {
    /// The list of `store`; the one over all where the store is unknown or has none.
    pub(crate) fn list(&self, store: Option<&StoreId>) -> &[Ranked] {
        let own = store.and_then(|store| {
            let place = self
                .stores
                .binary_search_by(|entry| entry.0.cmp(store))
                .ok()?;
            self.stores.get(place).map(|entry| entry.1.as_slice())
        });
        own.filter(|list| !list.is_empty()).unwrap_or(&self.overall)
    }
}

/// How much an event of this age counts: what sold last month says more than what sold last year.
pub(crate) fn age_weight(age_days: i64) -> u32 {
    match age_days {
        ..=28 => 4,
        29..=91 => 2,
        _ => 1,
    }
}

/// The best [`LIST_MAX`] of `(item, weight)` pairs, whose weights are added up by item.
pub(crate) fn rank(mut weights: Vec<Ranked>) -> Vec<Ranked> {
    weights.sort_unstable_by_key(|entry| entry.0);
    let mut list: Vec<Ranked> = Vec::new();
    for (item, weight) in weights {
        match list.last_mut() {
            Some(last) if last.0 == item => last.1 = last.1.saturating_add(weight),
            _ => list.push((item, weight)),
        }
    }
    list.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    list.truncate(LIST_MAX);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_and_equals_keep_the_order_of_numbers() {
        assert_eq!(
            rank(vec![(3, 2), (1, 2), (9, 1), (9, 4), (2, 0)]),
            [(9, 5), (1, 2), (3, 2), (2, 0)]
        );
    }

    #[test]
    fn an_unknown_store_gets_the_list_over_all() {
        let known = StoreId::parse("s-1").unwrap_or_else(|_| unreachable!());
        let other = StoreId::parse("s-2").unwrap_or_else(|_| unreachable!());
        let popularity = Popularity {
            overall: vec![(1, 1)],
            stores: vec![(known.clone(), vec![(2, 1)])],
        };
        assert_eq!(popularity.list(Some(&known)), [(2, 1)]);
        assert_eq!(popularity.list(Some(&other)), [(1, 1)]);
        assert_eq!(popularity.list(None), [(1, 1)]);
    }
}
