//! What the device is and how it stands.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{Face, ReadStatus, Refusal, Status, SyncStatus, Warning};
use domain::api::identity::DeviceKind;
use domain::store::{Associate, Store};

pub(super) fn read_status(
    shared: &Shared,
    _caller: &Caller,
    _request: &ReadStatus,
) -> Result<Status, Refusal> {
    let kind = shared.kind();
    Ok(Status {
        kind,
        store: store(shared)?,
        team: match kind {
            DeviceKind::Tablet => team(shared)?,
            DeviceKind::Kiosk => Vec::new(),
        },
        session: shared.session.read().map(|signed_in| signed_in.session),
        sync: sync_status(shared)?,
        warnings: warnings(shared),
    })
}

fn store(shared: &Shared) -> Result<Option<Store>, Refusal> {
    match shared.store() {
        Some(id) => shared.replica.store(id).map_err(of_replica),
        None => Ok(None),
    }
}

fn team(shared: &Shared) -> Result<Vec<Face>, Refusal> {
    let mut team = shared.replica.team().map_err(of_replica)?;
    team.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(team.into_iter().map(face).collect())
}

/// Of an associate what the sign-in screen shows; never the hash of her PIN.
pub(super) fn face(associate: Associate) -> Face {
    Face {
        id: associate.id,
        name: associate.name,
        colour: associate.colour,
        role: associate.role,
    }
}

fn sync_status(shared: &Shared) -> Result<SyncStatus, Refusal> {
    let standing = shared.replica.standing().map_err(of_replica)?;
    let contact = shared.contact.read();
    Ok(SyncStatus {
        online: contact.sync.online,
        last_contact_at: contact.last_at.or(standing.as_of),
        unsent: standing.unsent,
        oldest_unsent_at: standing.oldest_unsent_at,
        needs_attention: standing.needs_attention,
        complete: standing.complete,
        loading: contact.sync.loading,
        repairing: contact.sync.repairing,
    })
}

fn warnings(shared: &Shared) -> Vec<Warning> {
    let all = [
        (shared.key_in_file, Warning::KeyInFile),
        (shared.contact.is_revoked(), Warning::Revoked),
        (shared.enrolment().is_none(), Warning::NotEnrolled),
    ];
    let true_ones = all.into_iter().filter(|(is, _)| *is);
    true_ones.map(|(_, warning)| warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    #[tokio::test]
    async fn a_device_that_never_joined_says_so() {
        let bench = Bench::new(DeviceKind::Tablet, "http://127.0.0.1:9");
        let status = bench.ask(ReadStatus {}).await.unwrap();
        assert_eq!((status.store, status.team.len()), (None, 0));
        assert!(!status.sync.complete && !status.sync.online);
        assert_eq!(status.warnings, [Warning::KeyInFile, Warning::NotEnrolled]);
    }

    #[tokio::test]
    async fn the_team_is_shown_without_its_secrets() {
        let bench = Bench::stocked(DeviceKind::Tablet);
        let status = bench
            .device
            .call("read_status", serde_json::Value::Null)
            .await
            .unwrap();
        assert_eq!(status["team"][0]["name"], "Ana");
        assert_eq!(status["store"]["name"], "Harbour");
        assert!(!status.to_string().contains("argon2"));
        let kiosk = Bench::stocked(DeviceKind::Kiosk)
            .ask(ReadStatus {})
            .await
            .unwrap();
        assert!(kiosk.team.is_empty());
    }
}
