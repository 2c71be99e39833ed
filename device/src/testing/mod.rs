//! What the tests of this crate stand on: a shop of four items, a device on a real file, a cloud on a real socket.

mod bench;
mod carts;
mod cloud;
mod feeds;
mod shop;

pub(crate) use bench::Bench;
pub(crate) use carts::Carts;
pub(crate) use cloud::FakeCloud;
pub(crate) use feeds::Feeds;
pub(crate) use shop::{packed_model, store_id};

use crate::ports::{Clock, Ports, SystemRandom};
use argon2::password_hash::{PasswordHasher as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// When tests begin.
pub(crate) const NOW: &str = "2026-05-17T10:00:00Z";

/// A clock that goes when it is told to.
pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    pub(crate) fn go(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

pub(crate) fn test_ports() -> (Ports, Arc<TestClock>) {
    let clock = Arc::new(TestClock(Mutex::new(NOW.parse().unwrap())));
    let ports = Ports {
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
    };
    (ports, clock)
}

/// A PIN's hash with little work, for tests.
pub(crate) fn pin_hash(pin: &str) -> String {
    let params = Params::new(64, 1, 1, None).unwrap();
    let salt = SaltString::encode_b64(b"a salt for tests").unwrap();
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon
        .hash_password(pin.as_bytes(), &salt)
        .unwrap()
        .to_string()
}

/// Waits until something holds; fails when it does not for long.
pub(crate) async fn until<T>(what: &str, mut holds: impl AsyncFnMut() -> Option<T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Some(value) = holds().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never: {what}"))
}
