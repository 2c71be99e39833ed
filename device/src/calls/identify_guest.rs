//! A shopper says who she is at a kiosk. A kiosk holds no customers, so the cloud is asked.

use super::access::Caller;
use super::json;
use crate::cloud::CloudError;
use crate::device::Device;
use crate::refusal::{invalid, of_cloud, refuse};
use domain::api::content::{GuestRequest, Identify};
use domain::api::device::{IdentifyGuest, Refusal, RefusalCode};
use serde_json::Value;

/// The longest telephone number that is looked at, in characters.
const MAX_PHONE_CHARS: usize = 40;

impl Device {
    pub(super) async fn identify_guest(
        &self,
        (_, request): (Caller, IdentifyGuest),
    ) -> Result<Value, Refusal> {
        check(&request.identify)?;
        let shared = self.shared();
        let offline = |error: CloudError| of_cloud(&error, "Recognising you");
        let store = shared
            .store()
            .ok_or(CloudError::NotEnrolled)
            .map_err(offline)?;
        let request = GuestRequest {
            identify: request.identify,
            store: store.clone(),
        };
        let guest = shared
            .cloud
            .identify_guest(&request)
            .await
            .map_err(offline)?;
        let guest = guest.ok_or_else(|| {
            refuse(
                RefusalCode::NotFound,
                "Nobody is known by that card or number",
            )
        })?;
        json(&guest)
    }
}

fn check(identify: &Identify) -> Result<(), Refusal> {
    match identify {
        Identify::Card(_) => Ok(()),
        Identify::Phone(typed) => {
            let digits = typed.chars().filter(char::is_ascii_digit).count();
            if digits == 0 || typed.chars().count() > MAX_PHONE_CHARS {
                return Err(invalid("identify", "is not a telephone number"));
            }
            Ok(())
        }
    }
}
