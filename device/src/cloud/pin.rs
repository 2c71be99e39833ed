//! An associate signs in at the cloud, for what only she may see there.

use super::answer::{SMALL_BYTES, from_json, read};
use super::{Cloud, CloudError, PersonToken, SCREEN_WITHIN};
use domain::api::identity::PinRequest;

impl Cloud {
    /// A token of the associate.
    pub(crate) async fn sign_in(&self, request: &PinRequest) -> Result<PersonToken, CloudError> {
        let ask = || self.post("/v1/identity/pin").json(request);
        let response = self.send_as_device(ask, SCREEN_WITHIN).await?;
        let body = read(response, SMALL_BYTES).await?;
        Ok(PersonToken::new(from_json(&body)?, &self.shared.ports))
    }
}
