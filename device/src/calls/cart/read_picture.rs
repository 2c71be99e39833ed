//! Looks for QRs in a picture of the camera, where the webview cannot. Nothing of the picture is kept.

use super::super::access::Caller;
use crate::device::Shared;
use crate::refusal::invalid;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::api::device::{MAX_PROOF_CHARS, PictureRead, ReadPicture, Refusal};

/// Pixels in a row, and rows.
const MAX_SIDE: u32 = 1_280;
/// A QR of the smallest size has 21 modules and is seen at a pixel each.
const MIN_SIDE: u32 = 21;
/// QRs in one picture that are read.
const MAX_FOUND: usize = 8;

pub(super) fn read_picture(
    _shared: &Shared,
    _caller: &Caller,
    request: &ReadPicture,
) -> Result<PictureRead, Refusal> {
    let side = |field, length: u32| match (MIN_SIDE..=MAX_SIDE).contains(&length) {
        true => Ok(length as usize),
        false => Err(invalid(field, format!("is not {MIN_SIDE} to {MAX_SIDE}"))),
    };
    let (width, height) = (
        side("width", request.width)?,
        side("height", request.height)?,
    );
    let pixels = width.saturating_mul(height);
    let unfit = || invalid("luma", "has another number of pixels");
    // Four characters are three bytes: looked at before anything is decoded.
    if request.luma.len() > pixels.div_ceil(3).saturating_mul(4) {
        return Err(unfit());
    }
    let luma = STANDARD.decode(&request.luma);
    let luma = luma.map_err(|_| invalid("luma", "is not base64"))?;
    if luma.len() != pixels {
        return Err(unfit());
    }
    let brightness = |x: usize, y: usize| {
        let place = y.saturating_mul(width).saturating_add(x);
        luma.get(place).copied().unwrap_or(u8::MAX)
    };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, brightness);
    let grids = picture.detect_grids().into_iter().take(MAX_FOUND);
    let texts = grids.filter_map(|grid| grid.decode().ok());
    let short = |text: &String| text.chars().count() <= MAX_PROOF_CHARS;
    Ok(PictureRead {
        texts: texts.map(|(_, text)| text).filter(short).collect(),
    })
}
