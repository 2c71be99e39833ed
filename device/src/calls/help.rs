//! A shopper at a kiosk asks for somebody of the team; the tablets of the store show that until somebody goes there.

use super::access::Caller;
use super::json;
use crate::device::{Device, Shared};
use crate::refusal::{of_cloud, of_replica};
use domain::api::device::{AskHelp, Done, EndHelp, ListHelp, Refusal};
use domain::help::{HelpCall, HelpEnd, HelpRequest};
use serde_json::Value;

const WHAT: &str = "Asking the team";

impl Device {
    pub(super) async fn ask_help(&self, (_, request): (Caller, AskHelp)) -> Result<Value, Refusal> {
        let cart = request.cart;
        let asked = self.shared().cloud.ask_help(&HelpRequest { cart }).await;
        asked.map_err(|error| of_cloud(&error, WHAT))?;
        json(&Done {})
    }

    pub(super) async fn end_help(&self, (_, request): (Caller, EndHelp)) -> Result<Value, Refusal> {
        let device = request.device;
        let ended = self.shared().cloud.end_help(&HelpEnd { device }).await;
        ended.map_err(|error| of_cloud(&error, WHAT))?;
        json(&Done {})
    }
}

/// Of those whom the feed told of, who still waits.
pub(super) fn list_help(
    shared: &Shared,
    _caller: &Caller,
    _request: &ListHelp,
) -> Result<Vec<HelpCall>, Refusal> {
    let now = shared.now();
    let mut calls = shared.replica.help().map_err(of_replica)?;
    calls.retain(|call| call.waits(now));
    calls.sort_by_key(|call| call.asked_at);
    Ok(calls)
}
