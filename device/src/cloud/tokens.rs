//! The device's access token: asked for once, kept until shortly before it ends.

use super::answer::{send, send_for};
use super::{ANSWER_WITHIN, Cloud, CloudError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::identity::TokenResponse;
use domain::ids::DeviceId;
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response};
use std::sync::PoisonError;
use std::time::Duration;

/// A token is not shown in its last seconds: it could end on its way.
const MARGIN_SECONDS: i64 = 30;

/// What a device proves itself with.
#[derive(Clone)]
pub struct Credentials {
    /// Which device.
    pub device: DeviceId,
    /// Its secret.
    pub secret: String,
}

/// A bearer token.
#[derive(Clone)]
pub(super) struct Token {
    bearer: String,
    good_until: DateTime<Utc>,
    /// By a clock that was set back the token would seem to live for ever.
    since: DateTime<Utc>,
}

impl Token {
    pub(super) fn new(response: TokenResponse, now: DateTime<Utc>) -> Self {
        let lives = TimeDelta::seconds(i64::from(response.expires_in) - MARGIN_SECONDS);
        Self {
            bearer: response.access_token,
            good_until: now + lives,
            since: now,
        }
    }

    pub(super) fn is_good_at(&self, now: DateTime<Utc>) -> bool {
        self.since <= now && now < self.good_until
    }

    pub(super) fn bearer(&self) -> &str {
        &self.bearer
    }
}

impl Cloud {
    /// Sends a request with the device's token; once more with a new one where the cloud does not accept it.
    pub(super) async fn send_as_device(
        &self,
        request: impl Fn() -> RequestBuilder,
        within: Duration,
    ) -> Result<Response, CloudError> {
        let token = self.device_token().await?;
        match send(request().bearer_auth(&token), within).await {
            Err(CloudError::Unauthorised) => {
                self.drop_token(&token).await;
                let token = self.device_token().await?;
                send(request().bearer_auth(&token), within).await
            }
            answer => answer,
        }
    }

    async fn device_token(&self) -> Result<String, CloudError> {
        let mut kept = self.shared.token.lock().await;
        if let Some(token) = kept.as_ref()
            && token.is_good_at(self.shared.ports.now())
        {
            return Ok(token.bearer.clone());
        }
        *kept = None;
        let response = self.ask_for_token().await?;
        let token = Token::new(response, self.shared.ports.now());
        let bearer = token.bearer.clone();
        *kept = Some(token);
        Ok(bearer)
    }

    async fn drop_token(&self, refused: &str) {
        let mut kept = self.shared.token.lock().await;
        if kept.as_ref().is_some_and(|token| token.bearer == refused) {
            *kept = None;
        }
    }

    async fn ask_for_token(&self) -> Result<TokenResponse, CloudError> {
        let credentials = self.shared.credentials.read();
        let credentials = credentials.unwrap_or_else(PoisonError::into_inner).clone();
        let credentials = credentials.ok_or(CloudError::NotEnrolled)?;
        let request = self
            .post("/oauth2/token")
            .basic_auth(credentials.device, Some(credentials.secret))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        send_for(request, ANSWER_WITHIN).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_before_its_end() {
        let now: DateTime<Utc> = "2026-05-17T10:00:00Z".parse().unwrap();
        let response = TokenResponse {
            access_token: "t".into(),
            token_type: "Bearer".into(),
            expires_in: 900,
            scope: String::new(),
        };
        let token = Token::new(response, now);
        assert!(token.is_good_at(now + TimeDelta::seconds(869)));
        assert!(!token.is_good_at(now + TimeDelta::seconds(870)));
        assert!(
            !token.is_good_at(now - TimeDelta::days(1)),
            "the clock was set back"
        );
    }
}
