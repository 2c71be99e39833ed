//! Which engines a function's program is bound to: a table of DynamoDB, PostgreSQL, or a folder.

use super::folder::{DataFolder, FolderError, Lock};
use super::single::SettingsError;
#[cfg(feature = "aws")]
use super::single::webhook_keys;
use super::wiring::Wired;
#[cfg(feature = "postgres")]
use super::wiring::{Engines, bind};
use crate::carts::HookKey;
use std::fmt;
use std::path::PathBuf;

const TABLE: &str = "AISLE_TABLE";
const POSTGRES: &str = "AISLE_POSTGRES";
const FOLDER: &str = "AISLE_DATA";

/// Where ledger and log are.
#[derive(Clone, PartialEq, Eq)]
pub enum Engine {
    /// `AISLE_TABLE`: the table's name.
    Table(String),
    /// `AISLE_POSTGRES`: how to connect.
    Postgres(String),
    /// `AISLE_DATA`: a folder of SQLite files.
    Folder(PathBuf),
}

impl fmt::Debug for Engine {
    /// Without what is connected with: there may be a password in it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => formatter.debug_tuple("Table").field(table).finish(),
            Self::Postgres(_) => formatter.write_str("Postgres(..)"),
            Self::Folder(folder) => formatter.debug_tuple("Folder").field(folder).finish(),
        }
    }
}

/// Why engines were not opened.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A database in it.
    #[cfg(feature = "sqlite")]
    #[error(transparent)]
    Open(#[from] crate::engines::sqlite::OpenError),
    /// A database.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] crate::engines::postgres::OpenError),
    /// The services of a table.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Aws(#[from] crate::aws::wiring::WiringError),
    /// Variables that are kept in Secrets Manager.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Secrets(#[from] crate::aws::secrets::SecretsError),
    /// What they are.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The program cannot speak to it.
    #[error("{variable} is set, and this program was built without the feature `{feature}`")]
    NotBuilt {
        /// What was asked for.
        variable: &'static str,
        /// What it takes.
        feature: &'static str,
    },
}

/// Engines, and the folder that they are in, where they are in one.
pub struct Opened {
    /// The ports bound to them.
    pub wired: Wired,
    folder: Option<(DataFolder, Lock)>,
}

impl Opened {
    /// Makes this process the one that pumps for a consumer. Where nothing excludes others, two that pump deliver twice
    /// at worst, and consumers pass over what they took.
    ///
    /// # Errors
    /// Where another process of the folder pumps for it.
    pub fn lock_pump(&self, consumer: &str) -> Result<Option<Lock>, FolderError> {
        let folder = self.folder.as_ref();
        folder
            .map(|(folder, _)| folder.lock_pump(consumer))
            .transpose()
    }
}

impl Engine {
    /// What the environment names.
    ///
    /// # Errors
    /// Where it names none, or several.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        match (set(TABLE), set(POSTGRES), set(FOLDER)) {
            (Some(table), None, None) => Ok(Self::Table(table)),
            (None, Some(url), None) => Ok(Self::Postgres(url)),
            (None, None, Some(folder)) => Ok(Self::Folder(folder.into())),
            (None, None, None) => Err(SettingsError::Missing(
                "AISLE_DATA to the folder that the functions share, or AISLE_TABLE, or AISLE_POSTGRES",
            )),
            _ => Err(SettingsError::Missing(
                "one of AISLE_DATA, AISLE_TABLE and AISLE_POSTGRES, and no other",
            )),
        }
    }

    /// Opens it beside the other functions.
    ///
    /// # Errors
    /// Where it is not to be had, or was not built in.
    pub async fn open(&self, hook_keys: Vec<HookKey>) -> Result<Opened, EngineError> {
        match self {
            Self::Table(table) => open_table(table, hook_keys).await,
            Self::Postgres(url) => open_postgres(url, hook_keys).await,
            Self::Folder(folder) => open_folder(folder, hook_keys),
        }
    }
}

#[cfg(feature = "sqlite")]
fn open_folder(path: &std::path::Path, hook_keys: Vec<HookKey>) -> Result<Opened, EngineError> {
    let folder = DataFolder::open(path)?;
    let lock = folder.lock_shared()?;
    Ok(Opened {
        wired: super::wiring::open_with(&folder, hook_keys)?,
        folder: Some((folder, lock)),
    })
}

#[cfg(not(feature = "sqlite"))]
fn open_folder(_: &std::path::Path, _: Vec<HookKey>) -> Result<Opened, EngineError> {
    Err(EngineError::NotBuilt {
        variable: FOLDER,
        feature: "sqlite",
    })
}

#[cfg(feature = "aws")]
async fn open_table(table: &str, mut hook_keys: Vec<HookKey>) -> Result<Opened, EngineError> {
    let variable = |name: &str| std::env::var(name).ok();
    let secrets = crate::aws::secrets::read(&variable).await?;
    hook_keys.extend(webhook_keys(&|name| secrets.get(name).cloned())?);
    Ok(Opened {
        wired: crate::aws::wiring::open(table, &variable, hook_keys)?,
        folder: None,
    })
}

#[cfg(not(feature = "aws"))]
async fn open_table(_: &str, _: Vec<HookKey>) -> Result<Opened, EngineError> {
    Err(EngineError::NotBuilt {
        variable: TABLE,
        feature: "aws",
    })
}

#[cfg(feature = "postgres")]
async fn open_postgres(address: &str, hook_keys: Vec<HookKey>) -> Result<Opened, EngineError> {
    use crate::engines::ledger_log::{Lanes, LedgerEventLog};
    use crate::ports::ids::SystemIds;
    use std::sync::Arc;
    let ledger = Arc::new(crate::engines::postgres::PostgresLedger::open(address).await?);
    let log = LedgerEventLog::new(ledger.clone(), Lanes::ONE, &SystemIds);
    let engines = Engines {
        ledger,
        events: Arc::new(log.clone()),
        first_lane: Arc::new(log.first_lane()),
        dead_letters: Arc::new(log),
        other_lanes: Vec::new(),
    };
    Ok(Opened {
        wired: bind(engines, hook_keys),
        folder: None,
    })
}

#[cfg(not(feature = "postgres"))]
async fn open_postgres(_: &str, _: Vec<HookKey>) -> Result<Opened, EngineError> {
    Err(EngineError::NotBuilt {
        variable: POSTGRES,
        feature: "postgres",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Engine, SettingsError> {
        let value = |name: &str| variables.iter().find(|(n, _)| *n == name);
        Engine::read(&|name| value(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn exactly_one_is_named() {
        let table = read(&[("AISLE_TABLE", "aisle"), ("AISLE_DATA", "")]);
        assert_eq!(table, Ok(Engine::Table("aisle".to_owned())));
        let none = read(&[]).unwrap_err().to_string();
        assert!(none.contains("AISLE_DATA"), "{none}");
        let two = read(&[("AISLE_TABLE", "a"), ("AISLE_DATA", "b")]);
        assert!(two.unwrap_err().to_string().contains("no other"));
    }

    #[test]
    fn a_password_is_not_told() {
        let postgres = read(&[("AISLE_POSTGRES", "postgres://aisle:hunter2@db/aisle")]).unwrap();
        assert_eq!(format!("{postgres:?}"), "Postgres(..)");
    }
}
