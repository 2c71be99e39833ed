//! What a function's program reads from its environment.

use super::super::engine::Engine;
use crate::carts::HookKey;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Google Cloud Run, OpenFaaS and containers; Azure's custom handlers.
const PORTS: [&str; 2] = ["PORT", "FUNCTIONS_CUSTOMHANDLER_PORT"];

/// Set where Lambda runs the program: host and port of its Runtime API.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// Who brings requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// Lambda's Runtime API.
    Lambda,
    /// Whoever connects: `AISLE_HOST` (every address of the machine where it is not set: what containers expect) and the
    /// port.
    Port(SocketAddr),
}

/// What a function's program reads from its environment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who brings requests.
    pub front: Front,
    /// Where ledger and log are.
    pub engine: Engine,
    /// `AISLE_PUMP=1`: takes events from the log, and does upkeep, by itself.
    pub pump: bool,
    /// `AISLE_EVENTS_TOKEN`: who shows it may post events; where it is not set nobody may.
    pub events_token: Option<String>,
    /// `AISLE_PAYMENTS_WEBHOOK_SECRET`: one or more, with spaces between; without it no provider is believed.
    pub webhook_keys: Vec<HookKey>,
}

/// What is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable is missing.
    #[error("set {0}")]
    Missing(&'static str),
    /// A variable makes no sense.
    #[error("{variable} is {value:?}, not {expected}")]
    Invalid {
        /// Which.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What would do.
        expected: &'static str,
    },
}

impl Settings {
    /// Reads the variables.
    ///
    /// # Errors
    /// Where one is missing or makes no sense.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let pump = match variable("AISLE_PUMP").as_deref() {
            None | Some("0" | "") => false,
            Some("1") => true,
            Some(other) => return Err(invalid("AISLE_PUMP", other, "0 or 1")),
        };
        Ok(Self {
            front: front(variable)?,
            engine: Engine::read(variable)?,
            pump,
            events_token: variable("AISLE_EVENTS_TOKEN").filter(|token| !token.is_empty()),
            webhook_keys: webhook_keys(variable)?,
        })
    }
}

/// The keys of the payment provider.
///
/// # Errors
/// Where there is a text that is no key; it is not repeated.
pub fn webhook_keys(
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<HookKey>, SettingsError> {
    let name = "AISLE_PAYMENTS_WEBHOOK_SECRET";
    let secrets = variable(name).unwrap_or_default();
    let expected = "whsec_ and the Base64 of 24 to 64 bytes";
    HookKey::parse_all(&secrets).map_err(|_| invalid(name, "a secret", expected))
}

fn front(variable: &dyn Fn(&str) -> Option<String>) -> Result<Front, SettingsError> {
    if variable(RUNTIME_API).is_some() {
        return Ok(Front::Lambda);
    }
    let host = match variable("AISLE_HOST") {
        Some(host) => parse("AISLE_HOST", host, "an IP address")?,
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    Ok(Front::Port(SocketAddr::new(host, port(variable)?)))
}

fn port(variable: &dyn Fn(&str) -> Option<String>) -> Result<u16, SettingsError> {
    for name in PORTS {
        if let Some(value) = variable(name) {
            return parse(name, value, "a port");
        }
    }
    Err(SettingsError::Missing("PORT to the port to serve on"))
}

fn parse<T: std::str::FromStr>(
    variable: &'static str,
    value: String,
    expected: &'static str,
) -> Result<T, SettingsError> {
    value.parse().map_err(|_| SettingsError::Invalid {
        variable,
        value,
        expected,
    })
}

fn invalid(variable: &'static str, value: &str, expected: &'static str) -> SettingsError {
    SettingsError::Invalid {
        variable,
        value: value.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        Settings::read(&|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn a_container_needs_a_port_and_a_folder() {
        let settings = read(&[("PORT", "8080"), ("AISLE_DATA", "/data")]).unwrap();
        assert_eq!(settings.front, Front::Port(([0, 0, 0, 0], 8080).into()));
        assert_eq!(settings.engine, Engine::Folder("/data".into()));
        assert!(!settings.pump);
        assert_eq!(settings.events_token, None);
    }

    #[test]
    fn azures_port_is_understood() {
        let port = ("FUNCTIONS_CUSTOMHANDLER_PORT", "7071");
        let host = ("AISLE_HOST", "127.0.0.1");
        let settings = read(&[port, host, ("AISLE_DATA", "/data"), ("AISLE_PUMP", "1")]).unwrap();
        assert_eq!(settings.front, Front::Port(([127, 0, 0, 1], 7071).into()));
        assert!(settings.pump);
    }

    #[test]
    fn lambda_needs_no_port() {
        let settings = read(&[
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
            ("AISLE_TABLE", "t"),
        ]);
        let settings = settings.unwrap();
        assert_eq!(settings.front, Front::Lambda);
        assert_eq!(settings.engine, Engine::Table("t".to_owned()));
    }

    #[test]
    fn a_webhooks_secret_is_read_and_never_repeated() {
        let with = |secret| {
            let name = "AISLE_PAYMENTS_WEBHOOK_SECRET";
            read(&[("AISLE_DATA", "d"), ("PORT", "1"), (name, secret)])
        };
        let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert_eq!(with(good).unwrap().webhook_keys.len(), 1);
        let bad = with("hunter2").unwrap_err().to_string();
        assert!(bad.contains("whsec_") && !bad.contains("hunter2"), "{bad}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |variables| read(variables).unwrap_err().to_string();
        assert!(message(&[("PORT", "1")]).contains("AISLE_DATA"));
        assert!(message(&[("AISLE_DATA", "d")]).contains("PORT"));
        let port = message(&[("AISLE_DATA", "d"), ("PORT", "http")]);
        assert_eq!(port, "PORT is \"http\", not a port");
        let pump = message(&[("AISLE_DATA", "d"), ("PORT", "1"), ("AISLE_PUMP", "yes")]);
        assert_eq!(pump, "AISLE_PUMP is \"yes\", not 0 or 1");
    }
}
