//! What is absent where: names and SQL that may appear in few places only.

use std::fs;
use std::path::{Path, PathBuf};

use super::sought::What;
use super::tokens::{tokens, without_tests};

/// `what` is found only under `only_in`, looked for under `within`.
struct Absence {
    what: What,
    within: &'static [&'static str],
    only_in: &'static [&'static str],
}

/// The packages that are shipped; tests and tools may use what they like.
const SHIPPED: &[&str] = &[
    "domain/src",
    "telemetry/src",
    "recommend/src",
    "sync/src",
    "device/src",
    "cloud-functions/src",
    "src-tauri/src",
    "ui/src",
];

/// The engines of the ledger, and the replica.
const SQL_PLACES: &[&str] = &[
    "sync/src",
    "cloud-functions/src/engines/sqlite",
    "cloud-functions/src/engines/postgres",
];

const ABSENCES: &[Absence] = &[
    Absence {
        what: What::Names(&["aws_*", "lambda_http", "lambda_runtime"]),
        within: SHIPPED,
        only_in: &["cloud-functions/src/aws", "cloud-functions/src/bin"],
    },
    Absence {
        what: What::Names(&["rusqlite"]),
        within: SHIPPED,
        only_in: SQL_PLACES,
    },
    Absence {
        what: What::Names(&["tokio_postgres", "deadpool_postgres"]),
        within: SHIPPED,
        only_in: &["cloud-functions/src/engines/postgres"],
    },
    Absence {
        what: What::Sql,
        within: SHIPPED,
        only_in: SQL_PLACES,
    },
    Absence {
        what: What::Names(&[
            "tokio",
            "reqwest",
            "rusqlite",
            "async",
            "await",
            "getrandom",
            "rand",
            "SystemTime",
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
            "fs::File",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "Uuid::new_v4",
            "Uuid::now_v7",
        ]),
        within: &["domain/src", "recommend/src"],
        only_in: &[],
    },
    Absence {
        what: What::Mention("tauri"),
        within: &["ui/src"],
        only_in: &["ui/src/backend.rs", "ui/src/backend"],
    },
    Absence {
        what: What::Names(&[
            "fetch",
            "fetch_with_*",
            "EventSource",
            "XmlHttpRequest",
            "WebSocket",
        ]),
        within: &["ui/src"],
        only_in: &["ui/src/backend.rs", "ui/src/backend"],
    },
];

#[test]
fn nothing_is_where_it_must_be_absent() {
    let mut found = Vec::new();
    for absence in ABSENCES {
        for folder in absence.within {
            for file in rust_files(&super::root().join(folder)) {
                let path = relative(&file);
                let source = fs::read_to_string(&file).unwrap();
                found.extend(absence.violations(&path, &source));
            }
        }
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn sql_files_lie_beside_the_engines_that_run_them() {
    let mut files = Vec::new();
    walk(&super::root(), &mut files);
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    let stray: Vec<_> = files
        .iter()
        .map(|file| relative(file))
        .filter(|path| !is_under(path, SQL_PLACES))
        .collect();
    assert_eq!(stray, [""; 0]);
}

#[test]
fn every_place_of_the_rules_that_is_searched_exists() {
    for absence in ABSENCES {
        for folder in absence.within {
            assert!(
                !rust_files(&super::root().join(folder)).is_empty(),
                "{folder}"
            );
        }
    }
}

#[test]
fn seeded_violations_are_found() {
    for (path, source) in [
        (
            "cloud-functions/src/functions/cart.rs",
            "use aws_sdk_dynamodb::Client;",
        ),
        (
            "cloud-functions/src/functions/cart.rs",
            "fn f(c: &rusqlite::Connection) {}",
        ),
        (
            "device/src/search.rs",
            r#"run("SELECT name FROM customer")"#,
        ),
        (
            "device/src/search.rs",
            r##"run(r#"  insert into note values ("x")"#)"##,
        ),
        ("device/src/search.rs", r#"run("PRAGMA key = 1")"#),
        ("domain/src/cart.rs", "use std::fs;"),
        ("domain/src/cart.rs", "use std::{collections::HashMap, fs};"),
        ("domain/src/cart.rs", "async fn f() {}"),
        ("domain/src/cart.rs", "let now = chrono::Utc::now();"),
        ("recommend/src/lib.rs", "std::time::SystemTime::now()"),
        ("recommend/src/lib.rs", "use tokio::sync::mpsc;"),
        (
            "ui/src/card.rs",
            r#"Reflect::get(&window, &"__TAURI__".into())"#,
        ),
        ("ui/src/card.rs", "window.fetch_with_str(url)"),
        ("ui/src/card.rs", "use web_sys::EventSource;"),
    ] {
        let found = all_violations(path, source);
        assert_eq!(found.len(), 1, "{path}: {source}: {found:?}");
    }
}

#[test]
fn what_is_in_its_place_or_in_prose_is_not_found() {
    for (path, source) in [
        (
            "cloud-functions/src/aws/ledger.rs",
            "use aws_sdk_dynamodb::Client;",
        ),
        ("cloud-functions/src/bin/lambda.rs", "lambda_http::run(app)"),
        (
            "cloud-functions/src/engines/sqlite/ledger.rs",
            r#"use rusqlite::X; "SELECT 1 FROM item""#,
        ),
        ("sync/src/replica.rs", r#""DELETE FROM outbox WHERE n = ?""#),
        (
            "device/src/search.rs",
            r#"// SELECT a FROM b
            "Select one from the list""#,
        ),
        (
            "domain/src/cart.rs",
            "// std::fs is for others\n#[cfg(test)] mod tests { use std::fs; }",
        ),
        ("ui/src/backend.rs", r#"window.fetch_with_str("__TAURI__")"#),
        (
            "ui/src/card.rs",
            "/// Never fetch() here, Tauri neither\nfn prefetched() {}",
        ),
    ] {
        assert_eq!(all_violations(path, source), [""; 0], "{path}: {source}");
    }
}

fn all_violations(path: &str, source: &str) -> Vec<String> {
    let rules = ABSENCES
        .iter()
        .filter(|absence| is_under(path, absence.within));
    rules
        .flat_map(|absence| absence.violations(path, source))
        .collect()
}

impl Absence {
    fn violations(&self, path: &str, source: &str) -> Vec<String> {
        if is_under(path, self.only_in) || is_test_file(path) {
            return Vec::new();
        }
        let tokens = without_tests(&tokens(source));
        let found = |index: &usize| self.what.starts(&tokens[*index..]);
        let places = (0..tokens.len()).filter(found);
        places
            .map(|index| format!("{path}:{}: {:?}", tokens[index].line, tokens[index].token))
            .collect()
    }
}

fn is_under(path: &str, places: &[&str]) -> bool {
    let path = Path::new(path);
    places.iter().any(|place| {
        // `ledger` also stands for the module's own file `ledger.rs`.
        path.starts_with(place) || path == Path::new(&format!("{place}.rs"))
    })
}

/// A module that a `#[cfg(test)] mod tests;` names.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn relative(file: &Path) -> String {
    let path = file.strip_prefix(super::root()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(folder, &mut files);
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files
}

/// The files under a folder, without what is built, installed or hidden.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() {
            files.push(path);
        } else if !name.starts_with('.')
            && !["target", "node_modules", "data"].contains(&name.as_str())
        {
            walk(&path, files);
        }
    }
}
