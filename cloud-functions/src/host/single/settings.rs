//! What a function's program reads from its environment.

use super::super::engine::Engine;
use super::super::events::Trust;
use crate::carts::HookKey;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Google Cloud Run, OpenFaaS and containers; Azure's custom handlers. The first that is set.
const PORTS: [&str; 2] = ["PORT", AZURE_PORT];
/// Set by the host of Azure Functions, which is the only one to connect.
const AZURE_PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

/// Set where Lambda runs the program: host and port of its Runtime API.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// Who brings requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// Lambda's Runtime API.
    Lambda,
    /// Whoever connects: `AISLE_HOST` (where it is not set every address of the machine, which is what containers expect;
    /// on Azure the machine alone) and the port.
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
    /// Who may post events: who shows `AISLE_EVENTS_TOKEN`; where it is not set nobody but the host of Azure Functions.
    pub events: Option<Trust>,
    /// `AISLE_EVENTS_SINK`: where every event is sent on to, and `AISLE_EVENTS_SINK_TOKEN`, which is shown there.
    pub sink: Option<(String, Option<String>)>,
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
        let front = front(variable)?;
        Ok(Self {
            front,
            engine: Engine::read(variable)?,
            pump,
            events: trust(variable, front),
            sink: set(variable, "AISLE_EVENTS_SINK")
                .map(|sink| (sink, set(variable, "AISLE_EVENTS_SINK_TOKEN"))),
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
        None if is_azures(variable) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    Ok(Front::Port(SocketAddr::new(host, port(variable)?)))
}

/// What is empty is not set.
fn set(variable: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

/// On Azure the host alone connects, from the machine itself.
fn is_azures(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    variable("PORT").is_none() && variable(AZURE_PORT).is_some()
}

fn trust(variable: &dyn Fn(&str) -> Option<String>, front: Front) -> Option<Trust> {
    if let Some(token) = set(variable, "AISLE_EVENTS_TOKEN") {
        return Some(Trust::token(&token));
    }
    let alone = matches!(front, Front::Port(address) if address.ip().is_loopback());
    (alone && is_azures(variable)).then_some(Trust::Host)
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
        assert!(settings.events.is_none());
    }

    #[test]
    fn azures_host_is_trusted_where_it_alone_connects() {
        let azure = ("FUNCTIONS_CUSTOMHANDLER_PORT", "7071");
        let folder = ("AISLE_DATA", "/data");
        let settings = read(&[azure, folder, ("AISLE_PUMP", "1")]).unwrap();
        assert_eq!(settings.front, Front::Port(([127, 0, 0, 1], 7071).into()));
        assert!(settings.pump);
        let trusts = |variables: &[_]| read(variables).unwrap().events;
        assert!(settings.events == Some(Trust::Host));
        assert!(trusts(&[azure, folder, ("AISLE_HOST", "0.0.0.0")]).is_none());
        assert!(trusts(&[("PORT", "1"), azure, folder, ("AISLE_HOST", "127.0.0.1")]).is_none());
        let token = ("AISLE_EVENTS_TOKEN", "secret");
        assert!(trusts(&[azure, folder, token]) == Some(Trust::token("secret")));
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
