//! Geofences: a ring of positions around a place, read from GeoJSON (RFC 7946).

use crate::ids::StoreId;
use serde::{Deserialize, Serialize};

/// A named area, in WGS 84 degrees. Rings follow RFC 7946: first and last position are the same; the first ring is the
/// outline, the others are holes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fence {
    /// Its key, unique in the retailer's files.
    pub id: String,
    /// For people.
    pub name: String,
    /// The store that it surrounds, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// Rings of `[longitude, latitude]`.
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// Why rings are not a fence.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FenceError {
    /// No outline.
    #[error("has no ring")]
    NoRing,
    /// Fewer than four positions.
    #[error("ring {0} has fewer than four positions")]
    TooFewPositions(usize),
    /// The last position is not the first.
    #[error("ring {0} is not closed")]
    NotClosed(usize),
    /// Not a longitude in ±180 and a latitude in ±90.
    #[error("ring {ring} position {position} is not a longitude and a latitude")]
    NotAPosition {
        /// Which ring.
        ring: usize,
        /// Which of its positions.
        position: usize,
    },
    /// Over [`MAX_POSITIONS`].
    #[error("has more than {MAX_POSITIONS} positions")]
    TooManyPositions,
}

/// The most positions that one fence may have.
pub const MAX_POSITIONS: usize = 10_000;

impl Fence {
    /// Checks what RFC 7946 asks of a polygon's rings.
    pub fn check(&self) -> Result<(), FenceError> {
        if self.rings.is_empty() {
            return Err(FenceError::NoRing);
        }
        if self.rings.iter().map(Vec::len).sum::<usize>() > MAX_POSITIONS {
            return Err(FenceError::TooManyPositions);
        }
        self.rings
            .iter()
            .enumerate()
            .try_for_each(|(index, ring)| check_ring(index, ring))
    }
}

fn check_ring(ring_index: usize, ring: &[[f64; 2]]) -> Result<(), FenceError> {
    if ring.len() < 4 {
        return Err(FenceError::TooFewPositions(ring_index));
    }
    let is_position =
        |[lon, lat]: &[f64; 2]| (-180.0..=180.0).contains(lon) && (-90.0..=90.0).contains(lat);
    if let Some(position) = ring.iter().position(|p| !is_position(p)) {
        return Err(FenceError::NotAPosition {
            ring: ring_index,
            position,
        });
    }
    if ring.first() != ring.last() {
        return Err(FenceError::NotClosed(ring_index));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fence(ring: &[[f64; 2]]) -> Fence {
        Fence {
            id: "f".into(),
            name: "f".into(),
            store: None,
            rings: vec![ring.to_vec()],
        }
    }

    #[test]
    fn a_ring_is_closed_and_on_earth() {
        let ring = [[10.0, 53.0], [10.1, 53.0], [10.1, 53.1], [10.0, 53.0]];
        assert_eq!(fence(&ring).check(), Ok(()));
        assert_eq!(
            fence(&ring[..3]).check(),
            Err(FenceError::TooFewPositions(0))
        );
        let mut open = ring;
        open[3] = [10.0, 53.5];
        assert_eq!(fence(&open).check(), Err(FenceError::NotClosed(0)));
        open[1] = [190.0, 53.0];
        assert_eq!(
            fence(&open).check(),
            Err(FenceError::NotAPosition {
                ring: 0,
                position: 1
            })
        );
        assert_eq!(fence(&[]).check(), Err(FenceError::TooFewPositions(0)));
    }
}
