//! The live board, for managers.

use super::answer::send_for;
use super::{Cloud, CloudError, PersonToken, SCREEN_WITHIN};
use domain::api::board::Board;
use domain::ids::StoreId;

impl Cloud {
    /// The live board of a store.
    pub(crate) async fn board(
        &self,
        store: &StoreId,
        manager: &PersonToken,
    ) -> Result<Board, CloudError> {
        let request = self
            .get_with("/v1/analytics/board", &[("store", store.as_str())])?
            .bearer_auth(manager.0.bearer());
        send_for(request, SCREEN_WITHIN).await
    }
}
