use super::*;
use chrono::TimeDelta;
use domain::event::Action;

fn department(event: &Event) -> Option<&str> {
    match &event.action {
        Action::ProductViewed(product) => product.department.as_ref().map(AsRef::as_ref),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_catalogue_says_the_department_where_the_call_does_not() {
    let desk = Desk::open().await;
    desk.write(
        "E#item#boot-1",
        &json!({"sku": "boot-1", "title": "Boot", "department": "outdoor"}),
    )
    .await;
    let mut said = view("m-1", "boot-1");
    said["properties"]["category"] = json!("Home & Garden > Mats");
    desk.post_batch(&[said, view("m-2", "boot-1"), view("m-3", "unknown")])
        .await;
    desk.write(
        "E#item#boot-1",
        &json!({"sku": "boot-1", "title": "Boot", "department": "sale"}),
    )
    .await;
    desk.post_batch(&[view("m-4", "boot-1")]).await;
    desk.bench.clock.advance(TimeDelta::minutes(10));
    desk.post_batch(&[view("m-5", "boot-1")]).await;
    let events = desk.stored().await;
    let departments: Vec<_> = events.iter().map(department).collect();
    assert_eq!(
        departments,
        [
            Some("home-garden"),
            Some("outdoor"),
            None,
            Some("outdoor"),
            Some("sale")
        ]
    );
}

#[tokio::test]
async fn the_source_says_store_and_currency_where_the_call_does_not() {
    let desk = Desk::open().await;
    let mut said = view("m-1", "s");
    said["properties"]["store"] = json!("9");
    said["properties"]["currency"] = json!("GBP");
    desk.post_batch(&[said, view("m-2", "s")]).await;
    let events = desk.stored().await;
    let seen: Vec<_> = events
        .iter()
        .map(|event| {
            let Action::ProductViewed(product) = &event.action else {
                panic!("{event:?}")
            };
            (
                event.store.clone().unwrap().to_string(),
                product.price.unwrap().to_string(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("9".into(), "12.90 GBP".into()),
            ("17".into(), "12.90 EUR".into())
        ]
    );
}

#[tokio::test]
async fn an_event_in_the_log_is_a_cloud_event() {
    let desk = Desk::open().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = |message: &str, trace: &str| {
        Request::post("/v1/t")
            .header("authorization", basic("wk-1"))
            .header("traceparent", trace)
            .header("sec-gpc", "1")
            .body(Body::from(view(message, "s").to_string()))
            .unwrap()
    };
    desk.send(request("m-1", trace)).await;
    desk.send(request("m-2", "00-what")).await;
    let log = desk.bench.log.read_after(0, 10).await.unwrap();
    let event = &log[0].event;
    assert_eq!(event.id, "m-1");
    assert_eq!(event.source, "/segment/web");
    assert_eq!(event.kind, "product.viewed.v1");
    assert_eq!(event.partitionkey, "a-1");
    assert_eq!(event.traceparent.as_deref(), Some(trace));
    assert_eq!(log[1].event.traceparent, None);
    assert!(desk.stored().await[0].opted_out);
}
