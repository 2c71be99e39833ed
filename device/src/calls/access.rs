//! Who may make a call, on which kind of device.

use crate::device::Shared;
use crate::refusal::{of_replica, refuse};
use crate::session::SignedIn;
use domain::api::device::{Refusal, RefusalCode};
use domain::api::identity::DeviceKind;
use domain::ids::AssociateId;

/// Who may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody: it says nothing about any person.
    Anyone,
    /// Whoever stands at a tablet.
    Tablet,
    /// Whoever stands at a kiosk.
    Kiosk,
    /// An associate or manager who is signed in at a tablet.
    Associate,
    /// A manager who is signed in at a tablet.
    Manager,
    /// An associate who is signed in at a tablet, or whoever stands at a kiosk.
    Shopping,
}

/// Whoever makes a call, as far as she is known.
#[derive(Clone)]
pub(super) struct Caller(Option<SignedIn>);

impl Caller {
    /// Who is signed in; a refusal where nobody is.
    pub(super) fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        self.0.as_ref().ok_or_else(not_signed_in)
    }

    /// Who is signed in; `None` at a kiosk.
    pub(super) fn associate(&self) -> Option<&AssociateId> {
        self.0.as_ref().map(|person| &person.session.face.id)
    }
}

impl Access {
    /// Whether the caller may. Reads the team: who left it is signed out.
    pub(super) fn check(self, shared: &Shared) -> Result<Caller, Refusal> {
        if !self.is_for(shared.kind()) {
            return Err(forbidden("This is not for this kind of device"));
        }
        let signed_in = still_here(shared)?;
        match (self, &signed_in) {
            (Self::Associate | Self::Manager, None) => Err(not_signed_in()),
            (Self::Shopping, None) if shared.kind() == DeviceKind::Tablet => Err(not_signed_in()),
            (Self::Manager, Some(person)) if !person.is_manager() => {
                Err(forbidden("This is for managers"))
            }
            _ => Ok(Caller(signed_in)),
        }
    }

    fn is_for(self, kind: DeviceKind) -> bool {
        match self {
            Self::Anyone | Self::Shopping => true,
            Self::Kiosk => kind == DeviceKind::Kiosk,
            Self::Tablet | Self::Associate | Self::Manager => kind == DeviceKind::Tablet,
        }
    }
}

/// Who is signed in, where the team still has her in the same role.
fn still_here(shared: &Shared) -> Result<Option<SignedIn>, Refusal> {
    let Some(signed_in) = shared.session.read() else {
        return Ok(None);
    };
    let face = &signed_in.session.face;
    let associate = shared.replica.associate(&face.id).map_err(of_replica)?;
    if associate.is_some_and(|associate| associate.role == face.role) {
        return Ok(Some(signed_in));
    }
    if shared.session.clear() {
        shared.signals.status();
    }
    Ok(None)
}

fn not_signed_in() -> Refusal {
    refuse(RefusalCode::NotSignedIn, "Sign in first")
}

fn forbidden(message: &str) -> Refusal {
    refuse(RefusalCode::Forbidden, message)
}
