//! Gets ready to sell with the network down: tells the cloud this device's public key, and keeps a little stock.

use super::Pace;
use crate::cloud::CloudError;
use crate::device::Device;
use crate::keepsakes::{GIVEN_BACK, TOLD_KEY, USED};
use crate::refusal::{fault, of_replica};
use domain::api::cart::AllotRequest;
use domain::api::device::Refusal;
use domain::api::identity::{DeviceKind, RegisterKey};
use domain::ids::Sku;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;
use std::time::Duration;

/// Why it is not ready yet.
#[derive(Debug, thiserror::Error)]
enum NotReady {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error("{0}")]
    Here(Refusal),
}

impl From<Refusal> for NotReady {
    fn from(refusal: Refusal) -> Self {
        Self::Here(refusal)
    }
}

/// Does so until the device is revoked; the cloud puts the stock of a revoked device back by itself.
pub(super) async fn run(device: &Device, pace: Pace) {
    let shared = device.shared();
    let mut backoff = pace.sync.backoff();
    if let Err(refusal) = recall(device).await {
        tracing::warn!(%refusal, "what was used here before is not remembered");
    }
    while !shared.contact.is_revoked() {
        if let Err(error) = get_ready(device).await {
            tracing::debug!(%error, "not ready to sell with the network down");
            let pause = Duration::from_millis(backoff.next(shared.ports.chance()));
            tokio::time::sleep(pause).await;
            continue;
        }
        backoff.reset();
        tokio::time::sleep(pace.carts_every).await;
        // At rest until something is used, or the time has come to look at what was not.
        let idle = tokio::time::sleep(pace.carts_every.saturating_mul(IDLE_ROUNDS));
        tokio::select! {
            () = idle => {}
            () = shared.allotting.more.notified() => {}
        }
    }
}

/// Rounds that are left out while nothing is used.
const IDLE_ROUNDS: u32 = 20;

async fn recall(device: &Device) -> Result<(), Refusal> {
    let recalled = device.blocking(|shared| {
        let used = USED.read(&shared.replica).map_err(of_replica)?;
        shared.allotting.remember(used.unwrap_or_default());
        Ok(())
    });
    recalled.await
}

async fn get_ready(device: &Device) -> Result<(), NotReady> {
    tell_key(device).await?;
    if device.kind() == DeviceKind::Tablet {
        give_back(device).await?;
        keep(device).await?;
    }
    Ok(())
}

/// Once, and again where a restored cloud has forgotten it: the cloud tells the key to the tablets of the store.
async fn tell_key(device: &Device) -> Result<(), NotReady> {
    let untold = device.blocking(|shared| {
        let public_key = shared.signer()?.public_key();
        let told = TOLD_KEY.read(&shared.replica).map_err(of_replica)?;
        let known = match shared.kind() {
            // The feed of a kiosk does not say.
            DeviceKind::Kiosk => told,
            DeviceKind::Tablet => {
                let known = shared.known_device(&shared.joined()?.device)?;
                known.map(|known| known.public_key)
            }
        };
        Ok((known.as_ref() != Some(&public_key)).then_some(public_key))
    });
    let Some(public_key) = untold.await? else {
        return Ok(());
    };
    let request = RegisterKey {
        public_key: public_key.clone(),
    };
    device.shared().cloud.register_key(&request).await?;
    let kept = device.replica(move |replica| TOLD_KEY.keep(replica, &public_key));
    kept.await.map_err(|error| NotReady::Here(fault(error)))
}

/// Asks for a little of what was used lately.
async fn keep(device: &Device) -> Result<(), NotReady> {
    let wanted = device.blocking(|shared| {
        USED.keep(&shared.replica, &shared.allotting.list_used())
            .map_err(of_replica)?;
        let mine = shared.joined()?.device.clone();
        let has = shared.replica.allotments(&mine).map_err(of_replica)?;
        Ok(shared.allotting.wanted(&has, shared.now()).keep)
    });
    let skus: BTreeMap<Sku, u64> = wanted.await?;
    if skus.is_empty() {
        return Ok(());
    }
    let shared = device.shared();
    let asked: Vec<Sku> = skus.keys().cloned().collect();
    shared.cloud.allot(&AllotRequest { skus }).await?;
    shared.allotting.asked(&asked, shared.now());
    Ok(())
}

/// Gives back what was not used for long. From before it is asked until the feed says so, none of it is sold here.
async fn give_back(device: &Device) -> Result<(), NotReady> {
    let back = device.blocking(|shared| {
        let _turn = shared
            .allotting
            .turn
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mine = shared.joined()?.device.clone();
        let has = shared.replica.allotments(&mine).map_err(of_replica)?;
        let given = GIVEN_BACK.read(&shared.replica).map_err(of_replica)?;
        // What the feed does not have any more is given back.
        let mut given: BTreeSet<Sku> = given.unwrap_or_default();
        given.retain(|sku| has.contains_key(sku));
        let mut back = given.clone();
        // A sale that the cloud does not know of yet is of pieces that its rows still count.
        if !shared.replica.is_any_sale_waiting().map_err(of_replica)? {
            back.extend(shared.allotting.wanted(&has, shared.now()).back);
        }
        GIVEN_BACK
            .keep(&shared.replica, &back)
            .map_err(of_replica)?;
        Ok(back)
    });
    let back = back.await?;
    let asked: BTreeMap<Sku, u64> = back.iter().map(|sku| (sku.clone(), 0)).collect();
    for skus in batches(asked) {
        device.shared().cloud.allot(&AllotRequest { skus }).await?;
    }
    let shared = device.shared();
    shared.allotting.asked(&back, shared.now());
    Ok(())
}

/// As many requests as it takes.
fn batches(mut skus: BTreeMap<Sku, u64>) -> Vec<BTreeMap<Sku, u64>> {
    let mut batches = Vec::new();
    while !skus.is_empty() {
        let place = skus.keys().nth(domain::api::cart::MAX_ALLOT).cloned();
        let rest = place
            .map(|place| skus.split_off(&place))
            .unwrap_or_default();
        batches.push(std::mem::replace(&mut skus, rest));
    }
    batches
}
