//! The recommendations' model on this device, in a file beside the database.
//!
//! The file is not encrypted: a model holds what many people do, and nothing about anybody.

use crate::cloud::Fetched;
use recommend::{Model, SnapshotError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// The most bytes of a model, decompressed.
const MODEL_BYTES_MAX: u64 = 512 << 20;
/// Memory that a sender may make us keep to decompress: 2 to this power bytes.
const WINDOW_LOG_MAX: u32 = 25;
/// The longest entity tag that is kept.
const ETAG_BYTES_MAX: usize = 256;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    /// It cannot be decompressed, or is larger than any model.
    #[error("the model cannot be decompressed: {0}")]
    Compression(String),
    /// It is no model.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The file.
    #[error("the model's file: {0}")]
    File(#[from] std::io::Error),
}

/// A model and where it came from.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) model: Arc<Model>,
    /// Its version, as the cloud's entity tag.
    pub(crate) etag: Option<String>,
}

/// The model that answers now.
pub(crate) struct ModelSlot {
    path: PathBuf,
    loaded: RwLock<Option<Loaded>>,
}

impl ModelSlot {
    /// Loads the file, where there is one. One that cannot be read is as good as none: a new one will come.
    pub(crate) fn open(path: PathBuf) -> Self {
        let loaded = match load(&path) {
            Ok(loaded) => loaded,
            Err(error) => {
                tracing::warn!(%error, "the kept model cannot be used");
                None
            }
        };
        Self {
            path,
            loaded: RwLock::new(loaded),
        }
    }

    pub(crate) fn read(&self) -> Option<Loaded> {
        let loaded = self.loaded.read();
        loaded.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a model that was fetched: checked first, then kept, then used.
    pub(crate) fn take(&self, fetched: Fetched) -> Result<Arc<Model>, ModelError> {
        let model = Arc::new(decode(&fetched.bytes)?);
        let etag = fetched.etag.filter(|etag| is_plain(etag));
        store(
            &self.path,
            etag.as_deref().unwrap_or_default(),
            &fetched.bytes,
        )?;
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        *loaded = Some(Loaded {
            model: model.clone(),
            etag,
        });
        Ok(model)
    }
}

fn is_plain(etag: &str) -> bool {
    etag.len() <= ETAG_BYTES_MAX && etag.chars().all(|c| c.is_ascii_graphic())
}

/// The file: the tag, a line break, and the model as it came.
fn load(path: &Path) -> Result<Option<Loaded>, ModelError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let tag = parts.next().unwrap_or_default();
    let model = Arc::new(decode(parts.next().unwrap_or_default())?);
    let etag = String::from_utf8(tag.to_vec()).ok();
    let etag = etag.filter(|tag| !tag.is_empty() && is_plain(tag));
    Ok(Some(Loaded { model, etag }))
}

fn store(path: &Path, etag: &str, bytes: &[u8]) -> Result<(), std::io::Error> {
    let half = path.with_extension("new");
    let mut file = std::fs::File::create(&half)?;
    file.write_all(etag.as_bytes())?;
    file.write_all(b"\n")?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&half, path)
}

fn decode(bytes: &[u8]) -> Result<Model, ModelError> {
    let compression = |error: std::io::Error| ModelError::Compression(error.to_string());
    let mut decoder = zstd::stream::read::Decoder::new(bytes).map_err(compression)?;
    decoder
        .window_log_max(WINDOW_LOG_MAX)
        .map_err(compression)?;
    let mut snapshot = Vec::new();
    let mut bounded = decoder.take(MODEL_BYTES_MAX);
    bounded.read_to_end(&mut snapshot).map_err(compression)?;
    if bounded.limit() == 0 {
        let reason = format!("it is larger than {MODEL_BYTES_MAX} bytes");
        return Err(ModelError::Compression(reason));
    }
    Ok(Model::from_snapshot(&snapshot)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::packed_model;

    #[test]
    fn a_model_is_kept_over_a_restart() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("model.zst");
        let slot = ModelSlot::open(path.clone());
        assert!(slot.read().is_none());
        let etag = Some("\"v1\"".to_owned());
        let bytes = packed_model();
        let version = slot
            .take(Fetched {
                etag: etag.clone(),
                bytes,
            })
            .unwrap()
            .version();
        let again = ModelSlot::open(path).read().unwrap();
        assert_eq!((again.model.version(), again.etag), (version, etag));
    }

    #[test]
    fn a_broken_model_is_refused_and_the_old_one_stays() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("model.zst");
        let slot = ModelSlot::open(path.clone());
        let bytes = packed_model();
        slot.take(Fetched {
            etag: None,
            bytes: bytes.clone(),
        })
        .unwrap();
        let cut = bytes[..bytes.len() / 2].to_vec();
        assert!(
            slot.take(Fetched {
                etag: None,
                bytes: cut
            })
            .is_err()
        );
        assert!(slot.read().is_some());
        std::fs::write(&path, "\nnonsense").unwrap();
        assert!(ModelSlot::open(path).read().is_none());
    }
}
