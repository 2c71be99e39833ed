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
        online: contact.online,
        last_contact_at: contact.last_at.or(standing.as_of),
        unsent: standing.unsent,
        oldest_unsent_at: standing.oldest_unsent_at,
        needs_attention: standing.needs_attention,
        complete: standing.complete,
    })
}

fn warnings(shared: &Shared) -> Vec<Warning> {
    let all = [
        (shared.key_in_file, Warning::KeyInFile),
        (shared.contact.read().revoked, Warning::Revoked),
        (shared.enrolment().is_none(), Warning::NotEnrolled),
    ];
    let true_ones = all.into_iter().filter(|(is, _)| *is);
    true_ones.map(|(_, warning)| warning).collect()
}
