//! A shop and the people who work in it.

use crate::access::Role;
use crate::ids::{AssociateId, StoreId};
use crate::money::Currency;
use serde::{Deserialize, Serialize};

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Store {
    /// Its key: the retailer's store number.
    pub id: StoreId,
    /// Its name over the door.
    pub name: String,
    /// Street and town.
    #[serde(default)]
    pub address: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Its telephone country code, digits only: reads national numbers.
    #[serde(default)]
    pub country_code: String,
    /// BCP 47.
    pub locale: String,
    /// The zone that its days and quiet hours are in.
    #[schema(value_type = String)]
    pub zone: chrono_tz::Tz,
    /// What it sells in.
    pub currency: Currency,
}

/// Somebody who works in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Associate {
    /// Her key.
    pub id: AssociateId,
    /// As on her badge.
    pub name: String,
    /// [`Role::Associate`] or [`Role::Manager`].
    pub role: Role,
    /// Where she works.
    pub store: StoreId,
    /// The colour of her face on the tablet.
    #[serde(default)]
    pub colour: String,
    /// Argon2id of her PIN in PHC string format, so that a tablet can check it with the network down. It rests only in
    /// encrypted replicas of her own store's tablets.
    pub pin_hash: String,
}
