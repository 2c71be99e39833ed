use super::super::body::MAX_BODY_BYTES;
use super::super::{MAX_CALL_BYTES, MAX_CALLS};
use super::*;

fn pointer(problem: &Value) -> &Value {
    &problem["errors"][0]["pointer"]
}

#[tokio::test]
async fn a_call_has_32_kb_and_not_a_byte_more() {
    let desk = Desk::open().await;
    let fits = sized("m-1", MAX_CALL_BYTES);
    assert_eq!(fits.len(), 32_768);
    assert_eq!(desk.post("/v1/page", fits).await.0, 200);
    let (status, problem) = desk
        .post("/v1/page", sized("m-2", MAX_CALL_BYTES + 1))
        .await;
    assert_eq!((status, pointer(&problem)), (400, &json!("")));
    assert_eq!(desk.stored().await.len(), 1);
    let kept = desk.rejections().await;
    assert_eq!(kept[0]["rejection"]["message_id"], json!("m-2"));
    assert_eq!(kept[0]["bytes"], json!(32_769));
    assert_eq!(kept[0]["call"].as_str().unwrap().len(), 32_768);
}

#[tokio::test]
async fn the_rest_of_a_batch_with_a_call_too_large_is_stored() {
    let desk = Desk::open().await;
    let large = sized("m-2", MAX_CALL_BYTES + 1);
    let body = format!(
        r#"{{"batch":[{},{large},{}]}}"#,
        view("m-1", "s"),
        view("m-3", "s")
    );
    let (status, problem) = desk.post("/v1/batch", body).await;
    assert_eq!((status, pointer(&problem)), (400, &json!("/batch/1")));
    assert_eq!(desk.stored().await.len(), 2);
    assert_eq!(desk.rejections().await.len(), 1);
}

/// A batch of exactly `bytes` bytes.
fn batch_of(bytes: usize) -> String {
    let call = view("m-1", "s").to_string();
    let batch = |filler: &str| format!(r#"{{"batch":[{call}],"context":"{filler}"}}"#);
    batch(&"x".repeat(bytes - batch("").len()))
}

#[tokio::test]
async fn a_batch_has_500_kb_and_not_a_byte_more() {
    let desk = Desk::open().await;
    let over = batch_of(MAX_BODY_BYTES + 1);
    for body in [over.clone().into_bytes(), gzip(over.as_bytes())] {
        let (status, problem) = desk.post("/v1/batch", body).await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (400, Some("/problems/too-large"))
        );
    }
    assert_eq!(desk.stored().await.len(), 0);
    let fits = batch_of(MAX_BODY_BYTES);
    assert_eq!(fits.len(), 512_000);
    assert_eq!(desk.post("/v1/batch", fits.clone()).await.0, 200);
    assert_eq!(desk.post("/v1/batch", gzip(fits.as_bytes())).await.0, 200);
    assert_eq!(desk.stored().await.len(), 1);
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let desk = Desk::open().await;
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < MAX_BODY_BYTES);
    assert_eq!(desk.post("/v1/batch", bomb).await.0, 400);
}

#[tokio::test]
async fn a_batch_has_2500_calls_at_most() {
    let desk = Desk::open().await;
    let calls = |n: usize| -> Vec<Value> {
        (0..n)
            .map(|n| json!({"type": "page", "userId": "u", "messageId": n.to_string()}))
            .collect()
    };
    assert_eq!(desk.post_batch(&calls(MAX_CALLS)).await.0, 200);
    assert_eq!(desk.stored().await.len(), MAX_CALLS);
    let (status, problem) = desk.post_batch(&calls(MAX_CALLS + 1)).await;
    assert_eq!((status, pointer(&problem)), (400, &json!("/batch")));
}

#[tokio::test]
async fn what_is_not_a_batch_is_refused_with_the_place() {
    let desk = Desk::open().await;
    let cut = &gzip(batch_of(2_000).as_bytes())[..40];
    let bodies: [&[u8]; 10] = [
        b"",
        b"{",
        b"[]",
        b"\"batch\"",
        br#"{"batch":{}}"#,
        br#"{"calls":[]}"#,
        br#"{"batch":[{]}"#,
        b"{\"batch\":[\"\xff\"]}",
        b"\x1f\x8bnot gzip",
        cut,
    ];
    for body in bodies {
        let (status, problem) = desk.post("/v1/batch", body).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!(status, 400, "{shown}");
        assert!(
            problem["errors"][0]["detail"].is_string(),
            "{shown}: {problem}"
        );
    }
    for body in ["", "nothing", "{\"event\":"] {
        assert_eq!(desk.post("/v1/t", body).await.0, 400, "{body}");
    }
    let deep = format!(
        r#"{{"batch":[{}{}]}}"#,
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert_eq!(
        desk.post("/v1/batch", deep).await.0,
        200,
        "kept as a rejection"
    );
    assert_eq!(desk.rejections().await.len(), 1);
}
