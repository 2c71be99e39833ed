//! Signs an associate in by her PIN, with the network down as well as up.
//!
//! The PIN is checked here, against the hash that came with the team's feed. A manager's is then shown to the cloud in
//! the background: her board needs a token of hers.

use super::access::Caller;
use super::json;
use super::read_status::face;
use crate::device::{Device, Shared};
use crate::keepsakes::PIN_TRIES;
use crate::patience::{Tries, Turn, decide};
use crate::pin;
use crate::refusal::{invalid, of_replica, refuse};
use crate::session::SignedIn;
use domain::access::Role;
use domain::api::device::{Refusal, RefusalCode, Session, SignIn};
use domain::ids::AssociateId;
use domain::store::Associate;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

/// One PIN at a time: two that are checked at once would count as one try, and each takes a core.
static CHECKING: Mutex<()> = Mutex::new(());

impl Device {
    pub(super) async fn sign_in(&self, (_, request): (Caller, SignIn)) -> Result<Value, Refusal> {
        let signed_in = self.blocking(move |shared| check(shared, request)).await?;
        let reply = json(&signed_in.session)?;
        if signed_in.is_manager() {
            let device = self.clone();
            tokio::spawn(async move { device.greet_cloud(&signed_in).await });
        }
        Ok(reply)
    }

    /// Asks for a manager's token before she asks for her board. Without one she is signed in all the same.
    async fn greet_cloud(&self, signed_in: &SignedIn) {
        let shared = self.shared();
        if let Err(error) = signed_in.online.token(&shared.cloud, &shared.ports).await {
            tracing::info!(%error, "no token for the manager yet");
        }
    }
}

fn check(shared: &Shared, request: SignIn) -> Result<SignedIn, Refusal> {
    if !pin::is_pin(&request.pin) {
        return Err(invalid("pin", "has 4 to 8 digits"));
    }
    let _one_at_a_time = CHECKING.lock().unwrap_or_else(PoisonError::into_inner);
    let associate = colleague(shared, &request.associate)?;
    count_try(shared, &associate.id)?;
    if !pin::verify(&request.pin, &associate.pin_hash) {
        return Err(refuse(RefusalCode::WrongPin, "This is not the PIN"));
    }
    forget_tries(shared, &associate.id)?;
    let session = Session {
        face: face(associate),
        since: shared.now(),
    };
    let pin = match session.face.role {
        Role::Manager => request.pin,
        // Nothing online needs hers.
        _ => String::new(),
    };
    let signed_in = SignedIn::new(session, pin);
    shared.session.set(signed_in.clone());
    shared.signals.status();
    Ok(signed_in)
}

/// Somebody of this store's team.
fn colleague(shared: &Shared, id: &AssociateId) -> Result<Associate, Refusal> {
    let associate = shared.replica.associate(id).map_err(of_replica)?;
    associate
        .filter(|associate| shared.store() == Some(&associate.store))
        .filter(|associate| matches!(associate.role, Role::Associate | Role::Manager))
        .ok_or_else(|| refuse(RefusalCode::NotFound, "Nobody of that name works here"))
}

/// Counts before the PIN is looked at, durably.
fn count_try(shared: &Shared, associate: &AssociateId) -> Result<(), Refusal> {
    let mut all = PIN_TRIES
        .read(&shared.replica)
        .map_err(of_replica)?
        .unwrap_or_default();
    let turn = decide(all.get(associate).copied(), shared.now());
    let mut keep = |tries: Tries| {
        all.insert(associate.clone(), tries);
        PIN_TRIES.keep(&shared.replica, &all).map_err(of_replica)
    };
    match turn {
        Turn::Try(tries) => keep(tries),
        Turn::Wait(until, tries) => {
            keep(tries)?;
            Err(Refusal {
                retry_at: Some(until),
                ..refuse(RefusalCode::Locked, "Too many wrong PINs: wait a little")
            })
        }
    }
}

fn forget_tries(shared: &Shared, associate: &AssociateId) -> Result<(), Refusal> {
    let mut all = PIN_TRIES
        .read(&shared.replica)
        .map_err(of_replica)?
        .unwrap_or_default();
    all.remove(associate);
    PIN_TRIES.keep(&shared.replica, &all).map_err(of_replica)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use chrono::TimeDelta;
    use domain::api::device::{ReadStatus, SignOut};
    use domain::api::identity::DeviceKind;

    #[tokio::test]
    async fn a_pin_signs_in_with_the_network_down() {
        let tablet = Bench::stocked(DeviceKind::Tablet);
        let session = tablet.sign_in("ana", "1357").await.unwrap();
        assert_eq!(session.face.name, "Ana");
        let status = tablet.ask(ReadStatus {}).await.unwrap();
        assert_eq!(status.session, Some(session));
        tablet.ask(SignOut {}).await.unwrap();
        assert_eq!(tablet.ask(ReadStatus {}).await.unwrap().session, None);
    }

    #[tokio::test]
    async fn wrong_pins_lock_over_a_restart_and_for_one_person_only() {
        let tablet = Bench::stocked(DeviceKind::Tablet);
        for _ in 0..5 {
            let refusal = tablet.sign_in("ana", "0000").await.unwrap_err();
            assert_eq!(refusal.code, RefusalCode::WrongPin);
        }
        let tablet = tablet.restart("http://127.0.0.1:9").await;
        tablet.device.shared().join(
            serde_json::from_value(serde_json::json!(
            {"device": "d-1", "kind": "tablet", "store": "1", "secret": "s"}))
            .unwrap(),
        );
        let refusal = tablet.sign_in("ana", "1357").await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Locked);
        assert_eq!(
            refusal.retry_at,
            Some(tablet.device.shared().now() + TimeDelta::minutes(1))
        );
        tablet.sign_in("mia", "2468").await.unwrap();
        tablet.clock.go(TimeDelta::minutes(1));
        tablet.sign_in("ana", "1357").await.unwrap();
    }

    #[tokio::test]
    async fn a_stranger_and_a_wrong_shape_are_told_apart() {
        let tablet = Bench::stocked(DeviceKind::Tablet);
        let code = async |who: &str, pin: &str| tablet.sign_in(who, pin).await.unwrap_err().code;
        assert_eq!(code("eve", "1357").await, RefusalCode::NotFound);
        assert_eq!(code("ana", "12").await, RefusalCode::Invalid);
    }
}
