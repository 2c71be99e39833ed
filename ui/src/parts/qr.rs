//! A QR code, drawn. It is dark on light in every theme: many cameras read no other.

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;

/// Modules of quiet around it, as the standard asks.
const QUIET: i32 = 4;

/// Draws a text; nothing where it is too long for the largest code. `label` is for a screen reader.
pub(crate) fn qr(text: &str, label: &str) -> impl IntoView + use<> {
    let label = label.to_owned();
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    Some(view! {
        <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label=label data-testid="qr" shape-rendering="crispEdges">
            <path class="qr-paper" d=format!("M0 0h{side}v{side}H0z")></path>
            <path class="qr-ink" d=outline(code.size(), |x, y| code.get_module(x, y))></path>
        </svg>
    })
}

/// The dark modules as one path: a bar for each run in a row.
fn outline(size: i32, is_dark: impl Fn(i32, i32) -> bool) -> String {
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|x| is_dark(*x, y)).count();
            let run = i32::try_from(run).unwrap_or(size);
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let dark = [
            [true, true, false],
            [false, true, false],
            [true, false, true],
        ];
        let at = |x: i32, y: i32| {
            let row = usize::try_from(y).ok().and_then(|y| dark.get(y));
            let module = usize::try_from(x).ok().and_then(|x| row?.get(x));
            module.copied().unwrap_or_default()
        };
        assert_eq!(
            outline(3, at),
            "M4 4h2v1h-2zM5 5h1v1h-1zM4 6h1v1h-1zM6 6h1v1h-1z"
        );
    }

    #[test]
    fn a_handoff_fits_a_code_that_a_phone_reads_from_afar() {
        let address = format!("https://shop.example.com/h/{}", "f".repeat(32));
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium).unwrap();
        assert!(code.size() <= 37, "{} modules", code.size());
        let frame = format!("aisle:1/3:{}", "x".repeat(790));
        assert!(QrCode::encode_text(&frame, QrCodeEcc::Medium).is_ok());
    }
}
