//! The files under `deploy/` name only functions, routes and variables that there are.

use cloud_functions::functions;
use cloud_functions::host::app::app;
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PLATFORMS: [&str; 4] = ["azure", "cloud-run", "openfaas", "container"];

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// Each platform's files with their text.
fn deployed() -> Vec<(PathBuf, String)> {
    let deploy = aisle_tests::paths::root().join("deploy");
    let all = PLATFORMS.map(|platform| files(&deploy.join(platform)));
    let all = all.into_iter().flatten();
    let all: Vec<_> = all
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect();
    assert!(all.len() >= 12, "there are {}", all.len());
    all
}

/// What begins with `start` in a text, and goes on with letters that `goes_on` allows.
fn words<'a>(text: &'a str, start: &str, goes_on: fn(char) -> bool) -> BTreeSet<&'a str> {
    let found = text.match_indices(start).map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|letter| !goes_on(letter)).unwrap_or(rest.len());
        &rest[..end]
    });
    found.collect()
}

/// The function that a program is named after.
fn is_program(word: &str) -> bool {
    let name = word.strip_prefix("aisle-").unwrap_or_default();
    name == "cloud"
        || functions::all()
            .iter()
            .any(|function| function.name == name)
}

#[test]
fn they_parse() {
    let mut parsed = 0;
    for (path, text) in deployed() {
        let kind = path.extension().unwrap_or_default().to_string_lossy();
        match kind.as_ref() {
            "json" => drop(serde_json::from_str::<Value>(&text).unwrap()),
            "yaml" | "yml" => drop(yaml_serde::from_str::<Value>(&text).unwrap()),
            _ => continue,
        }
        parsed += 1;
    }
    assert_eq!(parsed, 7);
}

#[test]
fn programs_that_they_start_are_functions() {
    let container = std::fs::read_to_string(compose()).unwrap();
    let compose: Value = yaml_serde::from_str(&container).unwrap();
    let services = compose["services"].as_object().unwrap();
    let started: BTreeSet<&str> = services
        .values()
        .filter_map(|service| service["command"][0].as_str())
        .collect();
    let names = functions::all()
        .iter()
        .map(|function| format!("aisle-{}", function.name));
    let names: BTreeSet<String> = names.collect();
    assert_eq!(
        started,
        names.iter().map(String::as_str).collect(),
        "each once"
    );
    let host = read_json("azure/host.json");
    let program = &host["customHandler"]["description"]["defaultExecutablePath"];
    assert!(is_program(program.as_str().unwrap()), "{program}");
    let stack = aisle_tests::paths::root().join("deploy/openfaas/stack.yml");
    let stack: Value = yaml_serde::from_str(&std::fs::read_to_string(stack).unwrap()).unwrap();
    let stack = stack["functions"].as_object().unwrap();
    assert!(
        !stack.is_empty() && stack.keys().all(|name| is_program(name)),
        "{stack:?}"
    );
}

#[test]
fn variables_that_they_set_are_read() {
    let sources = files(&aisle_tests::paths::root().join("cloud-functions/src"));
    let sources: String = sources
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let letter = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    let mut seen = BTreeSet::new();
    for (path, text) in deployed() {
        for variable in words(&text, "AISLE_", letter) {
            let read = sources.contains(&format!("\"{variable}\""));
            assert!(read, "{}: nobody reads {variable}", path.display());
            seen.insert(variable.to_owned());
        }
    }
    assert!(
        seen.contains("AISLE_POSTGRES") && seen.len() >= 4,
        "{seen:?}"
    );
}

fn compose() -> PathBuf {
    aisle_tests::paths::root().join("deploy/container/compose.yaml")
}

fn read_json(path: &str) -> Value {
    let path = aisle_tests::paths::root().join("deploy").join(path);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Which function's route a path of the gateway's file goes to, and the paths themselves.
fn gateway() -> Vec<(String, Vec<String>)> {
    let file = compose().with_file_name("Caddyfile");
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let pairs = lines.windows(2).filter(|pair| pair[0].starts_with('@'));
    let pairs = pairs.map(|pair| {
        let mut words = pair[0].split(' ');
        let matcher = words.next().unwrap();
        assert_eq!(words.next(), Some("path"));
        let target = pair[1]
            .strip_prefix(&format!("reverse_proxy {matcher} "))
            .unwrap();
        let name = target.strip_suffix(":8080").unwrap().to_owned();
        (name, words.map(str::to_owned).collect())
    });
    pairs.collect()
}

/// Whether the gateway's `pattern` takes `path`.
fn takes(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == pattern,
    }
}

#[test]
fn every_route_of_every_function_is_reached_through_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let wired = wiring::open(&DataFolder::open(folder.path()).unwrap()).unwrap();
    let gateway = gateway();
    let own = ["/healthz", "/metrics"];
    for function in functions::all() {
        for grant in app([function], &wired.services).grants {
            if own.contains(&grant.path.as_str()) {
                continue;
            }
            let first = gateway
                .iter()
                .find(|(_, patterns)| patterns.iter().any(|pattern| takes(pattern, &grant.path)));
            // What no line takes goes to the collector.
            let name = first.map_or("ingest", |(name, _)| name);
            assert_eq!(name, function.name, "{}", grant.path);
        }
    }
    for (name, patterns) in &gateway {
        let function = functions::all()
            .iter()
            .find(|function| function.name == name);
        let grants = app([function.unwrap()], &wired.services).grants;
        for pattern in patterns {
            let used = grants.iter().any(|grant| takes(pattern, &grant.path));
            assert!(used, "{name} has no route for {pattern}");
        }
    }
}

#[test]
fn azures_host_forwards_nothing_to_the_route_that_trusts_it() {
    let host = read_json("azure/host.json");
    assert_eq!(host["customHandler"]["enableForwardingHttpRequest"], true);
    assert_eq!(host["extensions"]["http"]["routePrefix"], "");
    let azure = aisle_tests::paths::root().join("deploy/azure");
    let mut triggers = Vec::new();
    for path in files(&azure)
        .iter()
        .filter(|path| path.ends_with("function.json"))
    {
        let function: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let folder = path
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let trigger = &function["bindings"][0];
        triggers.push((folder.clone(), trigger["type"].as_str().unwrap().to_owned()));
        if trigger["type"] == "httpTrigger" {
            let route = trigger["route"].as_str().unwrap();
            let fixed = route.split('{').next().unwrap();
            assert!(
                !fixed.is_empty() && !"events".starts_with(fixed),
                "{folder}: {route}"
            );
        }
    }
    triggers.sort();
    // The trigger's folder is the path that the host posts to.
    assert!(
        triggers.contains(&("events".to_owned(), "queueTrigger".to_owned())),
        "{triggers:?}"
    );
}
