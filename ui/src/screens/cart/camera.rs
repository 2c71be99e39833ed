//! The camera, looking for a QR; and plain words where there is none.

use crate::backend::camera::Camera;
use crate::tablet::Tablet;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How the camera stands.
#[derive(Clone, Copy, PartialEq)]
enum Sight {
    Waiting,
    Looking,
    None,
}

/// What the camera sees. `seen` gets each new text that a QR says.
pub(crate) fn camera(tablet: Tablet, seen: Callback<String>) -> impl IntoView {
    let words = tablet.cart_words();
    let node: NodeRef<html::Video> = NodeRef::new();
    let sight = RwSignal::new(Sight::Waiting);
    let gone = StoredValue::new(false);
    on_cleanup(move || gone.set_value(true));
    Effect::new(move |_| {
        if let Some(video) = node.get() {
            spawn_local(async move {
                let Some(camera) = Camera::open(&video).await else {
                    sight.try_set(Sight::None);
                    return;
                };
                sight.try_set(Sight::Looking);
                look(&camera, gone, seen).await;
                camera.close();
            });
        }
    });
    view! {
        <figure class="camera" hidden=move || sight.get() == Sight::None>
            <video node_ref=node playsinline=true muted=true aria-label=words.camera_help></video>
            <figcaption class="small soft">{words.camera_help}</figcaption>
        </figure>
        <p class="notice notice-warn" role="alert" data-testid="camera-none" hidden=move || sight.get() != Sight::None>{words.camera_none}</p>
    }
}

/// Looks until the sheet is gone. The same text is told once until another comes.
async fn look(camera: &Camera, gone: StoredValue<bool>, seen: Callback<String>) {
    let mut last = String::new();
    while gone.try_get_value() == Some(false) {
        for text in camera.look().await {
            if text != last && gone.try_get_value() == Some(false) {
                seen.run(text.clone());
                last = text;
            }
        }
    }
}
