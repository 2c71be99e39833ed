//! Somebody, as far as the ledger knows her: what the recommender and a page are told of her.

use crate::feed::{PublishError, entity_key};
use crate::ports::ledger::{Key, Ledger, Stored};
use crate::table;
use domain::api::content::Identify;
use domain::api::sync::kind;
use domain::contact::Phone;
use domain::customer::Customer;
use domain::ids::{AnonymousId, CustomerId, StoreId};
use domain::pick::Picks;
use domain::profile::Profile;
use domain::purchases::Purchases;
use domain::store::Store;
use recommend::Person;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What is known of somebody; all of it may be empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Who she is.
    pub customer: Option<Customer>,
    /// What she does.
    pub profile: Profile,
    /// What she bought.
    pub purchases: Purchases,
    /// What associates said of recommendations for her.
    pub picks: Picks,
}

/// An anonymous profile as the profile function keeps it.
#[derive(Deserialize)]
struct Anonymous {
    #[serde(default)]
    profile: Profile,
    /// The customer that she turned out to be.
    #[serde(default)]
    joined: Option<CustomerId>,
}

/// What a look-up leads to.
#[derive(Deserialize)]
struct Found {
    id: CustomerId,
}

impl Known {
    /// A customer; `None` where there is none of this id.
    pub async fn customer(
        ledger: &dyn Ledger,
        id: &CustomerId,
    ) -> Result<Option<Self>, PublishError> {
        let keys = [kind::CUSTOMER, kind::PROFILE, kind::PURCHASES, kind::PICKS]
            .map(|kind| entity_key(kind, id.as_str()));
        let mut stored = ledger.read_all(&keys).await?.into_iter();
        let mut next = || stored.next().flatten();
        let (customer, profile, purchases, picks) = (next(), next(), next(), next());
        let Some(customer) = read(customer.as_ref())? else {
            return Ok(None);
        };
        Ok(Some(Self {
            customer: Some(customer),
            profile: or_empty(profile.as_ref())?,
            purchases: or_empty(purchases.as_ref())?,
            picks: or_empty(picks.as_ref())?,
        }))
    }

    /// Whoever uses this browser: the customer, once she said who she is.
    pub async fn anonymous(ledger: &dyn Ledger, id: &AnonymousId) -> Result<Self, PublishError> {
        let key = Key::new(format!("P#a/{id}"), "V");
        let Some(anonymous) = lookup::<Anonymous>(ledger, &key).await? else {
            return Ok(Self::default());
        };
        if let Some(customer) = &anonymous.joined
            && let Some(known) = Self::customer(ledger, customer).await?
        {
            return Ok(known);
        }
        Ok(Self {
            profile: anonymous.profile,
            ..Self::default()
        })
    }

    /// As the recommender wants her.
    #[must_use]
    pub fn person<'a>(&'a self, store: &'a StoreId) -> Person<'a> {
        Person {
            customer: self.customer.as_ref(),
            profile: &self.profile,
            purchases: &self.purchases,
            picks: &self.picks,
            store,
        }
    }
}

/// The customer with this card or phone, where there is one.
pub async fn find(
    ledger: &dyn Ledger,
    identify: &Identify,
    store: &Store,
) -> Result<Option<CustomerId>, PublishError> {
    let partition = match identify {
        Identify::Card(card) => format!("L#card#{card}"),
        Identify::Phone(raw) => {
            let country_code = Some(store.country_code.as_str()).filter(|code| !code.is_empty());
            format!("L#phone#{}", Phone::new(raw, country_code).digits())
        }
    };
    let found: Option<Found> = lookup(ledger, &Key::new(partition, "V")).await?;
    Ok(found.map(|found| found.id))
}

/// A store, where there is one of this id.
pub async fn store(ledger: &dyn Ledger, id: &StoreId) -> Result<Option<Store>, PublishError> {
    lookup(ledger, &entity_key(kind::STORE, id.as_str())).await
}

fn or_empty<T: DeserializeOwned + Default>(stored: Option<&Stored>) -> Result<T, PublishError> {
    Ok(read(stored)?.unwrap_or_default())
}

fn read<T: DeserializeOwned>(stored: Option<&Stored>) -> Result<Option<T>, PublishError> {
    let row = stored.map(table::row).transpose()?;
    Ok(row.map(|row| row.value))
}

async fn lookup<T: DeserializeOwned>(
    ledger: &dyn Ledger,
    key: &Key,
) -> Result<Option<T>, PublishError> {
    Ok(table::lookup(ledger, key).await?.map(|row| row.value))
}
