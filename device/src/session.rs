//! Who is signed in. It lives in memory only: a restart signs her out.

use crate::cloud::{Cloud, CloudError, PersonToken};
use crate::ports::Ports;
use domain::access::Role;
use domain::api::device::Session;
use domain::api::identity::PinRequest;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Somebody is signed in.
#[derive(Clone)]
pub(crate) struct SignedIn {
    /// What screens see.
    pub(crate) session: Session,
    /// Her standing with the cloud.
    pub(crate) online: Arc<OnlineSession>,
}

/// Her token at the cloud. It ends after minutes while a board stays open for hours, so a manager's PIN is held in
/// memory for as long as she is signed in; never on disk, never in a log.
pub(crate) struct OnlineSession {
    request: PinRequest,
    /// Held while a token is asked for, so that whoever needs it waits for the one request.
    token: tokio::sync::Mutex<Option<PersonToken>>,
}

impl SignedIn {
    pub(crate) fn new(session: Session, pin: String) -> Self {
        let request = PinRequest {
            associate: session.face.id.clone(),
            pin,
        };
        let online = Arc::new(OnlineSession {
            request,
            token: tokio::sync::Mutex::default(),
        });
        Self { session, online }
    }

    pub(crate) fn is_manager(&self) -> bool {
        self.session.face.role == Role::Manager
    }
}

impl OnlineSession {
    /// Her token, a new one where the old one ends.
    pub(crate) async fn token(
        &self,
        cloud: &Cloud,
        ports: &Ports,
    ) -> Result<PersonToken, CloudError> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| token.is_good(ports)) {
            return Ok(token.clone());
        }
        let token = cloud.sign_in(&self.request).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// The cloud does not accept her token any more.
    pub(crate) async fn drop_token(&self) {
        *self.token.lock().await = None;
    }
}

#[derive(Default)]
pub(crate) struct SessionSlot(Mutex<Option<SignedIn>>);

impl SessionSlot {
    pub(crate) fn read(&self) -> Option<SignedIn> {
        self.lock().clone()
    }

    pub(crate) fn set(&self, signed_in: SignedIn) {
        *self.lock() = Some(signed_in);
    }

    /// Whether anybody was signed in.
    pub(crate) fn clear(&self) -> bool {
        self.lock().take().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<SignedIn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
