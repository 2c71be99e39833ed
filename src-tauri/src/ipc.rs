//! The one command that screens have: a call of the device by its name.

use device::Device;
use domain::api::device::Refusal;
use serde_json::Value;
use tauri::State;

/// Makes a call; what goes wrong is a refusal with a code.
#[tauri::command]
pub(crate) async fn call(
    device: State<'_, Device>,
    name: String,
    args: Option<Value>,
) -> Result<Value, Refusal> {
    device.call(&name, args.unwrap_or_default()).await
}
