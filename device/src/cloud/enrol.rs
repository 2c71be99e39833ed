//! Joins by a one-time code.

use super::answer::send_for;
use super::{ANSWER_WITHIN, Cloud, CloudError};
use domain::api::identity::{EnrolRequest, Enrolment};

impl Cloud {
    /// Shows the code. A repeat with the same nonce is the same enrolment.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<Enrolment, CloudError> {
        send_for(self.post("/v1/identity/enrol").json(request), ANSWER_WITHIN).await
    }
}
