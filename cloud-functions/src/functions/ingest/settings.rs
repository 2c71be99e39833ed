//! What browsers' clients ask before they send: Segment's settings and RudderStack's source configuration.

use super::source::{self, Source};
use crate::http::{ApiError, Json, WriteSource};
use crate::services::Services;
use crate::table;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

/// The longest write key that is looked up, in bytes.
const MAX_KEY_BYTES: usize = 128;

/// Where analytics-next sends to, and that there is nothing else to load.
#[utoipa::path(get, path = "/v1/projects/{write_key}/settings", tag = "ingest",
    params(("write_key" = String, Path)), responses((status = 200, body = Object), (status = 404)))]
pub(super) async fn project_settings(
    State(services): State<Services>,
    Path(write_key): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let unknown = || ApiError::not_found("write key");
    if write_key.is_empty() || write_key.len() > MAX_KEY_BYTES {
        return Err(unknown());
    }
    table::lookup::<Source>(&*services.ledger, &source::key(&write_key))
        .await?
        .ok_or_else(unknown)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str()).unwrap_or("localhost");
    let protocol = match text("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    Ok(Json(json!({
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": format!("{host}/v1"),
                "protocol": protocol,
                "unbundledIntegrations": [],
                "addBundledMetadata": true,
                "maybeBundledConfigIds": {},
                "versionSettings": { "version": "4.4.7", "componentTypes": ["browser"] },
            },
        },
        "plan": {
            "track": { "__default": { "enabled": true, "integrations": {} } },
            "identify": { "__default": { "enabled": true } },
            "group": { "__default": { "enabled": true } },
        },
        "edgeFunction": {},
        "analyticsNextEnabled": true,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": { "sampleRate": 0 },
        "legacyVideoPluginsEnabled": false,
        "remotePlugins": [],
    })))
}

/// What RudderStack's clients ask first.
#[utoipa::path(get, path = "/sourceConfig", tag = "ingest", responses((status = 200, body = Object)))]
pub(super) async fn source_config(caller: WriteSource) -> Json<Value> {
    config(&caller)
}

/// As `/sourceConfig`.
#[utoipa::path(get, path = "/sourceConfig/", tag = "ingest", responses((status = 200, body = Object)))]
pub(super) async fn source_config_slash(caller: WriteSource) -> Json<Value> {
    config(&caller)
}

/// No destinations: the events go on in the event log, not from the browser.
fn config(caller: &WriteSource) -> Json<Value> {
    let off = json!({ "enabled": false });
    Json(json!({
        "source": {
            "id": caller.source,
            "name": caller.source,
            "writeKey": caller.write_key,
            "enabled": true,
            "workspaceId": "aisle",
            "config": { "statsCollection": { "errors": off, "metrics": off } },
            "destinations": [],
            "connections": [],
            "dataplanes": {},
        },
    }))
}
