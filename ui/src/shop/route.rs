//! Which page of the shop an address names.

use crate::percent;
use crate::place::Address;
use domain::ids::{DepartmentId, OrderId, Sku};

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum ShopRoute {
    /// `/shop/`
    #[default]
    Home,
    /// `/shop/department/<id>`
    Department(DepartmentId),
    /// `/shop/search/<words>`
    Search(String),
    /// `/shop/item/<sku>`
    Item(Sku),
    /// `/shop/cart`
    Cart,
    /// `/shop/ordered/<order>`
    Ordered(OrderId),
    /// `/shop/orders`
    Orders,
    /// `/shop/orders/<order>`
    Order(OrderId),
    /// `/shop/account`
    Account,
    /// `/shop/take-over`: a code is typed or scanned.
    TakeOver,
    /// `/shop/h/<secret>`: where the QR on another device leads.
    Handoff(String),
}

impl ShopRoute {
    /// Its name in a `page` call.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Department(_) => "Department",
            Self::Search(_) => "Search",
            Self::Item(_) => "Item",
            Self::Cart => "Cart",
            Self::Ordered(_) => "Ordered",
            Self::Orders => "Orders",
            Self::Order(_) => "Order",
            Self::Account => "Account",
            Self::TakeOver => "Take over",
            Self::Handoff(_) => "Handoff",
        }
    }

    /// Whether it is about her, not about goods: a small screen leaves the search out.
    pub(crate) const fn is_hers(&self) -> bool {
        !matches!(
            self,
            Self::Home | Self::Department(_) | Self::Search(_) | Self::Item(_)
        )
    }

    /// Its path as it is told: a secret is told to nobody.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Handoff(_) => "/shop/h/".to_owned(),
            other => other.path(),
        }
    }
}

impl Address for ShopRoute {
    fn parse(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let parts: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(percent::decode)
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["shop", "department", id] => {
                DepartmentId::parse(*id).map_or(Self::Home, Self::Department)
            }
            ["shop", "search", words] => Self::Search((*words).to_owned()),
            ["shop", "item", sku] => Sku::parse(*sku).map_or(Self::Home, Self::Item),
            ["shop", "cart"] => Self::Cart,
            ["shop", "ordered", order] => OrderId::parse(*order).map_or(Self::Home, Self::Ordered),
            ["shop", "orders"] => Self::Orders,
            ["shop", "orders", order] => OrderId::parse(*order).map_or(Self::Orders, Self::Order),
            ["shop", "account"] => Self::Account,
            ["shop", "take-over"] => Self::TakeOver,
            ["shop", "h", secret] | ["h", secret] => Self::Handoff((*secret).to_owned()),
            _ => Self::Home,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Home => "/shop/".to_owned(),
            Self::Department(id) => format!("/shop/department/{}", percent::encode(id.as_str())),
            Self::Search(words) => format!("/shop/search/{}", percent::encode(words)),
            Self::Item(sku) => format!("/shop/item/{}", percent::encode(sku.as_str())),
            Self::Cart => "/shop/cart".to_owned(),
            Self::Ordered(order) => format!("/shop/ordered/{}", percent::encode(order.as_str())),
            Self::Orders => "/shop/orders".to_owned(),
            Self::Order(order) => format!("/shop/orders/{}", percent::encode(order.as_str())),
            Self::Account => "/shop/account".to_owned(),
            Self::TakeOver => "/shop/take-over".to_owned(),
            Self::Handoff(secret) => format!("/shop/h/{}", percent::encode(secret)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_an_address_and_back() {
        let order = || OrderId::parse("W-1").unwrap();
        for route in [
            ShopRoute::Home,
            ShopRoute::Department(DepartmentId::parse("home").unwrap()),
            ShopRoute::Search("rain / boots?".into()),
            ShopRoute::Item(Sku::parse("OU001/NAVY S").unwrap()),
            ShopRoute::Cart,
            ShopRoute::Ordered(order()),
            ShopRoute::Orders,
            ShopRoute::Order(order()),
            ShopRoute::Account,
            ShopRoute::TakeOver,
            ShopRoute::Handoff("00112233445566778899aabbccddeeff".into()),
        ] {
            assert_eq!(ShopRoute::parse(&route.path()), route);
        }
        assert_eq!(ShopRoute::parse("/shop/what/else"), ShopRoute::Home);
    }

    #[test]
    fn a_secret_is_in_no_click() {
        let secret = "00112233445566778899aabbccddeeff";
        let route = ShopRoute::parse(&format!("/h/{secret}"));
        assert_eq!(route, ShopRoute::Handoff(secret.into()));
        assert!(!route.told().contains(secret));
    }
}
