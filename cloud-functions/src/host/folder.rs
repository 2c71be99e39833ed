//! The data folder: `ledger.db`, `events.db`, and locks that say who uses them.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Why a data folder was not opened.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// No permission, or not a folder.
    #[error("the folder {path} cannot be written to: {reason}")]
    Unwritable {
        /// Which folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another process uses it in a way that excludes this one.
    #[error("the folder {path} is in use by another {by}: stop that one, or choose another folder")]
    InUse {
        /// Which folder.
        path: PathBuf,
        /// What the other is.
        by: String,
    },
}

/// A data folder that may be written to.
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
}

/// Held as long as it lives, and by no process that has died.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataFolder {
    /// Makes the folder where it is missing.
    ///
    /// # Errors
    /// Where it cannot be written to.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let folder = Self {
            path: path.to_owned(),
        };
        std::fs::create_dir_all(path).map_err(|error| folder.unwritable(&error))?;
        folder.file("aisle-cloud")?;
        Ok(folder)
    }

    /// Where the ledger lies.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.path.join("ledger.db")
    }

    /// Where the event log lies.
    #[must_use]
    pub fn events(&self) -> PathBuf {
        self.path.join("events.db")
    }

    /// For the one process that is every function at once.
    ///
    /// # Errors
    /// Where any other process serves from the folder.
    pub fn lock_alone(&self) -> Result<Lock, FolderError> {
        let file = self.file("aisle-cloud")?;
        let locked = file.try_lock();
        self.locked(file, locked, "aisle-cloud or function")
    }

    /// For one function of several that share the folder.
    ///
    /// # Errors
    /// Where an `aisle-cloud` has it for itself.
    pub fn lock_shared(&self) -> Result<Lock, FolderError> {
        let file = self.file("aisle-cloud")?;
        let locked = file.try_lock_shared();
        self.locked(file, locked, "aisle-cloud")
    }

    /// For the one pump of a consumer: two would take the same events.
    ///
    /// # Errors
    /// Where another process pumps for it.
    pub fn lock_pump(&self, consumer: &str) -> Result<Lock, FolderError> {
        let file = self.file(&format!("pump-{consumer}"))?;
        let locked = file.try_lock();
        self.locked(file, locked, &format!("pump of {consumer}"))
    }

    fn file(&self, name: &str) -> Result<File, FolderError> {
        let path = self.path.join(format!("{name}.lock"));
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        opened.map_err(|error| self.unwritable(&error))
    }

    fn locked(
        &self,
        file: File,
        locked: Result<(), TryLockError>,
        by: &str,
    ) -> Result<Lock, FolderError> {
        match locked {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
                path: self.path.clone(),
                by: by.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(self.unwritable(&error)),
        }
    }

    fn unwritable(&self, error: &std::io::Error) -> FolderError {
        FolderError::Unwritable {
            path: self.path.clone(),
            reason: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cloud_excludes_all_others_and_functions_share() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&parent.path().join("new/folder")).unwrap();
        let alone = folder.lock_alone().unwrap();
        assert!(matches!(
            folder.lock_alone(),
            Err(FolderError::InUse { .. })
        ));
        let error = folder.lock_shared().unwrap_err().to_string();
        assert!(error.contains("in use by another aisle-cloud"), "{error}");
        drop(alone);
        let shared = [folder.lock_shared().unwrap(), folder.lock_shared().unwrap()];
        assert!(folder.lock_alone().is_err());
        drop(shared);
        assert!(folder.lock_alone().is_ok());
    }

    #[test]
    fn a_consumer_has_one_pump() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path()).unwrap();
        let _profile = folder.lock_pump("profile").unwrap();
        assert!(folder.lock_pump("analytics").is_ok());
        assert!(folder.lock_pump("profile").is_err());
    }

    #[test]
    fn a_folder_that_is_a_file_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("file");
        std::fs::write(&path, "").unwrap();
        let error = DataFolder::open(&path).unwrap_err().to_string();
        assert!(error.contains("cannot be written to"), "{error}");
    }
}
