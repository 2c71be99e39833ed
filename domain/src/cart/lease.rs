//! Who may check a cart out. A lease moves; its fence grows by one each time, so that who had it before is recognised.

use super::author::Channel;
use crate::ids::DeviceId;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long a lease is good without being renewed, in seconds.
pub const LEASE_SECONDS: i64 = 15 * 60;

/// The right to check a cart out. Instants are of the cloud's clock.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lease {
    /// How often it has moved.
    pub fence: u64,
    /// Who holds it; `None` for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
}

/// Who holds a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Hold {
    /// On which device.
    pub device: DeviceId,
    /// Where that is.
    pub channel: Channel,
    /// Until before when.
    pub expires_at: DateTime<Utc>,
}

/// Why a lease does not move, or does not suffice.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, thiserror::Error,
)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum LeaseRefusal {
    /// Somebody else holds it.
    #[error("the cart is in use on another device until {until}")]
    Held {
        /// Where.
        channel: Channel,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// It has moved on since.
    #[error("the cart was taken over by another device (fence {fence})")]
    StaleFence {
        /// The fence now.
        fence: u64,
    },
    /// Nobody renewed it in time.
    #[error("the hold on the cart has run out")]
    Expired,
}

impl Lease {
    /// Who holds it at `now`.
    #[must_use]
    pub fn holder(&self, now: DateTime<Utc>) -> Option<&Hold> {
        self.hold.as_ref().filter(|hold| now < hold.expires_at)
    }

    /// Takes a free lease, or renews one's own. It moves only to another device.
    pub fn claim(
        &self,
        device: &DeviceId,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<Self, LeaseRefusal> {
        match &self.hold {
            Some(hold) if hold.device == *device => Ok(self.held_by(device, channel, now)),
            Some(hold) if now < hold.expires_at => Err(LeaseRefusal::Held {
                channel: hold.channel,
                until: hold.expires_at,
            }),
            _ => Ok(self.transfer(device, channel, now)),
        }
    }

    /// Holds it for longer. Also after it ran out, where nobody took it.
    pub fn renew(
        &self,
        device: &DeviceId,
        fence: u64,
        now: DateTime<Utc>,
    ) -> Result<Self, LeaseRefusal> {
        let hold = self.held(device, fence)?;
        Ok(self.held_by(device, hold.channel, now))
    }

    /// Gives it back: the next to claim it need not wait.
    pub fn release(&self, device: &DeviceId, fence: u64) -> Result<Self, LeaseRefusal> {
        self.held(device, fence)?;
        Ok(Self { fence, hold: None })
    }

    /// Moves it to another device, whoever holds it. Only a handoff that the holder began may do that.
    #[must_use]
    pub fn transfer(&self, to: &DeviceId, channel: Channel, now: DateTime<Utc>) -> Self {
        let moved = Self {
            fence: self.fence.saturating_add(1),
            hold: None,
        };
        moved.held_by(to, channel, now)
    }

    /// Whether this device, with this fence, may check out at `now`.
    pub fn may_check_out(
        &self,
        device: &DeviceId,
        fence: u64,
        now: DateTime<Utc>,
    ) -> Result<(), LeaseRefusal> {
        let hold = self.held(device, fence)?;
        (now < hold.expires_at)
            .then_some(())
            .ok_or(LeaseRefusal::Expired)
    }

    fn held(&self, device: &DeviceId, fence: u64) -> Result<&Hold, LeaseRefusal> {
        let mine = |hold: &&Hold| hold.device == *device && self.fence == fence;
        self.hold
            .as_ref()
            .filter(mine)
            .ok_or(LeaseRefusal::StaleFence { fence: self.fence })
    }

    fn held_by(&self, device: &DeviceId, channel: Channel, now: DateTime<Utc>) -> Self {
        let expires_at = now
            .checked_add_signed(TimeDelta::seconds(LEASE_SECONDS))
            .unwrap_or(now);
        Self {
            fence: self.fence,
            hold: Some(Hold {
                device: device.clone(),
                channel,
                expires_at,
            }),
        }
    }
}
