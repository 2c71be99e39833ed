//! The files of the model. Killed at any moment, they hold a model that was there.

use std::io::Write as _;
use std::path::PathBuf;

/// What is new may take a share of the whole, but always this much, in bytes.
const NEWS_BYTES_MIN: u64 = 256 * 1024;
/// The share of the whole's bytes that what is new may take: one in so many.
const NEWS_SHARE: u64 = 4;

/// A whole model as it came: `<tag>\n<packed>`; and beside it what came since, each piece after its length in four
/// bytes.
pub(super) struct ModelFile {
    whole: PathBuf,
    news: PathBuf,
}

/// A whole model with its entity tag.
pub(super) struct Kept {
    pub(super) tag: Vec<u8>,
    pub(super) packed: Vec<u8>,
}

/// Whether more pieces should be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Left,
    /// Reading all pieces takes long: a whole model should take their place.
    Full,
}

impl ModelFile {
    pub(super) fn at(whole: PathBuf) -> Self {
        Self {
            news: whole.with_extension("news"),
            whole,
        }
    }

    /// Keeps a whole model; what was new before it goes.
    pub(super) fn put(&self, tag: &str, packed: &[u8]) -> std::io::Result<()> {
        let half = self.whole.with_extension("new");
        let mut file = std::fs::File::create(&half)?;
        file.write_all(tag.as_bytes())?;
        file.write_all(b"\n")?;
        file.write_all(packed)?;
        file.sync_all()?;
        std::fs::rename(&half, &self.whole)?;
        // Pieces that stay behind do not follow the new one, and are passed over.
        match std::fs::remove_file(&self.news) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Adds what is new.
    pub(super) fn add(&self, packed: &[u8]) -> std::io::Result<Room> {
        let len = u32::try_from(packed.len()).map_err(std::io::Error::other)?;
        let before = self.news()?;
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.news)?;
        // A piece that was cut off goes first.
        let end: usize = before.iter().map(|piece| piece.len() + 4).sum();
        file.set_len(end as u64)?;
        file.write_all(&len.to_le_bytes())?;
        file.write_all(packed)?;
        file.sync_all()?;
        let whole = std::fs::metadata(&self.whole)?.len();
        let most = (whole / NEWS_SHARE).max(NEWS_BYTES_MIN);
        let is_full = file.metadata()?.len() > most;
        Ok(if is_full { Room::Full } else { Room::Left })
    }

    pub(super) fn whole(&self) -> std::io::Result<Option<Kept>> {
        let Some(bytes) = read(&self.whole)? else {
            return Ok(None);
        };
        let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
        let mut next = || parts.next().unwrap_or_default().to_vec();
        Ok(Some(Kept {
            tag: next(),
            packed: next(),
        }))
    }

    /// What came since, in its order; a piece that was cut off is left out.
    pub(super) fn news(&self) -> std::io::Result<Vec<Vec<u8>>> {
        let bytes = read(&self.news)?.unwrap_or_default();
        let mut rest = bytes.as_slice();
        let mut pieces = Vec::new();
        while let Some((len, behind)) = rest.split_first_chunk::<4>() {
            let len = usize::try_from(u32::from_le_bytes(*len)).unwrap_or(usize::MAX);
            let Some((piece, behind)) = behind.split_at_checked(len) else {
                break;
            };
            pieces.push(piece.to_vec());
            rest = behind;
        }
        Ok(pieces)
    }
}

fn read(path: &std::path::Path) -> std::io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
