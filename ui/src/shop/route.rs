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
    /// `/shop/account`
    Account,
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
            Self::Account => "Account",
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
            ["shop", "account"] => Self::Account,
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
            Self::Account => "/shop/account".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_an_address_and_back() {
        for route in [
            ShopRoute::Home,
            ShopRoute::Department(DepartmentId::parse("home").unwrap()),
            ShopRoute::Search("rain / boots?".into()),
            ShopRoute::Item(Sku::parse("OU001/NAVY S").unwrap()),
            ShopRoute::Cart,
            ShopRoute::Ordered(OrderId::parse("W-1").unwrap()),
            ShopRoute::Account,
        ] {
            assert_eq!(ShopRoute::parse(&route.path()), route);
        }
        assert_eq!(ShopRoute::parse("/shop/what/else"), ShopRoute::Home);
    }
}
