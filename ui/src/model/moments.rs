//! What she did on the web lately: views and searches in one list, newest first.

use crate::model::titles;
use chrono::{DateTime, Utc};
use domain::api::content::ItemView;
use domain::profile::Profile;

/// The most moments that a card shows.
pub const MOMENTS_MAX: usize = 8;

/// One thing that she did.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: What,
}

/// What she did.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Looked at an item.
    Looked {
        /// Its title, or its SKU where the card does not have it.
        title: String,
        /// The item, where the card has it.
        view: Option<Box<ItemView>>,
    },
    /// Searched.
    Searched(String),
}

/// The newest moments of a profile.
#[must_use]
pub fn moments(profile: &Profile, items: &[ItemView]) -> Vec<Moment> {
    let looked = profile.views.iter().map(|view| Moment {
        at: view.at,
        what: What::Looked {
            title: titles::title(items, &view.sku),
            view: titles::find(items, &view.sku).cloned().map(Box::new),
        },
    });
    let searched = profile.searches.iter().map(|search| Moment {
        at: search.at,
        what: What::Searched(search.query.clone()),
    });
    let mut moments: Vec<Moment> = looked.chain(searched).collect();
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    moments.truncate(MOMENTS_MAX);
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_and_searches_are_one_list() {
        let profile: Profile = serde_json::from_value(serde_json::json!({
            "views": [{"sku": "b", "at": "2026-05-17T10:03:00Z"}, {"sku": "a", "at": "2026-05-17T10:01:00Z"}],
            "searches": [{"query": "boots", "at": "2026-05-17T10:02:00Z"}]}))
        .unwrap();
        let found: Vec<String> = moments(&profile, &[])
            .into_iter()
            .map(|moment| match moment.what {
                What::Looked { title, .. } => title,
                What::Searched(query) => format!("?{query}"),
            })
            .collect();
        assert_eq!(found, ["b", "?boots", "a"]);
    }
}
