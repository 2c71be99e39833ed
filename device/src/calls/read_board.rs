//! The live board of this store; a manager's, and the cloud's own figures.

use super::access::Caller;
use super::json;
use crate::cloud::CloudError;
use crate::device::{Device, Shared};
use crate::refusal::of_cloud;
use crate::session::OnlineSession;
use domain::api::board::Board;
use domain::api::device::{Aged, ReadBoard, Refusal, Source};
use domain::ids::StoreId;
use serde_json::Value;

impl Device {
    pub(super) async fn read_board(
        &self,
        (caller, _): (Caller, ReadBoard),
    ) -> Result<Value, Refusal> {
        let shared = self.shared();
        let refused = |error: CloudError| of_cloud(&error, "The board");
        let store = shared
            .store()
            .ok_or(CloudError::NotEnrolled)
            .map_err(refused)?;
        let manager = &caller.signed_in()?.online;
        let board = match board(shared, store, manager).await {
            Err(CloudError::Unauthorised) => {
                manager.drop_token().await;
                board(shared, store, manager).await
            }
            answer => answer,
        };
        let board = board.map_err(refused)?;
        json(&Aged {
            as_of: Some(board.as_of),
            value: board,
            source: Source::Online,
        })
    }
}

async fn board(
    shared: &Shared,
    store: &StoreId,
    manager: &OnlineSession,
) -> Result<Board, CloudError> {
    let token = manager.token(&shared.cloud, &shared.ports).await?;
    shared.cloud.board(store, &token).await
}
