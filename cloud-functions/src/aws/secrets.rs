//! What nobody may read in a function's configuration: variables that are kept in Secrets Manager.

use super::config::{self, ConfigError};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use std::collections::BTreeMap;

/// The variable that names the secret.
pub const NAME: &str = "AISLE_SECRETS";

/// Why secrets were not read. Nothing of them is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// The environment of Lambda.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Secrets Manager did not give it.
    #[error("the secret that {NAME} names cannot be read: {0}")]
    Refused(String),
    /// It is no JSON object of texts.
    #[error("the secret that {NAME} names is not a JSON object of texts")]
    Unreadable,
}

/// The variables of the secret that `AISLE_SECRETS` names: a JSON object of texts. None where none is named.
///
/// # Errors
/// Where it is named and cannot be read: a program without its secrets would trust nobody, or everybody.
pub async fn read(
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<BTreeMap<String, String>, SecretsError> {
    let Some(name) = variable(NAME).filter(|name| !name.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let client = Client::new(&config::load(variable)?);
    let answer = client.get_secret_value().secret_id(name).send().await;
    let answer = answer.map_err(|error| {
        let code = error.code().unwrap_or("no answer");
        SecretsError::Refused(code.to_owned())
    })?;
    let text = answer.secret_string.unwrap_or_default();
    serde_json::from_str(&text).map_err(|_| SecretsError::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fakes::Fake;

    #[tokio::test(flavor = "multi_thread")]
    async fn variables_come_from_the_secret_that_is_named_and_never_into_an_error() {
        let Some(config) = Fake::MiniStack.config() else {
            return;
        };
        let client = Client::new(&config);
        for (name, text) in [
            ("good", r#"{"AISLE_EVENTS_TOKEN": "hunter2"}"#),
            ("bad", "hunter2"),
        ] {
            let made = client.create_secret().name(name).secret_string(text);
            made.send().await.unwrap();
        }
        let endpoint = config.endpoint_url().unwrap().to_owned();
        let named = |secret: &'static str| {
            let endpoint = endpoint.clone();
            move |name: &str| match name {
                NAME => Some(secret.to_owned()),
                "AWS_ENDPOINT_URL" => Some(endpoint.clone()),
                "AWS_REGION" => Some("eu-central-1".to_owned()),
                "AWS_SESSION_TOKEN" => None,
                _ => Some("test".to_owned()),
            }
        };
        let good = read(&named("good")).await.unwrap();
        assert_eq!(good["AISLE_EVENTS_TOKEN"], "hunter2");
        assert_eq!(read(&named("")).await, Ok(BTreeMap::new()));
        let bad = read(&named("bad")).await.unwrap_err();
        assert!(!bad.to_string().contains("hunter2"), "{bad}");
        let missing = read(&named("missing")).await.unwrap_err();
        let code = "ResourceNotFoundException".to_owned();
        assert_eq!(missing, SecretsError::Refused(code));
    }
}
