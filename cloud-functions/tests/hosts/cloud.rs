//! `aisle-cloud` from outside: starting, refusing to start, stopping.

use crate::client;
use crate::program::{Program, cloud, complaint, serve};
use serde_json::Value;

async fn get(url: &str) -> (u16, String) {
    let response = client().get(url).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.text().await.unwrap())
}

#[tokio::test]
async fn it_serves_health_the_document_and_problems() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&mut serve(folder.path()));
    let (status, health) = get(&format!("{}/healthz", program.url)).await;
    assert_eq!((status, health.as_str()), (200, r#"{"status":"ok"}"#));
    let (status, document) = get(&format!("{}/openapi.json", program.url)).await;
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(schemes["writeKey"]["scheme"], "basic");
    let (status, problem) = get(&format!("{}/nowhere", program.url)).await;
    let problem: Value = serde_json::from_str(&problem).unwrap();
    assert_eq!(status, 404);
    assert_eq!(problem["type"], "/problems/not-found");
}

#[tokio::test]
async fn it_serves_the_shop_and_its_screens() {
    let folder = tempfile::tempdir().unwrap();
    let web = folder.path().join("web");
    std::fs::create_dir_all(web.join("fonts")).unwrap();
    std::fs::write(web.join("index.html"), "the shop").unwrap();
    std::fs::write(web.join("fonts/text.woff2"), "a font").unwrap();
    std::fs::write(folder.path().join("secret"), "not for the web").unwrap();
    let mut command = serve(&folder.path().join("data"));
    let program = Program::start(command.arg("--web").arg(&web));
    for (path, expected) in [
        ("/shop/", "the shop"),
        ("/", "the shop"),
        ("/shop/item/42", "the shop"),
        ("/shop/fonts/text.woff2", "a font"),
    ] {
        let (status, text) = get(&format!("{}{path}", program.url)).await;
        assert_eq!((status, text.as_str()), (200, expected), "{path}");
    }
    let (_, text) = get(&format!("{}/shop/%2e%2e/secret", program.url)).await;
    assert_ne!(text, "not for the web");
}

#[test]
fn a_folder_or_port_that_is_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&mut serve(folder.path()));
    let in_use = complaint(&mut serve(folder.path()));
    assert!(in_use.contains("in use by another aisle-cloud"), "{in_use}");
    let address = program.url.strip_prefix("http://").unwrap();
    let mut elsewhere = cloud(&["serve"], &folder.path().join("other"));
    let taken = complaint(elsewhere.args(["--listen", address]));
    assert!(taken.contains("taken by another program"), "{taken}");
    let no_web = complaint(serve(&folder.path().join("third")).args(["--web", "nowhere"]));
    assert!(no_web.contains("index.html"), "{no_web}");
}

#[test]
fn it_stops_when_it_is_asked_and_starts_again_on_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut program = Program::start(&mut serve(folder.path()));
        assert!(program.terminate().success());
        // Closed in order: the write-ahead logs are gone into their files.
        assert!(!folder.path().join("ledger.db-wal").exists());
    }
}

#[test]
fn a_device_cannot_join_a_store_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--store", "99", "--kind", "tablet"];
    let refusal = complaint(cloud(&["enrol"], folder.path()).args(options));
    assert!(refusal.contains("there is no store 99"), "{refusal}");
    let options = ["--store", "1", "--kind", "toaster"];
    let refusal = complaint(cloud(&["enrol"], folder.path()).args(options));
    assert!(refusal.contains("toaster"), "{refusal}");
}
