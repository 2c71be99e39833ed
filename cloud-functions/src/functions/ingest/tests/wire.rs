use super::*;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Serves on a port of its own until the test ends.
async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Sends bytes as a client would and reads the whole answer.
async fn speak(address: SocketAddr, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!(
        "{head}\r\nhost: shop.test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn clients_are_understood_by_their_bytes() {
    let desk = Desk::open().await;
    let address = serve(desk.router.clone()).await;
    let key = basic("wk-1");
    let batch = |message: &str| {
        json!({"batch": [view(message, "s")]})
            .to_string()
            .into_bytes()
    };
    let rudder = format!(
        "POST /v1/batch HTTP/1.1\r\nauthorization: {key}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-encoding: gzip"
    );
    let answer = speak(address, &rudder, &gzip(&batch("m-1"))).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with(r#"{"success":true}"#), "{answer}");
    let unlabelled = format!("POST /v1/batch HTTP/1.1\r\nauthorization: {key}");
    speak(address, &unlabelled, &gzip(&batch("m-2"))).await;
    speak(address, &unlabelled, &batch("m-3")).await;
    let plain = format!("POST /v1/t HTTP/1.1\r\nauthorization: {key}\r\ncontent-type: text/plain");
    speak(address, &plain, view("m-4", "s").to_string().as_bytes()).await;
    let mislabelled = format!("{unlabelled}\r\ncontent-type: image/png\r\ncontent-encoding: br");
    speak(address, &mislabelled, &batch("m-5")).await;
    let ids: Vec<_> = desk
        .stored()
        .await
        .iter()
        .map(|e| e.message_id.to_string())
        .collect();
    assert_eq!(ids, ["m-1", "m-2", "m-3", "m-4", "m-5"]);
}

#[tokio::test]
async fn who_sends_far_too_much_still_hears_why() {
    let desk = Desk::open().await;
    let address = serve(desk.router.clone()).await;
    let head = format!(
        "POST /v1/batch HTTP/1.1\r\nauthorization: {}",
        basic("wk-1")
    );
    let answer = speak(address, &head, &vec![b'x'; 4 << 20]).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("/problems/too-large"), "{answer}");
}

#[tokio::test]
async fn a_browser_is_let_in_from_any_site() {
    let desk = Desk::open().await;
    let address = serve(desk.router.clone()).await;
    let preflight = "OPTIONS /v1/track HTTP/1.1\r\norigin: https://shop.test\r\naccess-control-request-method: POST\r\n\
        access-control-request-headers: anonymousid,authorization,content-type,sentat";
    let answer = speak(address, preflight, b"").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("access-control-allow-origin: *"),
        "{answer}"
    );
    assert!(
        answer.contains(
            "access-control-allow-headers: anonymousid,authorization,content-type,sentat"
        ),
        "{answer}"
    );
    let post = "POST /v1/t HTTP/1.1\r\norigin: https://shop.test\r\nauthorization: Basic wrong";
    let refused = speak(address, post, b"{}").await;
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    assert!(
        refused.contains("access-control-allow-origin: *"),
        "a page may read why: {refused}"
    );
}

#[tokio::test]
async fn a_key_is_needed_and_may_lie_in_the_body() {
    let desk = Desk::open().await;
    let post = |path: &str, body: Vec<u8>| Request::post(path).body(Body::from(body)).unwrap();
    let mut keyed = view("m-1", "s");
    keyed["writeKey"] = json!("wk-1");
    assert_eq!(
        desk.send(post("/v1/t", keyed.to_string().into())).await.0,
        200
    );
    let batch = json!({"batch": [view("m-2", "s")], "writeKey": "wk-1"}).to_string();
    assert_eq!(
        desk.send(post("/v1/batch", gzip(batch.as_bytes()))).await.0,
        200
    );
    assert_eq!(desk.stored().await.len(), 2);
    keyed["writeKey"] = json!("wk-2");
    for body in [
        keyed.to_string(),
        view("m-3", "s").to_string(),
        String::new(),
        "\u{1f}".into(),
    ] {
        assert_eq!(desk.send(post("/v1/t", body.into())).await.0, 401);
    }
    keyed["writeKey"] = json!("wk-1");
    let wrong_header = Request::post("/v1/t")
        .header("authorization", basic("wk-2"))
        .body(Body::from(keyed.to_string()))
        .unwrap();
    assert_eq!(
        desk.send(wrong_header).await.0,
        401,
        "the header's key counts"
    );
    assert_eq!(desk.stored().await.len(), 2);
}

#[tokio::test]
async fn browsers_are_told_where_to_send() {
    let desk = Desk::open().await;
    let get = |path: &str| Request::get(path).header("host", "127.0.0.1:4170");
    let settings = get("/v1/projects/wk-1/settings")
        .body(Body::empty())
        .unwrap();
    let (status, settings) = desk.send(settings).await;
    assert_eq!(status, 200);
    let segment = &settings["integrations"]["Segment.io"];
    assert_eq!(segment["apiHost"], json!("127.0.0.1:4170/v1"));
    assert_eq!(segment["protocol"], json!("http"));
    let unknown = get("/v1/projects/wk-9/settings")
        .body(Body::empty())
        .unwrap();
    assert_eq!(desk.send(unknown).await.0, 404);
    for path in ["/sourceConfig", "/sourceConfig/?p=npm"] {
        let request = get(path).header("authorization", basic("wk-1"));
        let (status, config) = desk.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (status, &config["source"]["writeKey"]),
            (200, &json!("wk-1"))
        );
        let request = get(path).body(Body::empty()).unwrap();
        assert_eq!(desk.send(request).await.0, 401);
    }
}
