//! The recommendations' model on this device, in files beside the database: a whole one, and what is new since.
//!
//! The file is not encrypted: a model holds what many people do, and nothing about anybody.

mod file;

use crate::cloud::Fetched;
use file::{Kept, ModelFile, Room};
use recommend::{DeltaError, Model, SnapshotError, is_delta};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// The most bytes of a model, decompressed.
const MODEL_BYTES_MAX: u64 = 512 << 20;
/// Memory that a sender may make us keep to decompress: 2 to this power bytes.
const WINDOW_LOG_MAX: u32 = 25;
/// How hard a model is packed on the device: not very, as tablets are slow.
const PACKING: i32 = 1;
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
    /// It does not go on from the model that is here. The next one that is asked for is a whole one.
    #[error(transparent)]
    Delta(#[from] DeltaError),
    /// Only what is new came, and nothing is here.
    #[error("there is no model that this goes on from")]
    NothingHere,
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

/// What came from the cloud, unpacked.
enum Parcel {
    Whole(Box<Model>),
    /// What was learnt since a version.
    News(Vec<u8>),
}

/// The model that answers now.
pub(crate) struct ModelSlot {
    file: ModelFile,
    loaded: RwLock<Option<Loaded>>,
}

impl ModelSlot {
    /// Loads the file, where there is one. One that cannot be read is as good as none: a new one will come.
    pub(crate) fn open(path: PathBuf) -> Self {
        let file = ModelFile::at(path);
        let loaded = match load(&file) {
            Ok(loaded) => loaded,
            Err(error) => {
                crate::telemetry::forgotten("model");
                tracing::warn!(%error, "the kept model cannot be used");
                None
            }
        };
        Self {
            file,
            loaded: RwLock::new(loaded),
        }
    }

    pub(crate) fn read(&self) -> Option<Loaded> {
        let loaded = self.loaded.read();
        loaded.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what was fetched, a whole model or what is new in it: checked first, then kept, then used. Screens are
    /// answered from the one before until then.
    pub(crate) fn take(&self, fetched: Fetched) -> Result<Arc<Model>, ModelError> {
        let etag = fetched.etag.filter(|etag| is_plain(etag));
        let model = match decode(&fetched.bytes)? {
            Parcel::Whole(model) => {
                let tag = etag.as_deref().unwrap_or_default();
                self.file.put(tag, &fetched.bytes)?;
                Arc::new(*model)
            }
            Parcel::News(delta) => self.go_on(&delta, &fetched.bytes)?,
        };
        self.set(Some(Loaded {
            model: model.clone(),
            etag,
        }));
        Ok(model)
    }

    fn go_on(&self, delta: &[u8], packed: &[u8]) -> Result<Arc<Model>, ModelError> {
        let here = self.read().ok_or(ModelError::NothingHere)?;
        let mut model = Model::clone(&here.model);
        if let Err(error) = model.apply_delta(delta) {
            self.set(Some(Loaded { etag: None, ..here }));
            return Err(error.into());
        }
        if self.file.add(packed)? == Room::Full {
            let whole = zstd::bulk::compress(&model.to_snapshot(), PACKING)?;
            self.file.put(&tag(&model), &whole)?;
        }
        Ok(Arc::new(model))
    }

    fn set(&self, next: Option<Loaded>) {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        *loaded = next;
    }
}

fn is_plain(etag: &str) -> bool {
    etag.len() <= ETAG_BYTES_MAX && etag.chars().all(|c| c.is_ascii_graphic())
}

/// The entity tag that the cloud gives a model of this version.
fn tag(model: &Model) -> String {
    format!("\"{}\"", model.version())
}

/// The whole model, and all that is new in it up to the first that cannot be read.
fn load(file: &ModelFile) -> Result<Option<Loaded>, ModelError> {
    let Some(Kept { tag: text, packed }) = file.whole()? else {
        return Ok(None);
    };
    let Parcel::Whole(mut model) = decode(&packed)? else {
        return Err(ModelError::NothingHere);
    };
    let mut etag = String::from_utf8(text).ok();
    for packed in file.news()? {
        let Ok(Parcel::News(delta)) = decode(&packed) else {
            break;
        };
        match model.apply_delta(&delta) {
            Ok(()) => etag = Some(tag(&model)),
            // What is left of a whole model before this one.
            Err(DeltaError::OtherBase { .. }) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let etag = etag.filter(|tag| !tag.is_empty() && is_plain(tag));
    Ok(Some(Loaded {
        model: Arc::new(*model),
        etag,
    }))
}

fn decode(bytes: &[u8]) -> Result<Parcel, ModelError> {
    let compression = |error: std::io::Error| ModelError::Compression(error.to_string());
    let mut decoder = zstd::stream::read::Decoder::new(bytes).map_err(compression)?;
    decoder
        .window_log_max(WINDOW_LOG_MAX)
        .map_err(compression)?;
    let mut unpacked = Vec::new();
    let mut bounded = decoder.take(MODEL_BYTES_MAX);
    bounded.read_to_end(&mut unpacked).map_err(compression)?;
    if bounded.limit() == 0 {
        let reason = format!("it is larger than {MODEL_BYTES_MAX} bytes");
        return Err(ModelError::Compression(reason));
    }
    if is_delta(&unpacked) {
        return Ok(Parcel::News(unpacked));
    }
    Ok(Parcel::Whole(Box::new(Model::from_snapshot(&unpacked)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::packed_model;
    use std::path::Path;

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

    fn packed(bytes: &[u8]) -> Vec<u8> {
        zstd::bulk::compress(bytes, 1).unwrap()
    }

    /// The cloud's model, and a slot that has it.
    fn both(path: &Path) -> (Model, recommend::DeltaLog, ModelSlot) {
        let slot = ModelSlot::open(path.to_owned());
        let bytes = packed_model();
        let model = slot.take(Fetched { etag: None, bytes }).unwrap();
        let cloud = Model::clone(&model);
        let log = recommend::DeltaLog::since(&cloud, 1 << 20);
        (cloud, log, slot)
    }

    fn learn(cloud: &mut Model, log: &mut recommend::DeltaLog, items: [&str; 2]) {
        let skus = items.map(|text| domain::ids::Sku::parse(text).unwrap());
        log.writer().append_session(cloud, &skus);
        log.mark(cloud);
    }

    fn take(slot: &ModelSlot, delta: &[u8]) -> Result<Arc<Model>, ModelError> {
        slot.take(Fetched {
            etag: Some("\"v\"".to_owned()),
            bytes: packed(delta),
        })
    }

    #[test]
    fn what_is_new_makes_the_same_model_also_after_a_restart() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("model.zst");
        let (mut cloud, mut log, slot) = both(&path);
        for round in 0..40 {
            let before = slot.read().unwrap().model.version();
            let items = [["boots", "tent"], ["socks", "wax"]][round % 2];
            learn(&mut cloud, &mut log, items);
            let model = take(&slot, &log.after(before, &cloud).unwrap()).unwrap();
            assert_eq!(model.to_snapshot(), cloud.to_snapshot());
            let again = ModelSlot::open(path.clone()).read().unwrap();
            assert_eq!(again.model.to_snapshot(), cloud.to_snapshot());
            assert_eq!(again.etag, Some(tag(&cloud)));
        }
    }

    #[test]
    fn what_does_not_follow_is_refused_and_a_whole_model_is_asked_for() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("model.zst");
        let (mut cloud, mut log, slot) = both(&path);
        let first = cloud.version();
        learn(&mut cloud, &mut log, ["boots", "tent"]);
        let delta = log.after(first, &cloud).unwrap();
        take(&slot, &delta).unwrap();
        assert!(slot.read().unwrap().etag.is_some());
        assert!(take(&slot, &delta).is_err(), "a second time");
        let kept = slot.read().unwrap();
        assert_eq!((kept.model.version(), kept.etag), (cloud.version(), None));
        let nothing = ModelSlot::open(place.path().join("other.zst"));
        assert!(matches!(
            take(&nothing, &delta),
            Err(ModelError::NothingHere)
        ));
    }

    #[test]
    fn news_that_are_cut_off_are_left_out() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("model.zst");
        let (mut cloud, mut log, slot) = both(&path);
        let first = cloud.version();
        learn(&mut cloud, &mut log, ["boots", "tent"]);
        take(&slot, &log.after(first, &cloud).unwrap()).unwrap();
        let news = path.with_extension("news");
        let whole = std::fs::read(&news).unwrap();
        for len in 0..whole.len() {
            std::fs::write(&news, &whole[..len]).unwrap();
            let model = ModelSlot::open(path.clone()).read().unwrap().model;
            assert_eq!(model.version(), first);
        }
    }
}
