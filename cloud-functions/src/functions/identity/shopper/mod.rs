//! Shoppers' own browsers: a guest's from the first call on, hers once she showed a code that was sent to her.
//!
//! A refresh token is good once. The one before is good for a moment longer, because its answer may have been lost;
//! after that whoever shows it ends the browser's tokens, for one of the two who have it stole it.

mod code;
mod guest;
mod refresh;
mod sign_in;

pub(super) use code::{__path_send_code, send_code};
pub(super) use guest::{__path_become_guest, become_guest};
pub(super) use refresh::{__path_refresh_shopper, refresh_shopper};
pub(super) use sign_in::{__path_sign_in, sign_in};

use super::secrets;
use super::tokens::{MintError, mint};
use crate::browsers::Browser;
use crate::http::ApiError;
use crate::services::Services;
use crate::table::TableError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::access::{Principal, Role};
use domain::api::shopper::ShopperToken;

/// How often a write starts over when the browser moves.
const MAX_TRIES: usize = 8;

/// Why a shopper gets no token, or no code.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShopperError {
    #[error("there is no such store")]
    NoStore,
    #[error("this is no e-mail address and no telephone number")]
    Contact,
    /// Not the code, or one that is over: the caller does not learn which.
    #[error("the code is not good")]
    Code,
    #[error("the token is not good")]
    Token,
    /// Too often; try again in so many seconds.
    #[error("too often")]
    Wait(u32),
    #[error("the browser is busy")]
    Busy,
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for ShopperError {
    fn into_response(self) -> Response {
        let error = match self {
            Self::Wait(seconds) => return super::refusals::wait("wait", "Too often", seconds),
            Self::NoStore => ApiError::invalid("/store", self.to_string()),
            Self::Contact => ApiError::invalid("/contact", self.to_string()),
            Self::Code => ApiError::new(
                StatusCode::BAD_REQUEST,
                "code-refused",
                "This code is not good: ask for a new one",
            ),
            Self::Token => ApiError::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "Say who you are",
            ),
            Self::Busy => ApiError::unavailable(self.to_string()),
            Self::Mint(error) => error.into(),
            Self::Table(error) => error.into(),
        };
        error.into_response()
    }
}

/// A new refresh token of a browser: its id, so that it is found, and 256 random bits.
fn new_refresh(services: &Services, device: &domain::ids::DeviceId) -> String {
    let secret = secrets::base64url(&services.ids.secret());
    format!("{device}.{secret}")
}

/// What the browser shows from now on.
async fn token(
    services: &Services,
    browser: &Browser,
    refresh_token: String,
) -> Result<ShopperToken, MintError> {
    let role = Role::Shopper;
    let principal = Principal {
        role,
        permissions: role.permissions().to_vec(),
        store: Some(browser.store.clone()),
        device: Some(browser.device.clone()),
        associate: None,
        customer: browser.customer.clone(),
    };
    let minted = mint(services, &principal).await?;
    Ok(ShopperToken {
        access_token: minted.access_token,
        expires_in: minted.expires_in,
        refresh_token,
        device: browser.device.clone(),
        customer: browser.customer.clone(),
        store: browser.store.clone(),
    })
}

#[cfg(test)]
mod tests;
