//! The system's keychain: the Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use device::key::{Keychain, KeychainError};
use keyring::{Entry, Error};
use std::sync::mpsc;
use std::time::Duration;

/// Whose entries these are.
const SERVICE: &str = "shop.aisle.app";
/// How long to wait for somebody to unlock it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The keychain of whoever is logged in.
pub(crate) struct SystemKeychain;

impl Keychain for SystemKeychain {
    fn read(&self, name: &str) -> Result<Option<String>, KeychainError> {
        let name = name.to_owned();
        patiently(move || match entry(&name)?.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn write(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        let (name, secret) = (name.to_owned(), secret.to_owned());
        patiently(move || entry(&name)?.set_password(&secret))
    }
}

fn entry(name: &str) -> Result<Entry, Error> {
    Entry::new(SERVICE, name)
}

/// A keychain may wait for a password, or for ever: it is asked on a thread that nobody has to wait for.
fn patiently<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, KeychainError> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(ask()));
    match told.recv_timeout(PATIENCE) {
        Ok(answer) => answer.map_err(|error| KeychainError(error.to_string())),
        Err(_) => Err(KeychainError("it does not answer".to_owned())),
    }
}
