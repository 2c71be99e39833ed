//! Which screen an address names. Pure; the browser is moved elsewhere.

use crate::percent;
use crate::place::Address;
use domain::ids::{CartId, CustomerId, Sku};

/// A screen of the app.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Route {
    /// `/`: the device says which screen is its own.
    #[default]
    Start,
    /// `/associate`, `/associate/people/<customer>`.
    People(Option<CustomerId>),
    /// `/associate/items`, `/associate/items/<sku>`.
    Items(Option<Sku>),
    /// `/associate/carts`, `/associate/carts/<cart>`.
    Carts(Option<CartId>),
    /// `/associate/orders/<order>`: a receipt, by the order's id or the receipt's number.
    Order(String),
    /// `/associate/repair`: what was refused.
    Repair,
    /// `/associate/board`.
    Board,
    /// `/manager`: the board alone.
    Manager,
    /// `/kiosk`. Where a shopper is inside it stands in no address: nothing of hers is left in a history.
    Kiosk,
}

impl Address for Route {
    fn parse(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["associate"] | ["associate", "people"] => Self::People(None),
            ["associate", "people", id] => {
                Self::People(CustomerId::parse(percent::decode(id)).ok())
            }
            ["associate", "items"] => Self::Items(None),
            ["associate", "items", sku] => Self::Items(Sku::parse(percent::decode(sku)).ok()),
            ["associate", "carts"] => Self::Carts(None),
            ["associate", "carts", id] => Self::Carts(CartId::parse(percent::decode(id)).ok()),
            ["associate", "orders", order] => Self::Order(percent::decode(order)),
            ["associate", "repair"] => Self::Repair,
            ["associate", "board"] => Self::Board,
            ["manager"] => Self::Manager,
            ["kiosk"] => Self::Kiosk,
            _ => Self::Start,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Start => "/".to_owned(),
            Self::People(None) => "/associate".to_owned(),
            Self::People(Some(id)) => format!("/associate/people/{}", percent::encode(id.as_str())),
            Self::Items(None) => "/associate/items".to_owned(),
            Self::Items(Some(sku)) => format!("/associate/items/{}", percent::encode(sku.as_str())),
            Self::Carts(None) => "/associate/carts".to_owned(),
            Self::Carts(Some(id)) => format!("/associate/carts/{}", percent::encode(id.as_str())),
            Self::Order(order) => format!("/associate/orders/{}", percent::encode(order)),
            Self::Repair => "/associate/repair".to_owned(),
            Self::Board => "/associate/board".to_owned(),
            Self::Manager => "/manager".to_owned(),
            Self::Kiosk => "/kiosk".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_has_an_address_and_back() {
        let customer = CustomerId::parse("c/1 ü%").unwrap();
        let sku = Sku::parse("85123A/blue?").unwrap();
        for route in [
            Route::Start,
            Route::People(None),
            Route::People(Some(customer)),
            Route::Items(None),
            Route::Items(Some(sku)),
            Route::Carts(None),
            Route::Carts(CartId::parse("k/1").ok()),
            Route::Order("17-003-20261123-000042".to_owned()),
            Route::Repair,
            Route::Board,
            Route::Manager,
            Route::Kiosk,
        ] {
            assert_eq!(Route::parse(&route.path()), route, "{}", route.path());
        }
    }

    #[test]
    fn an_unknown_address_is_the_start() {
        assert_eq!(Route::parse("/nowhere/at/all"), Route::Start);
        assert_eq!(Route::parse("/kiosk?idle=2"), Route::Kiosk);
        assert_eq!(
            Route::parse("/associate/items/%23"),
            Route::Items(None),
            "not an id"
        );
    }
}
