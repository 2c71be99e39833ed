//! Where the key of the database comes from: the system's keychain, or a file beside the database.
//!
//! A key is made once and never again: when it cannot be found for a database that is there, that is an error, and
//! nothing is overwritten.

use crate::folder::Folder;
use crate::ports::Ports;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use sync::Key;

/// Why a keychain did not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeychainError(pub String);

/// The system's keychain.
pub trait Keychain {
    /// What is kept under a name.
    fn read(&self, name: &str) -> Result<Option<String>, KeychainError>;
    /// Keeps a secret under a name.
    fn write(&self, name: &str, secret: &str) -> Result<(), KeychainError>;
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or written.
    #[error("the key file {path} cannot be used")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What was found is not a key.
    #[error("{0} is not a key of 64 hexadecimal digits")]
    Malformed(String),
    /// There is a database, and its key is nowhere.
    #[error(
        "the key of {database} is neither in a file beside it nor in the system's keychain ({keychain})"
    )]
    Lost {
        /// Which database.
        database: PathBuf,
        /// What the keychain said.
        keychain: String,
    },
}

/// A key and where it lies.
#[derive(Debug)]
pub struct FoundKey {
    /// The key.
    pub key: Key,
    /// Whether it lies in a file, for want of a keychain.
    pub in_file: bool,
}

/// Finds the key of a folder's database, or makes one where there is no database yet.
pub fn find_key(
    folder: &Folder,
    keychain: Option<&dyn Keychain>,
    ports: &Ports,
) -> Result<FoundKey, KeyError> {
    if let Some(key) = read_file(&folder.key())? {
        return Ok(FoundKey { key, in_file: true });
    }
    let from_keychain = match keychain {
        Some(keychain) => read_keychain(folder, keychain)?,
        None => Err("this program does not ask it".to_owned()),
    };
    match from_keychain {
        Ok(Some(key)) => Ok(FoundKey {
            key,
            in_file: false,
        }),
        answer if folder.replica().exists() => Err(KeyError::Lost {
            database: folder.replica(),
            keychain: answer
                .err()
                .unwrap_or_else(|| "it has no such entry".to_owned()),
        }),
        answer => make_key(folder, keychain.filter(|_| answer.is_ok()), ports),
    }
}

/// The inner error is a keychain that does not answer: not fatal where a key can still be made.
fn read_keychain(
    folder: &Folder,
    keychain: &dyn Keychain,
) -> Result<Result<Option<Key>, String>, KeyError> {
    let Some(name) = read_text(&folder.key_name())? else {
        // Never kept there; ask for something to learn whether it answers.
        return Ok(keychain
            .read("probe")
            .map(|_| None)
            .map_err(|error| error.to_string()));
    };
    match keychain.read(&name) {
        Err(error) => Ok(Err(error.to_string())),
        Ok(None) => Ok(Ok(None)),
        Ok(Some(text)) => match Key::from_hex(&text) {
            Some(key) => Ok(Ok(Some(key))),
            None => Err(KeyError::Malformed("the keychain's entry".to_owned())),
        },
    }
}

fn make_key(
    folder: &Folder,
    keychain: Option<&dyn Keychain>,
    ports: &Ports,
) -> Result<FoundKey, KeyError> {
    let bytes = ports.random.bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(keychain) = keychain {
        let name = ports.hex(16);
        write_new(&folder.key_name(), &name)?;
        match keychain.write(&name, &hex) {
            Ok(()) => {
                return Ok(FoundKey {
                    key: Key::new(bytes),
                    in_file: false,
                });
            }
            Err(error) => tracing::warn!(%error, "the keychain does not keep the key: a file does"),
        }
    }
    write_new(&folder.key(), &hex)?;
    Ok(FoundKey {
        key: Key::new(bytes),
        in_file: true,
    })
}

fn read_file(path: &Path) -> Result<Option<Key>, KeyError> {
    let Some(text) = read_text(path)? else {
        return Ok(None);
    };
    match Key::from_hex(&text) {
        Some(key) => Ok(Some(key)),
        None => Err(KeyError::Malformed(path.display().to_string())),
    }
}

fn read_text(path: &Path) -> Result<Option<String>, KeyError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeyError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Written whole under another name first, so that a kill leaves no half a key; for its owner's eyes only.
fn write_new(path: &Path, text: &str) -> Result<(), KeyError> {
    let half = path.with_extension("new");
    let write = || {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&half)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&half, path)
    };
    write().map_err(|source| KeyError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    #[derive(Default)]
    struct FakeKeychain {
        kept: Mutex<BTreeMap<String, String>>,
        locked: bool,
    }

    impl FakeKeychain {
        fn check(&self) -> Result<(), KeychainError> {
            let locked = self
                .locked
                .then(|| KeychainError("it is locked".to_owned()));
            locked.map_or(Ok(()), Err)
        }
    }

    impl Keychain for FakeKeychain {
        fn read(&self, name: &str) -> Result<Option<String>, KeychainError> {
            self.check()?;
            Ok(self.kept.lock().unwrap().get(name).cloned())
        }
        fn write(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
            self.check()?;
            self.kept.lock().unwrap().insert(name.into(), secret.into());
            Ok(())
        }
    }

    fn folder() -> (tempfile::TempDir, Folder) {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::take(place.path()).unwrap();
        (place, folder)
    }

    #[test]
    fn a_keychain_keeps_the_key_and_finds_it_again() {
        let (_place, folder) = folder();
        let keychain = FakeKeychain::default();
        assert!(
            !find_key(&folder, Some(&keychain), &Ports::system())
                .unwrap()
                .in_file
        );
        assert!(!folder.key().exists());
        let kept = keychain.kept.lock().unwrap().clone();
        assert!(
            !find_key(&folder, Some(&keychain), &Ports::system())
                .unwrap()
                .in_file
        );
        assert_eq!(*keychain.kept.lock().unwrap(), kept, "no second key");
    }

    #[test]
    fn without_a_keychain_a_file_keeps_the_key_for_its_owner_only() {
        let (_place, folder) = folder();
        let locked = FakeKeychain {
            locked: true,
            ..FakeKeychain::default()
        };
        assert!(
            find_key(&folder, Some(&locked), &Ports::system())
                .unwrap()
                .in_file
        );
        let text = std::fs::read_to_string(folder.key()).unwrap();
        assert!(find_key(&folder, None, &Ports::system()).unwrap().in_file);
        assert_eq!(std::fs::read_to_string(folder.key()).unwrap(), text);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.key())
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_lost_key_is_never_replaced() {
        let (_place, folder) = folder();
        std::fs::write(folder.replica(), "a database").unwrap();
        let error = find_key(&folder, None, &Ports::system()).unwrap_err();
        assert!(matches!(error, KeyError::Lost { .. }));
        assert!(!folder.key().exists());
        std::fs::write(folder.key(), "half").unwrap();
        let error = find_key(&folder, None, &Ports::system()).unwrap_err();
        assert!(matches!(error, KeyError::Malformed(_)));
    }
}
