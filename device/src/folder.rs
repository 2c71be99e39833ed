//! The folder that a device keeps everything in. One program at a time has it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be made or written to.
    #[error("the folder {path} cannot be used")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another program has it.
    #[error("another Aisle program uses the folder {path}; close it first")]
    InUse {
        /// Which.
        path: PathBuf,
    },
}

/// A folder that is ours until this is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where there is none, and takes it.
    pub fn take(path: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable {
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(path).map_err(unusable)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = options.open(path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// The encrypted database.
    #[must_use]
    pub fn replica(&self) -> PathBuf {
        self.path.join("replica.db")
    }

    /// The key of the database, where there is no keychain.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.path.join("replica.key")
    }

    /// The name under which a keychain keeps the key.
    #[must_use]
    pub fn key_name(&self) -> PathBuf {
        self.path.join("replica.id")
    }

    /// The recommendations' model: what many people do, nothing about anybody, so it is not encrypted.
    #[must_use]
    pub fn model(&self) -> PathBuf {
        self.path.join("model.zst")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_by_one() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("new/one");
        let taken = Folder::take(&path).unwrap();
        assert!(matches!(
            Folder::take(&path),
            Err(FolderError::InUse { .. })
        ));
        drop(taken);
        Folder::take(&path).unwrap();
    }

    #[test]
    fn a_file_is_no_folder() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        std::fs::write(&path, "x").unwrap();
        let error = Folder::take(&path).unwrap_err();
        assert!(error.to_string().contains("file"), "{error}");
    }
}
