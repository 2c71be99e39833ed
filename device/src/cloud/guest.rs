//! Recognises a shopper at a kiosk.

use super::answer::{SMALL_BYTES, from_json, read};
use super::{Cloud, CloudError, SCREEN_WITHIN};
use domain::api::content::{Guest, GuestRequest};

impl Cloud {
    /// Who she is, as little as greets her; `None` where nobody has that card or phone.
    pub async fn identify_guest(
        &self,
        request: &GuestRequest,
    ) -> Result<Option<Guest>, CloudError> {
        let ask = || self.post("/v1/content/guest").json(request);
        let response = match self.send_as_device(ask, SCREEN_WITHIN).await {
            Err(CloudError::Refused(problem)) if problem.status == 404 => return Ok(None),
            answer => answer?,
        };
        let body = read(response, SMALL_BYTES).await?;
        from_json(&body)
    }
}
