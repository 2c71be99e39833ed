//! The camera: the browser's own reader of QR codes where it has one, else pictures for the device to read.

use super::call;
use domain::api::device::ReadPicture;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement, MediaStream,
    MediaStreamConstraints, MediaStreamTrack,
};

/// Milliseconds between two looks.
const LOOK_MS: i32 = 300;
/// The longest side of a picture that is sent to the device, in pixels.
const SIDE_MAX: u32 = 640;

/// A camera that is on, until [`Camera::close`].
pub struct Camera {
    video: HtmlVideoElement,
    stream: MediaStream,
    reader: Option<JsValue>,
}

impl Camera {
    /// Turns the camera on and shows what it sees. `None` where there is none, or nobody may use it.
    pub async fn open(video: &HtmlVideoElement) -> Option<Self> {
        let devices = web_sys::window()?.navigator().media_devices().ok()?;
        let constraints = MediaStreamConstraints::new();
        let side = js_sys::Object::new();
        Reflect::set(&side, &"facingMode".into(), &"environment".into()).ok()?;
        constraints.set_video(&side);
        let asked = devices.get_user_media_with_constraints(&constraints).ok()?;
        let stream: MediaStream = JsFuture::from(asked).await.ok()?.dyn_into().ok()?;
        video.set_src_object(Some(&stream));
        let video = video.clone();
        if let Ok(playing) = video.play() {
            let _ = JsFuture::from(playing).await;
        }
        let reader = reader();
        Some(Self {
            video,
            stream,
            reader,
        })
    }

    /// Waits a moment, looks once, and gives what the QRs in sight say.
    pub async fn look(&self) -> Vec<String> {
        pause().await;
        match &self.reader {
            Some(reader) => detect(reader, &self.video).await.unwrap_or_default(),
            None => self.ask_device().await.unwrap_or_default(),
        }
    }

    /// Turns it off.
    pub fn close(&self) {
        for track in self.stream.get_tracks().iter() {
            if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
                track.stop();
            }
        }
        self.video.set_src_object(None);
    }

    async fn ask_device(&self) -> Option<Vec<String>> {
        let picture = picture(&self.video)?;
        Some(call(&picture).await.ok()?.texts)
    }
}

/// Whether the browser reads QR codes by itself.
#[must_use]
pub fn has_reader() -> bool {
    reader().is_some()
}

/// The browser's own reader, where it reads QR codes.
fn reader() -> Option<JsValue> {
    let window = web_sys::window()?;
    let class = Reflect::get(&window, &"BarcodeDetector".into()).ok()?;
    let class: Function = class.dyn_into().ok()?;
    let options = js_sys::Object::new();
    let formats = Array::of1(&"qr_code".into());
    Reflect::set(&options, &"formats".into(), &formats).ok()?;
    Reflect::construct(&class, &Array::of1(&options)).ok()
}

async fn detect(reader: &JsValue, video: &HtmlVideoElement) -> Option<Vec<String>> {
    let detect: Function = Reflect::get(reader, &"detect".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let promise: Promise = detect.call1(reader, video).ok()?.dyn_into().ok()?;
    let found: Array = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    let text = |code: JsValue| Reflect::get(&code, &"rawValue".into()).ok()?.as_string();
    Some(found.iter().filter_map(text).collect())
}

/// What the camera sees, in shades of grey; `None` before it sees anything.
fn picture(video: &HtmlVideoElement) -> Option<ReadPicture> {
    let (wide, high) = (video.video_width(), video.video_height());
    let longest = wide.max(high);
    if longest == 0 {
        return None;
    }
    let scaled = |side: u32| (side * SIDE_MAX.min(longest) / longest).max(1);
    let (width, height) = (scaled(wide), scaled(high));
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let (w, h) = (f64::from(width), f64::from(height));
    context
        .draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, w, h)
        .ok()?;
    let pixels = context.get_image_data(0.0, 0.0, w, h).ok()?.data();
    let luma = base64(&luma(&pixels))?;
    Some(ReadPicture {
        width,
        height,
        luma,
    })
}

/// The brightness of each pixel, as the eye weighs red, green and blue.
fn luma(rgba: &[u8]) -> String {
    let bright = |pixel: &[u8]| match pixel {
        [red, green, blue, ..] => {
            let sum = 77 * u32::from(*red) + 150 * u32::from(*green) + 29 * u32::from(*blue);
            char::from(u8::try_from(sum >> 8).unwrap_or(u8::MAX))
        }
        _ => '\0',
    };
    rgba.chunks(4).map(bright).collect()
}

/// Bytes, each as a character up to 255, as the browser encodes them.
fn base64(bytes: &str) -> Option<String> {
    web_sys::window()?.btoa(bytes).ok()
}

async fn pause() {
    let wait = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, LOOK_MS);
        }
    });
    let _ = JsFuture::from(wait).await;
}
