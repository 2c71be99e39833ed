//! Who may call what: roles, permissions, and the one decision about them.

use crate::ids::{AssociateId, CustomerId, DeviceId, StoreId};
use serde::{Deserialize, Serialize};

/// What a caller is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An enrolled tablet, whoever holds it.
    Tablet,
    /// An enrolled kiosk: it never holds customers.
    Kiosk,
    /// An associate who signed in on a tablet.
    Associate,
    /// A manager of a store.
    Manager,
    /// Whoever runs the system.
    Operator,
    /// Somebody who buys, on her own phone: a guest until she signs in.
    Shopper,
}

impl Role {
    /// Every role, for tests and documents.
    pub const ALL: [Self; 6] = [
        Self::Tablet,
        Self::Kiosk,
        Self::Associate,
        Self::Manager,
        Self::Operator,
        Self::Shopper,
    ];

    /// The permissions that a token of this role is given.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Tablet => &[
                P::FeedsPull,
                P::CommandsPush,
                P::RecommendationsRead,
                P::PinVerify,
                P::CartsWrite,
                P::OrdersRefund,
            ],
            Self::Kiosk => &[
                P::FeedsPull,
                P::CommandsPush,
                P::RecommendationsRead,
                P::GuestsIdentify,
                P::CartsWrite,
            ],
            Self::Associate => &[P::RecommendationsRead],
            Self::Manager => &[
                P::RecommendationsRead,
                P::BoardRead,
                P::DevicesEnrol,
                P::TermsWrite,
            ],
            Self::Operator => &[
                P::BoardRead,
                P::DevicesEnrol,
                P::EventsReplay,
                P::TermsWrite,
            ],
            Self::Shopper => &[P::CartsWrite, P::ShopperRead],
        }
    }
}

/// What a token allows: an OAuth 2.0 scope value. (In Aisle a *scope* is a shard of the feed.)
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
pub enum Permission {
    /// Pull the feeds that the device was granted.
    #[serde(rename = "feeds:pull")]
    FeedsPull,
    /// Push commands of the device; a kiosk pushes those on carts alone.
    #[serde(rename = "commands:push")]
    CommandsPush,
    /// Ask for recommendations and their snapshot.
    #[serde(rename = "recommendations:read")]
    RecommendationsRead,
    /// Sign an associate in by PIN.
    #[serde(rename = "pin:verify")]
    PinVerify,
    /// Recognise a shopper by card or phone, for a first name and her shelves.
    #[serde(rename = "guests:identify")]
    GuestsIdentify,
    /// See the live figures of a store.
    #[serde(rename = "board:read")]
    BoardRead,
    /// Make a one-time code for a new device.
    #[serde(rename = "devices:enrol")]
    DevicesEnrol,
    /// Read and change carts, and check them out: those of the store, or the shopper's own.
    #[serde(rename = "carts:write")]
    CartsWrite,
    /// Take goods back.
    #[serde(rename = "orders:refund")]
    OrdersRefund,
    /// List and replay dead letters.
    #[serde(rename = "events:replay")]
    EventsReplay,
    /// Set the tax and the promotions of a store.
    #[serde(rename = "terms:write")]
    TermsWrite,
    /// A shopper's own: who she is, her carts, her orders.
    #[serde(rename = "shopper:read")]
    ShopperRead,
}

impl Permission {
    /// The value in a token's `scope` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FeedsPull => "feeds:pull",
            Self::CommandsPush => "commands:push",
            Self::RecommendationsRead => "recommendations:read",
            Self::PinVerify => "pin:verify",
            Self::GuestsIdentify => "guests:identify",
            Self::BoardRead => "board:read",
            Self::DevicesEnrol => "devices:enrol",
            Self::CartsWrite => "carts:write",
            Self::OrdersRefund => "orders:refund",
            Self::EventsReplay => "events:replay",
            Self::TermsWrite => "terms:write",
            Self::ShopperRead => "shopper:read",
        }
    }
}

/// A caller whose token was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// What it is.
    pub role: Role,
    /// What its token allows; never more than [`Role::permissions`].
    pub permissions: Vec<Permission>,
    /// The store it belongs to; `None` for an operator.
    #[serde(default)]
    pub store: Option<StoreId>,
    /// The device it calls from, where there is one.
    #[serde(default)]
    pub device: Option<DeviceId>,
    /// The associate or manager, where a person signed in.
    #[serde(default)]
    pub associate: Option<AssociateId>,
    /// The customer, where she signed in herself.
    #[serde(default)]
    pub customer: Option<CustomerId>,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody: health, keys, catalogue, and what carries its own proof in the body.
    Public,
    /// Whoever has a source's write key (Segment's Basic scheme): web shops and their browsers.
    WriteKey,
    /// A bearer token with one of the roles *and* the permission.
    Bearer {
        /// Any of these.
        roles: &'static [Role],
        /// And this.
        permission: Permission,
    },
}

/// What [`Access::decide`] says of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// 401: say who you are.
    Unauthenticated,
    /// 403: you are known, and may not.
    Forbidden,
}

impl Access {
    /// Decides on a caller: `None` is one who showed no valid token.
    #[must_use]
    pub fn decide(&self, principal: Option<&Principal>) -> Decision {
        match (self, principal) {
            (Self::Public | Self::WriteKey, _) => Decision::Allowed,
            (Self::Bearer { .. }, None) => Decision::Unauthenticated,
            (Self::Bearer { roles, permission }, Some(caller)) => {
                let may = roles.contains(&caller.role)
                    && caller.role.permissions().contains(permission)
                    && caller.permissions.contains(permission);
                if may {
                    Decision::Allowed
                } else {
                    Decision::Forbidden
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, permissions: &[Permission]) -> Principal {
        Principal {
            role,
            permissions: permissions.to_vec(),
            store: None,
            device: None,
            associate: None,
            customer: None,
        }
    }

    #[test]
    fn a_token_needs_both_the_role_and_the_permission() {
        let board = Access::Bearer {
            roles: &[Role::Manager],
            permission: Permission::BoardRead,
        };
        assert_eq!(board.decide(None), Decision::Unauthenticated);
        assert_eq!(
            board.decide(Some(&caller(Role::Manager, &[]))),
            Decision::Forbidden
        );
        assert_eq!(
            board.decide(Some(&caller(Role::Operator, &[Permission::BoardRead]))),
            Decision::Forbidden
        );
        assert_eq!(
            board.decide(Some(&caller(Role::Manager, &[Permission::BoardRead]))),
            Decision::Allowed
        );
    }

    #[test]
    fn a_token_never_has_more_than_its_role() {
        let push = Access::Bearer {
            roles: &Role::ALL,
            permission: Permission::CommandsPush,
        };
        assert_eq!(
            push.decide(Some(&caller(Role::Shopper, &[Permission::CommandsPush]))),
            Decision::Forbidden
        );
    }
}
