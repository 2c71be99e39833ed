//! Looks at a QR on a screen as a camera does.

use crate::browser::Browser;
use crate::until::until;
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;

/// Pixels of a module in the picture that is looked at.
const MODULE: usize = 4;
/// Modules around the drawing.
const MARGIN: usize = 4;

impl Browser {
    /// What the QR on the page says.
    ///
    /// # Errors
    /// When there is none, or none that can be read.
    pub async fn read_qr(&self) -> Result<String> {
        self.find("qr").await?;
        until("a QR that can be read", || async {
            let ink = self.find_by("[data-testid='qr'] .qr-ink").await?;
            let drawn = ink.attr("d").await?.unwrap_or_default();
            decode(&drawn).map(Some)
        })
        .await
    }
}

/// The dark modules of a drawing of bars, `M<x> <y>h<run>v1h-<run>z`.
fn dark(drawn: &str) -> Option<BTreeSet<(usize, usize)>> {
    let mut dark = BTreeSet::new();
    for bar in drawn.split('z').filter(|bar| !bar.is_empty()) {
        let (place, run) = bar.strip_prefix('M')?.split_once('h')?;
        let (x, y) = place.split_once(' ')?;
        let (x, y): (usize, usize) = (x.parse().ok()?, y.parse().ok()?);
        let run: usize = run.split_once('v')?.0.parse().ok()?;
        dark.extend((x..x + run).map(|x| (x, y)));
    }
    Some(dark)
}

fn decode(drawn: &str) -> Result<String> {
    let dark = dark(drawn).context("a drawing of bars")?;
    let last = dark.iter().map(|(x, y)| *x.max(y)).max();
    let side = (last.context("something dark")? + MARGIN) * MODULE;
    let brightness = |x: usize, y: usize| match dark.contains(&(x / MODULE, y / MODULE)) {
        true => 0,
        false => u8::MAX,
    };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, brightness);
    let grids = picture.detect_grids();
    let (_, text) = grids.first().context("a QR")?.decode()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_modules() {
        let modules = dark("M4 4h2v1h-2zM5 6h1v1h-1z").unwrap();
        assert_eq!(modules, BTreeSet::from([(4, 4), (5, 4), (5, 6)]));
        assert_eq!(dark("L1 1"), None);
        assert!(decode("M4 4h2v1h-2z").is_err(), "no QR");
    }
}
