//! Who this browser is to the cloud: a guest, or her. Pure; what is kept is the token that the next one is made of.

use chrono::{DateTime, TimeDelta, Utc};
use domain::api::shopper::ShopperToken;
use domain::ids::{CustomerId, DeviceId, StoreId};
use serde::{Deserialize, Serialize};

/// A token that ends within this many seconds is not used any more.
const MARGIN_S: i64 = 20;

/// A token, and until when it is good by the clock here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    token: ShopperToken,
    until: DateTime<Utc>,
}

impl Session {
    /// A token that came just now.
    pub(crate) fn of(token: ShopperToken, now: DateTime<Utc>) -> Self {
        let lasts = TimeDelta::seconds(token.expires_in.into());
        let until = now.checked_add_signed(lasts).unwrap_or(now);
        Self { token, until }
    }

    /// Reads what was kept.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// What to keep.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a call shows; `None` where it is over. A clock that was set back makes it no longer.
    pub(crate) fn access(&self, now: DateTime<Utc>) -> Option<&str> {
        let left = (self.until - now).num_seconds();
        let fresh = (MARGIN_S..=i64::from(self.token.expires_in)).contains(&left);
        fresh.then_some(self.token.access_token.as_str())
    }

    /// What the next token is made of.
    pub(crate) fn refresh(&self) -> &str {
        &self.token.refresh_token
    }

    /// The browser's own id.
    pub(crate) fn device(&self) -> &DeviceId {
        &self.token.device
    }

    /// Whose it is.
    pub(crate) fn customer(&self) -> Option<&CustomerId> {
        self.token.customer.as_ref()
    }

    /// Her store.
    pub(crate) fn store(&self) -> &StoreId {
        &self.token.store
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_for_as_long_as_it_is_good() {
        let token: ShopperToken = serde_json::from_str(
            r#"{"access_token":"a","expires_in":600,"refresh_token":"r","device":"d","store":"1"}"#,
        )
        .unwrap();
        let now: DateTime<Utc> = "2026-05-17T10:00:00Z".parse().unwrap();
        let session = Session::of(token, now);
        let after = |seconds| now + TimeDelta::seconds(seconds);
        assert_eq!(session.access(after(100)), Some("a"));
        assert_eq!(session.access(after(590)), None);
        assert_eq!(
            session.access(after(-3_600)),
            None,
            "the clock was set back"
        );
        assert_eq!(Session::read(&session.write()), Some(session));
        assert_eq!(Session::read("nonsense"), None);
    }
}
