//! Somebody, with all that recommendations for her are made of.

use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::Refusal;
use domain::api::sync::kind;
use domain::customer::{Customer, Purpose};
use domain::ids::{CustomerId, StoreId};
use domain::pick::Picks;
use domain::profile::Profile;
use domain::purchases::Purchases;
use recommend::Person;

/// What this device knows of somebody; nothing of a guest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Who she is.
    pub(crate) customer: Option<Customer>,
    /// What she does on the web; nothing of it where she refused.
    pub(crate) profile: Profile,
    purchases: Purchases,
    picks: Picks,
}

impl Known {
    /// As recommendations take her, in a store.
    pub(crate) const fn in_store<'a>(&'a self, store: &'a StoreId) -> Person<'a> {
        Person {
            customer: self.customer.as_ref(),
            profile: &self.profile,
            purchases: &self.purchases,
            picks: &self.picks,
            store,
        }
    }
}

impl Shared {
    /// What is known of a customer; `None` where she is not on this device.
    pub(crate) fn known(&self, id: &CustomerId) -> Result<Option<Known>, Refusal> {
        let Some(customer) = self.replica.customer(id).map_err(of_replica)? else {
            return Ok(None);
        };
        Ok(Some(Known {
            profile: self.profile(&customer)?,
            purchases: self.purchases(id)?,
            picks: self.replica.picks(id).map_err(of_replica)?,
            customer: Some(customer),
        }))
    }

    fn profile(&self, customer: &Customer) -> Result<Profile, Refusal> {
        if customer.refuses(Purpose::Personalisation) {
            return Ok(Profile::default());
        }
        let profile = self.replica.profile(&customer.id).map_err(of_replica)?;
        Ok(profile.unwrap_or_default())
    }

    fn purchases(&self, customer: &CustomerId) -> Result<Purchases, Refusal> {
        let entity = self.replica.entity(kind::PURCHASES, customer.as_str());
        let Some(body) = entity.map_err(of_replica)? else {
            return Ok(Purchases::default());
        };
        // What a newer cloud wrote in another shape is as good as none.
        Ok(serde_json::from_str(body.get()).unwrap_or_default())
    }
}
