//! *Say this*: the one line that an associate reads in the first second.

use crate::customer::Customer;
use crate::ids::Sku;
use crate::profile::Profile;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Why this line: the screen words it in the associate's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "say")]
pub enum Greeting {
    /// It is her birthday.
    Birthday,
    /// Something on her wish list is in stock here.
    WishInStock {
        /// Which.
        sku: Sku,
    },
    /// Her cart on the web is not empty.
    CartWaiting {
        /// The first thing in it.
        sku: Sku,
        /// Pieces in all.
        pieces: u32,
    },
    /// She looked at something lately, and it is in stock here.
    LookedAt {
        /// Which.
        sku: Sku,
        /// When.
        at: DateTime<Utc>,
    },
    /// Her first visit with a name.
    FirstVisit,
    /// She was away for long.
    LongTime {
        /// Whole months.
        months: u32,
    },
    /// A regular, nothing special.
    WelcomeBack,
}

/// Picks the line: the most useful that is true. Nothing of her browsing is said where she refused personalisation.
#[must_use]
pub fn say_this(
    customer: &Customer,
    profile: &Profile,
    in_stock: &dyn Fn(&Sku) -> bool,
    now: DateTime<Utc>,
) -> Greeting {
    use crate::customer::Purpose;
    let personal = !customer.refuses(Purpose::Personalisation);
    if customer.birthday.as_deref() == Some(now.format("%m-%d").to_string().as_str()) {
        return Greeting::Birthday;
    }
    if let Some(sku) = customer.wish_list.iter().find(|sku| in_stock(sku)) {
        return Greeting::WishInStock { sku: sku.clone() };
    }
    if let Some(greeting) = personal
        .then(|| from_browsing(profile, in_stock, now))
        .flatten()
    {
        return greeting;
    }
    match customer.last_visit_at {
        None => Greeting::FirstVisit,
        Some(visit) => from_absence((now - visit).num_days()),
    }
}

fn from_browsing(
    profile: &Profile,
    in_stock: &dyn Fn(&Sku) -> bool,
    now: DateTime<Utc>,
) -> Option<Greeting> {
    if let Some(line) = profile.cart.first() {
        let pieces = profile
            .cart
            .iter()
            .fold(0_u32, |sum, line| sum.saturating_add(line.quantity));
        return Some(Greeting::CartWaiting {
            sku: line.sku.clone(),
            pieces,
        });
    }
    let recent = |at: DateTime<Utc>| now - at <= chrono::TimeDelta::days(7);
    let view = profile
        .views
        .iter()
        .find(|view| recent(view.at) && in_stock(&view.sku))?;
    Some(Greeting::LookedAt {
        sku: view.sku.clone(),
        at: view.at,
    })
}

fn from_absence(days: i64) -> Greeting {
    match u32::try_from(days / 30) {
        Ok(months @ 4..) => Greeting::LongTime { months },
        _ => Greeting::WelcomeBack,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{CartLine, View};

    const NOW: &str = "2026-05-17T10:00:00Z";

    fn customer(extra: &serde_json::Value) -> Customer {
        let mut body = serde_json::json!({"id": "c", "name": {"given": "Ana"}, "home_store": "1", "last_visit_at": "2026-05-01T00:00:00Z"});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    fn say(customer: &Customer, profile: &Profile, stocked: bool) -> Greeting {
        say_this(customer, profile, &|_| stocked, NOW.parse().unwrap())
    }

    #[test]
    fn the_most_useful_true_line_wins() {
        let sku = Sku::parse("boots-39").unwrap();
        let view = View {
            sku: sku.clone(),
            at: "2026-05-16T10:00:00Z".parse().unwrap(),
        };
        let browsing = Profile {
            views: vec![view.clone()],
            ..Profile::default()
        };
        let wishing = customer(&serde_json::json!({"wish_list": ["boots-39"]}));
        assert_eq!(
            say(&wishing, &browsing, true),
            Greeting::WishInStock { sku: sku.clone() }
        );
        assert_eq!(
            say(&wishing, &Profile::default(), false),
            Greeting::WelcomeBack
        );
        let plain = customer(&serde_json::json!({}));
        assert_eq!(
            say(&plain, &browsing, true),
            Greeting::LookedAt {
                sku: sku.clone(),
                at: view.at
            }
        );
        let cart = Profile {
            cart: vec![CartLine {
                sku: sku.clone(),
                quantity: 2,
            }],
            ..browsing
        };
        assert_eq!(
            say(&plain, &cart, true),
            Greeting::CartWaiting { sku, pieces: 2 }
        );
        assert_eq!(
            say(
                &customer(&serde_json::json!({"birthday": "05-17"})),
                &cart,
                true
            ),
            Greeting::Birthday
        );
        assert_eq!(
            say(
                &customer(&serde_json::json!({"last_visit_at": null})),
                &Profile::default(),
                true
            ),
            Greeting::FirstVisit
        );
        let away = customer(&serde_json::json!({"last_visit_at": "2025-05-17T00:00:00Z"}));
        assert_eq!(
            say(&away, &Profile::default(), true),
            Greeting::LongTime { months: 12 }
        );
    }

    #[test]
    fn who_refused_personalisation_is_not_told_what_she_looked_at() {
        let view = View {
            sku: Sku::parse("boots-39").unwrap(),
            at: NOW.parse().unwrap(),
        };
        let browsing = Profile {
            views: vec![view],
            ..Profile::default()
        };
        let refusing = customer(&serde_json::json!({"consents": [
            {"purpose": "personalisation", "granted": false, "at": "2026-01-01T00:00:00Z"}]}));
        assert_eq!(say(&refusing, &browsing, true), Greeting::WelcomeBack);
    }
}
