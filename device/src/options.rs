//! What every program around a device is started with.

use crate::cloud::{AddressError, CloudAddress};
use crate::device::{Device, OpenError, Setup};
use crate::folder::{Folder, FolderError};
use crate::key::{KeyError, Keychain, find_key};
use crate::ports::Ports;
use clap::ValueEnum;
use domain::api::identity::DeviceKind;
use std::path::PathBuf;

/// Which device, and where its cloud is.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The folder of the device's data
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The cloud's address
    #[arg(long, value_name = "URL")]
    pub cloud: String,
    /// What the device is for
    #[arg(long, value_enum, default_value = "tablet")]
    pub kind: Kind,
    /// A one-time code that joins the device to a store; not needed again
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
}

/// What a device is for, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// An associate's.
    Tablet,
    /// One that shoppers use.
    Kiosk,
}

impl From<Kind> for DeviceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Tablet => Self::Tablet,
            Kind::Kiosk => Self::Kiosk,
        }
    }
}

/// Why these options open no device.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The cloud's address is not one.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The device cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl Options {
    /// Opens the device; its key is in the keychain, or else beside the database. Blocks on the disk.
    pub fn open(&self, keychain: Option<&dyn Keychain>) -> Result<Device, OptionsError> {
        let ports = Ports::system();
        let folder = Folder::take(&self.data)?;
        let key = find_key(&folder, keychain, &ports)?;
        Ok(Device::open(Setup {
            folder,
            key,
            cloud: CloudAddress::parse(&self.cloud)?,
            kind: self.kind.into(),
            ports,
        })?)
    }
}
