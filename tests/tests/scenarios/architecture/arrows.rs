//! Which package may use which, of ours and of others'.

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Each package of ours and what it may use of ours: the table of
/// ARCHITECTURE.md. A package that is not listed is a violation too.
const OURS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("telemetry", &["domain"]),
    ("recommend", &["domain"]),
    ("sync", &["domain"]),
    ("device", &["domain", "recommend", "sync", "telemetry"]),
    ("cloud-functions", &["domain", "recommend", "telemetry"]),
    // The shell speaks to `device` in the words of `domain`.
    ("aisle", &["device", "domain"]),
    ("ui", &["domain"]),
    (
        "aisle-tests",
        &["domain", "recommend", "sync", "device", "cloud-functions"],
    ),
    ("xtask", &[]),
];

/// Crates of others (by the beginning of their name) that only these packages
/// of ours may use.
const OTHERS: &[(&str, &[&str])] = &[
    ("aws", &["cloud-functions"]),
    ("lambda_", &["cloud-functions"]),
    ("rusqlite", &["sync", "cloud-functions", "aisle-tests"]),
    ("opentelemetry", &["telemetry", "aisle-tests"]),
    ("tracing-opentelemetry", &["telemetry"]),
    ("tauri", &["aisle"]),
    ("notify-rust", &["aisle"]),
    ("keyring", &["aisle"]),
    ("leptos", &["ui"]),
    ("web-sys", &["ui"]),
    ("thirtyfour", &["aisle-tests"]),
];

/// What packages without I/O, async and ambient time or randomness never use.
const PURE: &[&str] = &["domain", "recommend"];
const IMPURE: &[&str] = &[
    "tokio",
    "futures",
    "async",
    "reqwest",
    "hyper",
    "axum",
    "tower",
    "rusqlite",
    "getrandom",
    "rand",
    "tempfile",
    "tracing-subscriber",
    "anyhow",
];

/// `user` names `used` in its manifest.
struct Arrow {
    user: String,
    used: String,
    dev: bool,
}

#[test]
fn packages_use_only_what_the_table_allows() {
    assert_eq!(violations(&arrows()), [""; 0]);
}

#[test]
fn the_table_names_every_package() {
    let mut packages = packages();
    packages.sort();
    let mut listed: Vec<_> = OURS.iter().map(|(name, _)| (*name).to_owned()).collect();
    listed.sort();
    assert_eq!(packages, listed);
}

#[test]
fn seeded_arrows_are_found() {
    for (user, used) in [
        ("domain", "recommend"),
        ("domain", "tokio"),
        ("recommend", "rusqlite"),
        ("recommend", "rand_chacha"),
        ("ui", "sync"),
        ("ui", "device"),
        ("ui", "recommend"),
        ("ui", "cloud-functions"),
        ("sync", "cloud-functions"),
        ("cloud-functions", "sync"),
        ("device", "tauri"),
        ("device", "rusqlite"),
        ("device", "aws-sdk-dynamodb"),
        ("a-new-package", "domain"),
    ] {
        let found = violations(&[arrow(user, used, false)]);
        assert_eq!(found, [format!("{user} uses {used}")]);
    }
}

#[test]
fn allowed_arrows_are_not_found() {
    for (user, used) in [
        ("sync", "domain"),
        ("sync", "rusqlite"),
        ("domain", "serde"),
    ] {
        assert_eq!(violations(&[arrow(user, used, false)]), [""; 0]);
    }
    // A test may read a file; the package itself may not.
    assert_eq!(violations(&[arrow("recommend", "tempfile", true)]), [""; 0]);
}

fn violations(arrows: &[Arrow]) -> Vec<String> {
    let broken = arrows.iter().filter(|arrow| !arrow.is_allowed());
    broken
        .map(|arrow| format!("{} uses {}", arrow.user, arrow.used))
        .collect()
}

impl Arrow {
    fn is_allowed(&self) -> bool {
        let user = self.user.as_str();
        let used = self.used.as_str();
        if !OURS.iter().any(|(name, _)| *name == user) {
            return false;
        }
        if OURS.iter().any(|(name, _)| *name == used) {
            return OURS
                .iter()
                .any(|(name, uses)| *name == user && uses.contains(&used));
        }
        let pure = self.dev || !PURE.contains(&user);
        (pure || !IMPURE.iter().any(|crate_| used.starts_with(crate_)))
            && OTHERS
                .iter()
                .all(|(crate_, users)| !used.starts_with(crate_) || users.contains(&user))
    }
}

fn arrows() -> Vec<Arrow> {
    let mut arrows = Vec::new();
    for package in workspace() {
        for dependency in &package.dependencies {
            let dev = dependency.kind == DependencyKind::Development;
            arrows.push(arrow(&package.name, &dependency.name, dev));
        }
    }
    // The check is worth something only if it reads something.
    assert!(arrows.len() > 50, "only {} arrows were read", arrows.len());
    arrows
}

fn arrow(user: &str, used: &str, dev: bool) -> Arrow {
    let (user, used) = (user.to_owned(), used.to_owned());
    Arrow { user, used, dev }
}

fn packages() -> Vec<String> {
    let packages = workspace().into_iter();
    packages.map(|package| package.name.to_string()).collect()
}

fn workspace() -> Vec<cargo_metadata::Package> {
    let manifest = super::root().join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec();
    metadata.unwrap().packages
}
