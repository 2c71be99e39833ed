//! What was read of customers a moment ago, for as long as nothing at all was written since.

use crate::feed::PublishError;
use crate::people::Known;
use crate::ports::ledger::Ledger;
use domain::ids::CustomerId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The most customers that are remembered.
const MAX_PEOPLE: usize = 512;

/// Customers as one generation of the ledger has them: exactly what a read would find.
#[derive(Debug, Default)]
pub struct People {
    remembered: Mutex<Remembered>,
}

#[derive(Debug, Default)]
struct Remembered {
    generation: u64,
    people: HashMap<CustomerId, Arc<Known>>,
}

impl People {
    /// A customer; `None` where there is none of this id.
    pub async fn customer(
        &self,
        ledger: &dyn Ledger,
        id: &CustomerId,
    ) -> Result<Option<Arc<Known>>, PublishError> {
        // Drawn before anything is read: what is written meanwhile ends it.
        let generation = ledger.generation();
        if let Some(known) = self.lookup(generation, id) {
            return Ok(Some(known));
        }
        let known = Known::customer(ledger, id).await?.map(Arc::new);
        if let (Some(generation), Some(known)) = (generation, &known) {
            self.remember(generation, id, known);
        }
        Ok(known)
    }

    fn lookup(&self, generation: Option<u64>, id: &CustomerId) -> Option<Arc<Known>> {
        let remembered = self.lock();
        let is_now = generation == Some(remembered.generation);
        is_now.then(|| remembered.people.get(id).cloned()).flatten()
    }

    fn remember(&self, generation: u64, id: &CustomerId, known: &Arc<Known>) {
        let mut remembered = self.lock();
        if remembered.generation != generation || remembered.people.len() >= MAX_PEOPLE {
            remembered.people.clear();
            remembered.generation = generation;
        }
        remembered.people.insert(id.clone(), Arc::clone(known));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shop::{Shop, store};
    use domain::api::sync::{Scope, kind};
    use serde_json::json;

    #[tokio::test]
    async fn what_is_written_counts_in_the_next_read() {
        let shop = Shop::open().await;
        let (people, ledger) = (People::default(), &*shop.bench.services.ledger);
        let id = CustomerId::parse("c-1").unwrap();
        let first = people.customer(ledger, &id).await.unwrap().unwrap();
        let again = people.customer(ledger, &id).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &again), "read once");
        let body = json!({"id": "c-1", "name": {"given": "Bea"}, "home_store": "1"});
        let scope = Scope::customers(&store("1"));
        shop.put(scope, kind::CUSTOMER, "c-1", &body).await;
        let then = people.customer(ledger, &id).await.unwrap().unwrap();
        assert_eq!(then.customer.as_ref().unwrap().name.given, "Bea");
        let nobody = CustomerId::parse("nobody").unwrap();
        assert!(people.customer(ledger, &nobody).await.unwrap().is_none());
    }

    #[test]
    fn there_are_never_too_many() {
        let people = People::default();
        for number in 0..3 * MAX_PEOPLE {
            let id = CustomerId::parse(number.to_string()).unwrap();
            people.remember(1, &id, &Arc::default());
            assert!(people.lookup(Some(1), &id).is_some());
            assert!(people.lookup(Some(2), &id).is_none() && people.lookup(None, &id).is_none());
            assert!(people.lock().people.len() <= MAX_PEOPLE);
        }
    }
}
