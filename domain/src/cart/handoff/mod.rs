//! Handing a cart over: a code that is shown on one device and claimed, once, on another. Only the lease moves.
//!
//! Neither the 128 bits of the QR nor the eight characters for typing are stored: their hashes are, and they are what a
//! handoff is found under. Nothing of a person is in them.

mod code;
mod tries;

pub use code::{CODE_CHARS, read_code, spell_code};
pub use tries::{MAX_TRIES, TRIES_MEMORY_SECONDS, Tries};

use super::author::Channel;
use super::lease::{Lease, LeaseRefusal};
use crate::digest::{hex, sha256};
use crate::ids::{CartId, DeviceId, HandoffId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long a code is good, in seconds.
pub const HANDOFF_SECONDS: u32 = 120;

/// A cart on offer, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// What the QR is found under.
    pub by_secret: HandoffId,
    /// What the typed code is found under.
    pub by_code: HandoffId,
    /// Which cart.
    pub cart: CartId,
    /// Who offered it.
    pub issuer: DeviceId,
    /// The fence of the lease then: where it has moved since, the offer is void.
    pub fence: u64,
    /// Secret, cart, issuer and fence, hashed: the code is good for these alone.
    pub secret_seal: String,
    /// The same with the code for typing.
    pub code_seal: String,
    /// Until before when, by the cloud's clock.
    pub expires_at: DateTime<Utc>,
    /// What became of it.
    pub state: HandoffState,
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum HandoffState {
    /// It waits.
    Offered,
    /// Somebody took the cart over.
    Claimed {
        /// On which device.
        device: DeviceId,
        /// What tells her repeat from another's try.
        nonce_hash: String,
        /// The fence that she got.
        fence: u64,
    },
    /// Whoever offered it changed her mind.
    Withdrawn,
}

/// What the issuer shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shown {
    /// For the QR: 32 hexadecimal digits.
    pub secret: String,
    /// For typing: eight Crockford characters.
    pub code: String,
    /// Seconds until both end.
    pub expires_in: u32,
}

/// What a claimant shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Proof {
    /// She scanned the QR.
    Secret {
        /// 32 hexadecimal digits.
        secret: String,
    },
    /// She typed the code; case, hyphens, spaces and look-alikes are forgiven.
    Code {
        /// Eight Crockford characters.
        code: String,
    },
}

/// Who wants to take a cart over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Claimant {
    /// On which device.
    pub device: DeviceId,
    /// Where that is.
    pub channel: Channel,
    /// 128 random bits in hex, made before the first try: the same in every repeat of it.
    pub nonce: String,
}

/// What a claimant gets. A repeat gets the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Claim {
    /// Which cart.
    pub cart: CartId,
    /// The fence of her lease.
    pub fence: u64,
}

/// What a claim changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// What she gets.
    pub claim: Claim,
    /// The offer, used up, and the lease, moved: written together. `None` for a repeat, which changes nothing.
    pub changed: Option<(Handoff, Lease)>,
}

/// Why there is no claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandoffRefusal {
    /// Not a code, or not of this offer.
    #[error("the code is not known")]
    Unknown,
    /// Its time is over.
    #[error("the code is no longer good")]
    Expired,
    /// Somebody else used it.
    #[error("the code was used on another device")]
    Used,
    /// It was taken back.
    #[error("the code was withdrawn")]
    Withdrawn,
    /// The cart moved elsewhere meanwhile.
    #[error("the cart has moved to another device since the code was made")]
    Superseded,
}

/// Offers a cart: only who holds its lease may.
pub fn issue(
    cart: &CartId,
    lease: &Lease,
    issuer: &DeviceId,
    random: &[u8; 24],
    now: DateTime<Utc>,
) -> Result<(Handoff, Shown), LeaseRefusal> {
    lease.may_check_out(issuer, lease.fence, now)?;
    let (secret, code) = random.split_at(16);
    let shown = Shown {
        secret: hex(secret),
        code: spell_code(code),
        expires_in: HANDOFF_SECONDS,
    };
    let sealed = |what: &str| seal(what, cart, issuer, lease.fence);
    let lasts = TimeDelta::seconds(HANDOFF_SECONDS.into());
    let handoff = Handoff {
        by_secret: HandoffId::derived("handoff-secret", &[&shown.secret]),
        by_code: HandoffId::derived("handoff-code", &[&shown.code]),
        cart: cart.clone(),
        issuer: issuer.clone(),
        fence: lease.fence,
        secret_seal: sealed(&shown.secret),
        code_seal: sealed(&shown.code),
        expires_at: now.checked_add_signed(lasts).unwrap_or(now),
        state: HandoffState::Offered,
    };
    Ok((handoff, shown))
}

impl Proof {
    /// What the offer is found under; `None` where it cannot be a code.
    #[must_use]
    pub fn handoff_id(&self) -> Option<HandoffId> {
        let plain = self.plain()?;
        Some(match self {
            Self::Secret { .. } => HandoffId::derived("handoff-secret", &[&plain]),
            Self::Code { .. } => HandoffId::derived("handoff-code", &[&plain]),
        })
    }

    /// As it was shown.
    fn plain(&self) -> Option<String> {
        match self {
            Self::Secret { secret } => {
                let digits = secret.len() == 32 && secret.bytes().all(|b| b.is_ascii_hexdigit());
                digits.then(|| secret.to_ascii_lowercase())
            }
            Self::Code { code } => read_code(code),
        }
    }
}

impl Handoff {
    /// Takes the cart over. Time and `lease` are the cloud's.
    pub fn claim(
        &self,
        lease: &Lease,
        proof: &Proof,
        claimant: &Claimant,
        now: DateTime<Utc>,
    ) -> Result<Claimed, HandoffRefusal> {
        if !self.proven(proof) {
            return Err(HandoffRefusal::Unknown);
        }
        let nonce_hash = hex(&sha256("handoff-nonce", &[claimant.nonce.as_bytes()]));
        match &self.state {
            HandoffState::Claimed {
                device,
                nonce_hash: first,
                fence,
            } if *device == claimant.device && *first == nonce_hash => Ok(Claimed {
                claim: self.won(*fence),
                changed: None,
            }),
            HandoffState::Claimed { .. } => Err(HandoffRefusal::Used),
            HandoffState::Withdrawn => Err(HandoffRefusal::Withdrawn),
            HandoffState::Offered if now >= self.expires_at => Err(HandoffRefusal::Expired),
            HandoffState::Offered if lease.fence != self.fence => Err(HandoffRefusal::Superseded),
            HandoffState::Offered => Ok(self.first_claim(lease, claimant, nonce_hash, now)),
        }
    }

    /// Takes the offer back; one that is claimed stays claimed.
    #[must_use]
    pub fn withdraw(&self) -> Self {
        let mut handoff = self.clone();
        if handoff.state == HandoffState::Offered {
            handoff.state = HandoffState::Withdrawn;
        }
        handoff
    }

    fn first_claim(
        &self,
        lease: &Lease,
        claimant: &Claimant,
        nonce_hash: String,
        now: DateTime<Utc>,
    ) -> Claimed {
        let moved = lease.transfer(&claimant.device, claimant.channel, now);
        let mut handoff = self.clone();
        handoff.state = HandoffState::Claimed {
            device: claimant.device.clone(),
            nonce_hash,
            fence: moved.fence,
        };
        Claimed {
            claim: self.won(moved.fence),
            changed: Some((handoff, moved)),
        }
    }

    fn won(&self, fence: u64) -> Claim {
        let cart = self.cart.clone();
        Claim { cart, fence }
    }

    fn proven(&self, proof: &Proof) -> bool {
        let Some(plain) = proof.plain() else {
            return false;
        };
        let shown = seal(&plain, &self.cart, &self.issuer, self.fence);
        let kept = match proof {
            Proof::Secret { .. } => &self.secret_seal,
            Proof::Code { .. } => &self.code_seal,
        };
        same(kept, &shown)
    }
}

fn seal(what: &str, cart: &CartId, issuer: &DeviceId, fence: u64) -> String {
    let fence = fence.to_le_bytes();
    let parts: [&[u8]; 4] = [
        what.as_bytes(),
        cart.as_str().as_bytes(),
        issuer.as_str().as_bytes(),
        &fence,
    ];
    hex(&sha256("handoff-seal", &parts))
}

/// Compares without telling by its time where the first difference is.
fn same(a: &str, b: &str) -> bool {
    let differences = a
        .bytes()
        .zip(b.bytes())
        .fold(0, |sum, (a, b)| sum | (a ^ b));
    a.len() == b.len() && differences == 0
}
