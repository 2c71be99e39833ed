//! Checks what is built in against deny.toml: licences, bans and sources.
//!
//! `cargo deny` says more and runs too where it is installed, but building it
//! costs three minutes, and fetching advisories needs a network that a test run may
//! not have: so what must always hold is checked here.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{licence, paths, process};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The part of deny.toml that we check ourselves.
#[derive(Deserialize)]
struct Policy {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

/// A crate that is not used, or only by its `wrappers`.
#[derive(Deserialize)]
struct Ban {
    name: String,
    #[serde(default)]
    wrappers: Vec<String>,
}

/// The part of `cargo metadata` that we read.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

/// Checks the lock file's packages against deny.toml.
///
/// # Errors
/// When one breaks the policy: each is named with its reason.
pub(crate) fn check() -> Result<()> {
    let policy = std::fs::read_to_string(paths::root().join("deny.toml"))?;
    let policy: Policy = toml::from_str(&policy).context("deny.toml cannot be read")?;
    let metadata = process::output(&mut process::cargo([
        "metadata",
        "--format-version=1",
        "--locked",
    ]))?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let violations = violations(&policy, &metadata);
    if !violations.is_empty() {
        bail!("deny.toml does not allow:\n  {}", violations.join("\n  "));
    }
    println!(
        "{} packages: licences, bans and sources are as deny.toml says.",
        metadata.packages.len()
    );
    if process::has("cargo-deny") {
        let checks = ["deny", "check", "licenses", "bans", "sources"];
        process::run(&mut process::cargo(checks))?;
    }
    Ok(())
}

fn violations(policy: &Policy, metadata: &Metadata) -> Vec<String> {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or("none stated");
        if !licence::is_satisfied(licence, &policy.licenses.allow) {
            violations.push(format!("{name}: licence {licence}"));
        }
        match package.source.as_deref() {
            None | Some(CRATES_IO) => {}
            Some(source) => violations.push(format!("{name}: source {source}")),
        }
    }
    let names = names(metadata);
    for node in &metadata.resolve.nodes {
        for dependency in &node.dependencies {
            let user = names.get(node.id.as_str()).copied().unwrap_or("?");
            let used = names.get(dependency.as_str()).copied().unwrap_or("?");
            if policy.bans.deny.iter().any(|ban| ban.forbids(user, used)) {
                violations.push(format!("{used}: used by {user}"));
            }
        }
    }
    violations
}

fn names(metadata: &Metadata) -> HashMap<&str, &str> {
    let pairs = metadata.packages.iter();
    pairs
        .map(|package| (package.id.as_str(), package.name.as_str()))
        .collect()
}

impl Ban {
    fn forbids(&self, user: &str, used: &str) -> bool {
        self.name == used && !self.wrappers.iter().any(|wrapper| wrapper == user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT"]
        [bans]
        deny = [{ name = "tls" }, { name = "c", wrappers = ["database"] }]
    "#;

    fn found(metadata: serde_json::Value) -> Vec<String> {
        let policy = toml::from_str(POLICY).unwrap();
        violations(&policy, &serde_json::from_value(metadata).unwrap())
    }

    fn package(name: &str, licence: &str, source: Option<&str>) -> serde_json::Value {
        serde_json::json!({
            "id": name, "name": name, "version": "1.0.0", "license": licence, "source": source,
        })
    }

    fn graph(edges: &[(&str, &str)]) -> serde_json::Value {
        let packages: Vec<_> = ["app", "tls", "c", "database"]
            .iter()
            .map(|name| package(name, "MIT", None))
            .collect();
        let nodes: Vec<_> = edges
            .iter()
            .map(|(user, used)| serde_json::json!({"id": user, "dependencies": [used]}))
            .collect();
        serde_json::json!({"packages": packages, "resolve": {"nodes": nodes}})
    }

    #[test]
    fn a_licence_and_a_source_that_are_not_allowed_are_named() {
        let packages = [
            package("good", "Apache-2.0 OR MIT", Some(CRATES_IO)),
            package("copyleft", "GPL-3.0", Some(CRATES_IO)),
            package("elsewhere", "MIT", Some("git+https://example.invalid/x")),
        ];
        let metadata = serde_json::json!({"packages": packages, "resolve": {"nodes": []}});
        assert_eq!(
            found(metadata),
            [
                "copyleft 1.0.0: licence GPL-3.0",
                "elsewhere 1.0.0: source git+https://example.invalid/x",
            ]
        );
    }

    #[test]
    fn a_banned_crate_is_allowed_to_its_wrappers_alone() {
        assert!(found(graph(&[("database", "c")])).is_empty());
        assert_eq!(found(graph(&[("app", "c")])), ["c: used by app"]);
        assert_eq!(found(graph(&[("app", "tls")])), ["tls: used by app"]);
    }
}
