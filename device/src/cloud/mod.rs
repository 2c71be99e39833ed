//! The cloud, as a device asks it: each call with its deadline, each body with its bound.
//!
//! Nothing here is kept on disk, and nothing here decides what a refusal means for the device.

mod address;
mod answer;
mod board;
mod carts;
mod enrol;
mod error;
mod guest;
mod pin;
mod pokes;
mod snapshot;
mod sync;
mod tokens;

pub use address::{AddressError, CloudAddress};
pub use error::CloudError;
pub use snapshot::Fetched;
pub use tokens::Credentials;

use crate::ports::Ports;
use domain::api::identity::TokenResponse;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once, RwLock};
use std::time::Duration;
use tokens::Token;

/// How long to wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(4);
/// How long a small answer may take, from the first byte sent.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long somebody in front of a screen waits for an answer.
const SCREEN_WITHIN: Duration = Duration::from_secs(5);

/// A client of the cloud. Cheap to clone.
#[derive(Clone)]
pub struct Cloud {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    address: CloudAddress,
    ports: Ports,
    /// What the device proves itself with; `None` until it is enrolled.
    credentials: RwLock<Option<Credentials>>,
    /// The device's token. Held while a new one is asked for, so that it is asked for once.
    token: tokio::sync::Mutex<Option<Token>>,
    /// The cloud does not take compressed requests.
    plain_only: AtomicBool,
}

impl Cloud {
    /// A client for the cloud at `address`.
    pub fn new(address: CloudAddress, ports: Ports) -> Result<Self, CloudError> {
        install_crypto();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("aisle-device/", env!("CARGO_PKG_VERSION")));
        if address.is_plain() {
            // No certificate is ever looked at: a machine without any can still talk to itself.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let http = builder
            .build()
            .map_err(|error| CloudError::Client(error.to_string()))?;
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                address,
                ports,
                credentials: RwLock::default(),
                token: tokio::sync::Mutex::default(),
                plain_only: AtomicBool::new(false),
            }),
        })
    }

    /// Says what the device proves itself with from now on.
    pub fn prove_with(&self, credentials: Credentials) {
        let mut kept = self
            .shared
            .credentials
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *kept = Some(credentials);
    }

    /// An address of the cloud that anybody's browser can open.
    pub(crate) fn public_address(&self, path: &str) -> String {
        self.shared.address.join(path)
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.shared.http.get(self.shared.address.join(path))
    }

    fn get_with(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<reqwest::RequestBuilder, CloudError> {
        let url = reqwest::Url::parse_with_params(&self.shared.address.join(path), parameters)
            .map_err(|error| CloudError::Client(error.to_string()))?;
        Ok(self.shared.http.get(url))
    }

    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.shared.http.post(self.shared.address.join(path))
    }
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud")
            .field("address", &self.shared.address)
            .finish_non_exhaustive()
    }
}

/// The process has one provider of cryptography for TLS; whoever comes first installs it.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that there is one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// A person's token with its end.
#[derive(Clone)]
pub(crate) struct PersonToken(Token);

impl PersonToken {
    fn new(response: TokenResponse, ports: &Ports) -> Self {
        Self(Token::new(response, ports.now()))
    }

    /// Whether it can still be shown.
    pub(crate) fn is_good(&self, ports: &Ports) -> bool {
        self.0.is_good_at(ports.now())
    }
}
