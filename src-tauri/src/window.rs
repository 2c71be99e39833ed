//! The one window: a tablet's in a frame, a kiosk's over the whole screen.

use crate::{ipc, notices};
use anyhow::{Context, Result};
use device::Device;
use domain::api::device::Signal;
use domain::api::identity::DeviceKind;
use tauri::{App, AppHandle, Emitter as _, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

/// What screens listen to.
const SIGNAL: &str = "aisle://signal";
/// Logical pixels.
const SIZE: (f64, f64) = (1280.0, 800.0);
const LEAST_SIZE: (f64, f64) = (360.0, 600.0);

/// Shows the window until it is closed.
pub(crate) fn show(device: Device) -> Result<()> {
    tauri::Builder::default()
        .manage(device)
        .invoke_handler(tauri::generate_handler![ipc::call])
        .setup(|app| Ok(set_up(app)?))
        .run(tauri::generate_context!())
        .context("the window cannot be shown")
}

fn set_up(app: &mut App) -> tauri::Result<()> {
    let device = app.state::<Device>().inner().clone();
    let kiosk = device.kind() == DeviceKind::Kiosk;
    let screen = if kiosk { "kiosk" } else { "associate" };
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::App(screen.into()))
        .title("Aisle")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(LEAST_SIZE.0, LEAST_SIZE.1)
        .fullscreen(kiosk)
        .decorations(!kiosk)
        .on_navigation(is_ours);
    tauri::async_runtime::spawn(relay(device, app.handle().clone()));
    window.build()?;
    Ok(())
}

/// The window shows the embedded screens and nothing else.
fn is_ours(url: &Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
}

/// Hands the device's signals to the screens, and its notices to the desktop.
async fn relay(device: Device, app: AppHandle) {
    let mut listener = device.listen();
    while let Some(signal) = listener.next().await {
        if let Err(error) = app.emit(SIGNAL, &signal) {
            tracing::warn!(%error, "a signal did not reach the screens");
        }
        if let Signal::Notice { notice } = signal {
            tauri::async_runtime::spawn_blocking(move || notices::show(&notice));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_nowhere_else() {
        let ours = |text: &str| is_ours(&Url::parse(text).unwrap());
        assert!(ours("tauri://localhost/associate") && ours("http://tauri.localhost/kiosk"));
        assert!(!ours("https://example.com/") && !ours("file:///etc/passwd"));
    }
}
