//! A few connections that read beside the writer.

use super::StoreError;
use super::file::{File, OpenError};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// How many reads go on at once; more wait.
const READERS: usize = 4;

/// The connections. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Readers {
    file: Arc<File>,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    /// Opens the first one, so that a file that cannot be read is known at once.
    pub(super) fn open(file: File) -> Result<Self, OpenError> {
        let first = file.open_reader()?;
        Ok(Self {
            file: Arc::new(file),
            idle: Arc::new(Mutex::new(vec![first])),
            permits: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Reads on a thread that may block.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let stopped = |what: &dyn ToString| StoreError::Unavailable(what.to_string());
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|closed| stopped(&closed))?;
        let readers = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let connection = readers.borrow()?;
            let read = work(&connection);
            readers.give_back(connection);
            read.map_err(|error| StoreError::before_commit(&error))
        });
        reading.await.map_err(|failed| stopped(&failed))?
    }

    fn borrow(&self) -> Result<Connection, StoreError> {
        let idle = self.lock().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let opened = self.file.open_reader();
                opened.map_err(|error| StoreError::Unavailable(error.to_string()))
            }
        }
    }

    fn give_back(&self, connection: Connection) {
        self.lock().push(connection);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
