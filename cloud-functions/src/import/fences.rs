//! Fences from GeoJSON (RFC 7946): a FeatureCollection of polygons.

use super::summary::RowError;
use super::{Row, Sink};
use domain::fence::Fence;
use domain::ids::StoreId;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    features: Vec<Value>,
}

#[derive(Deserialize)]
struct Feature {
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    properties: Option<serde_json::Map<String, Value>>,
    geometry: Option<Geometry>,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    coordinates: Value,
}

/// Reads every feature.
pub(super) fn read(text: &str, sink: Sink<'_>) -> Result<(), String> {
    let collection: Collection =
        serde_json::from_str(text).map_err(|error| format!("is not GeoJSON: {error}"))?;
    if collection.kind != "FeatureCollection" {
        return Err(format!(
            "is a GeoJSON {}, not a FeatureCollection",
            collection.kind
        ));
    }
    for (number, feature) in (1..).zip(collection.features) {
        sink(number, fence(number, feature));
    }
    Ok(())
}

fn fence(number: u64, feature: Value) -> Result<Row, RowError> {
    let feature: Feature =
        serde_json::from_value(feature).map_err(|error| RowError::new("feature", error))?;
    let geometry = feature
        .geometry
        .ok_or_else(|| RowError::new("geometry", "is missing"))?;
    if geometry.kind != "Polygon" {
        return Err(RowError::new(
            "geometry",
            format!("is a {}, not a Polygon", geometry.kind),
        ));
    }
    let property = |name: &str| {
        feature
            .properties
            .as_ref()
            .and_then(|properties| properties.get(name))
            .map(plain)
    };
    let store = property("store")
        .map(|text| StoreId::parse(text).map_err(|error| RowError::new("store", error)))
        .transpose()?;
    let id = feature.id.as_ref().map(plain).or_else(|| property("id"));
    let id = id
        .or_else(|| store.as_ref().map(|store| format!("store-{store}")))
        .unwrap_or_else(|| format!("fence-{number}"));
    let name = property("name").unwrap_or_else(|| id.clone());
    let rings: Vec<Vec<Vec<f64>>> = serde_json::from_value(geometry.coordinates)
        .map_err(|error| RowError::new("coordinates", error))?;
    let rings = rings
        .into_iter()
        .map(|ring| ring.iter().map(|numbers| position(numbers)).collect())
        .collect::<Result<_, _>>()?;
    let fence = Fence {
        id,
        name,
        store,
        rings,
    };
    fence
        .check()
        .map_err(|error| RowError::new("coordinates", error))?;
    Ok(Row::Fence(Box::new(fence)))
}

/// A position may have an altitude, which is dropped (RFC 7946, section 3.1.1).
fn position(numbers: &[f64]) -> Result<[f64; 2], RowError> {
    match numbers {
        [lon, lat] | [lon, lat, _] => Ok([*lon, *lat]),
        _ => Err(RowError::new(
            "coordinates",
            "a position has a longitude and a latitude",
        )),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
