//! How clients of Amazon's services are made: from what Lambda puts into the environment, and nothing that is looked for.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::time::Duration;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(1);
/// How long one try may take.
const ATTEMPT: Duration = Duration::from_secs(4);
/// How long a call may take with all its tries.
const OPERATION: Duration = Duration::from_secs(12);
/// Tries of a call.
const ATTEMPTS: u32 = 3;

/// What is wrong with the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not set, as it is on Lambda")]
pub struct ConfigError(pub &'static str);

/// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where there are, `AWS_SESSION_TOKEN` and
/// `AWS_ENDPOINT_URL`: an endpoint that begins with `http:` is spoken to without TLS.
///
/// # Errors
/// The first variable that is missing.
pub fn load(variable: &dyn Fn(&str) -> Option<String>) -> Result<SdkConfig, ConfigError> {
    let set = |name: &'static str| {
        let value = variable(name).filter(|value| !value.is_empty());
        value.ok_or(ConfigError(name))
    };
    let credentials = Credentials::new(
        set("AWS_ACCESS_KEY_ID")?,
        set("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN").filter(|token| !token.is_empty()),
        None,
        "environment",
    );
    let endpoint = variable("AWS_ENDPOINT_URL").filter(|endpoint| !endpoint.is_empty());
    let is_plain = endpoint
        .as_deref()
        .is_some_and(|endpoint| endpoint.starts_with("http:"));
    let http = match is_plain {
        true => Builder::new().build_http(),
        false => Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https(),
    };
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION);
    let config = SdkConfig::builder()
        .region(Region::new(set("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .timeout_config(timeouts.build())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .behavior_version(
            aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest(),
        );
    let mut config = config;
    config.set_endpoint_url(endpoint);
    Ok(config.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let set = |name: &str| (name != "AWS_REGION").then(|| "x".to_owned());
        let missing = load(&set).unwrap_err().to_string();
        assert_eq!(missing, "AWS_REGION is not set, as it is on Lambda");
        let plain = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:1".to_owned()),
            _ => Some("x".to_owned()),
        };
        let config = load(&plain).unwrap();
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:1"));
    }
}
