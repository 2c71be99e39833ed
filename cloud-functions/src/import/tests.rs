//! Whole files through the importer, into a ledger in memory.

use super::*;
use crate::feed;
use crate::ports::ledger::Key;
use crate::testing::{Bench, bench};
use domain::api::sync::{Cursor, Scope, catalogue_shard, kind};
use domain::cart::Terms;
use domain::customer::{Channel, Customer, Purpose};
use domain::item::{Item, Price, Stock};
use domain::loyalty::Tier;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::io::Write as _;

fn store() -> Store {
    let body = serde_json::json!({"id": "1", "name": "Harbour", "country": "DE", "country_code": "49",
        "locale": "de-DE", "zone": "Europe/Berlin", "currency": "EUR"});
    serde_json::from_value(body).unwrap()
}

async fn import(bench: &Bench, bytes: &[u8]) -> Result<Summary, ImportError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    import_file(&bench.services, &store(), file.path(), &|_| {}).await
}

async fn entity<T: DeserializeOwned>(bench: &Bench, kind: &str, id: &str) -> Option<T> {
    let stored = bench
        .services
        .ledger
        .read(&feed::entity_key(kind, id))
        .await
        .unwrap();
    stored.map(|stored| serde_json::from_str(&stored.body).unwrap())
}

const TSV: &str = "id\ttitle\tprice\tsale_price\tgtin\tproduct_type\tcolor\tavailability\n\
    rain-1\tRain jacket 3\" seam\t129.00 EUR\t99.00 EUR\t4006381333931\tOutdoor > Jackets > Rain\tnavy\tin_stock\n\
    bad-1\tNo price\ttwelve\t\t\t\t\t\n\
    bad-2\tWrong code\t1.00 EUX\t\t\t\t\t\n\
    bad-3\tWrong digit\t1.00 EUR\t\t4006381333932\t\t\t\n\
    \tNo id\t1.00 EUR\t\t\t\t\t\n\
    mug-1\tMug\t8 EUR\t\t\tKitchen\twhite\tout of stock\n";

#[tokio::test]
async fn a_merchant_feed_brings_items_prices_and_stock() {
    let bench = bench();
    let summary = import(&bench, TSV.as_bytes()).await.unwrap();
    assert_eq!((summary.rows, summary.items, summary.refused), (6, 2, 4));
    let errors: Vec<_> = summary
        .errors
        .iter()
        .map(|error| (error.row, error.field.as_str()))
        .collect();
    assert_eq!(errors, [(2, "price"), (3, "price"), (4, "gtin"), (5, "id")]);

    let item: Item = entity(&bench, kind::ITEM, "rain-1").await.unwrap();
    assert_eq!(
        (item.department.as_str(), item.category.as_str()),
        ("outdoor", "Rain")
    );
    assert_eq!(item.title, "Rain jacket 3\" seam");
    let price: Price = entity(&bench, kind::PRICE, "rain-1").await.unwrap();
    assert_eq!(
        (price.amount.minor, price.was.unwrap().minor),
        (9_900, 12_900)
    );
    let stock: Stock = entity(&bench, kind::STOCK, "1/mug-1").await.unwrap();
    assert_eq!(stock.on_hand, 0);
    let by_gtin = bench
        .services
        .ledger
        .read(&Key::new("L#gtin#04006381333931", "V"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(by_gtin.body, r#"{"id":"rain-1"}"#);
    let scope = Scope::catalogue(catalogue_shard("rain-1"));
    let changes = feed::read_after(&*bench.services.ledger, &scope, Cursor::default(), 10)
        .await
        .unwrap();
    assert!(changes.iter().any(|change| change.id == "rain-1"));
}

#[tokio::test]
async fn an_xml_feed_says_the_same() {
    let xml = r#"<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
        <item><g:id>rain-1</g:id><title><![CDATA[Rain & wind]]></title><g:price>129.00 EUR</g:price>
          <g:shipping><g:country>DE</g:country><g:price>4.00 EUR</g:price></g:shipping>
          <g:product_type>Outdoor &gt; Rain</g:product_type></item>
        <item><g:id>bad</g:id><title>x</title><g:price>-1 EUR</g:price></item></channel></rss>"#;
    let bench = bench();
    let summary = import(&bench, xml.as_bytes()).await.unwrap();
    assert_eq!((summary.items, summary.refused), (1, 1), "{summary}");
    let item: Item = entity(&bench, kind::ITEM, "rain-1").await.unwrap();
    assert_eq!(
        (item.title.as_str(), item.category.as_str()),
        ("Rain & wind", "Rain")
    );
    let price: Price = entity(&bench, kind::PRICE, "rain-1").await.unwrap();
    assert_eq!(
        price.amount.minor, 12_900,
        "the price of shipping is not the price"
    );

    let cut = xml.split("<item><g:id>bad").next().unwrap();
    let error = import(&bench, cut.as_bytes())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("after item 1"), "{error}");
}

#[tokio::test]
async fn shopify_products_share_what_their_first_row_says() {
    let csv = "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode\n\
        boot,Trail boot,<p>Light &amp; <b>dry</b></p>,Nordwand,Shoes > Boots,\"hiking, leather\",Size,39,boot-39,4,120.00,150.00,'4006381333931\n\
        boot,,,,,,,40,boot-40,0,120.00,,\n\
        boot,,,,,,,,,,,,\n\
        lamp,,,,,,,,lamp-1,1,9.00,,\n";
    let bench = bench();
    let summary = import(&bench, csv.as_bytes()).await.unwrap();
    assert_eq!((summary.items, summary.refused), (2, 1), "{summary}");
    let boot: Item = entity(&bench, kind::ITEM, "boot-40").await.unwrap();
    assert_eq!(
        (boot.title.as_str(), boot.description.as_str()),
        ("Trail boot", "Light & dry")
    );
    assert_eq!(boot.department.as_str(), "shoes");
    let first: Item = entity(&bench, kind::ITEM, "boot-39").await.unwrap();
    assert_eq!(
        (
            first.size.as_str(),
            first.gtin.unwrap().to_string().as_str()
        ),
        ("39", "04006381333931")
    );
    assert_eq!(summary.errors[0].field, "title");
}

#[tokio::test]
async fn shopify_customers_keep_their_consents() {
    let csv = "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone\n\
        '77,Zoë,Müller,Zoe@Example.org,yes,040 123456\n\
        ,,,not-an-address,no,\n\
        ,,,,no,\n";
    let bench = bench();
    let summary = import(&bench, csv.as_bytes()).await.unwrap();
    assert_eq!((summary.customers, summary.refused), (1, 2), "{summary}");
    let customer: Customer = entity(&bench, kind::CUSTOMER, "77").await.unwrap();
    assert_eq!(customer.phone.unwrap().e164.as_deref(), Some("+4940123456"));
    assert!(
        customer
            .consents
            .iter()
            .any(|c| c.purpose == Purpose::Marketing
                && c.channel == Some(Channel::Email)
                && c.granted)
    );
    let found = bench
        .services
        .ledger
        .read(&Key::new("L#email#zoe@example.org", "V"))
        .await
        .unwrap();
    assert_eq!(found.unwrap().body, r#"{"id":"77"}"#);
}

#[tokio::test]
async fn who_is_imported_at_another_store_stays_at_home() {
    let bench = bench();
    let csv = |name: &str| format!("Customer ID,First Name,Last Name,Email\n77,{name},Müller,\n");
    import(&bench, csv("Zoë").as_bytes()).await.unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(csv("Zoe").as_bytes()).unwrap();
    let away = Store {
        id: domain::ids::StoreId::parse("2").unwrap(),
        ..store()
    };
    let summary = import_file(&bench.services, &away, file.path(), &|_| {}).await;
    assert_eq!(summary.unwrap().customers, 1);
    let customer: Customer = entity(&bench, kind::CUSTOMER, "77").await.unwrap();
    assert_eq!(
        (customer.name.given.as_str(), customer.home_store.as_str()),
        ("Zoe", "1")
    );
    let head = feed::read_head(&*bench.services.ledger, &Scope::customers(&away.id)).await;
    assert_eq!(head.unwrap().seq, 0, "one scope for life");
}

const ORDERS: &str = "ts,invoice,customer,country,sku,qty,price\r\n\
    1291191960,536365,17850,United Kingdom,85123A,6,2.55\r\n\
    1291191960,536365,17850,United Kingdom,71053,6,300.00\r\n\
    1291191960,536365,99,United Kingdom,71053,6,3.39\r\n\
    1291291960,C536366,17850,United Kingdom,85123A,-1,2.55\r\n\
    1291291961,536367,,United Kingdom,85123A,1,0.001\r\n\
    soon,536368,,United Kingdom,85123A,1,2.55\r\n\
    1291291962,536369,,United Kingdom,85123A,1\r\n";

#[tokio::test]
async fn orders_make_customers_points_and_events() {
    let bench = bench();
    let summary = import(&bench, ORDERS.as_bytes()).await.unwrap();
    assert_eq!(
        (
            summary.rows,
            summary.orders,
            summary.customers,
            summary.refused
        ),
        (7, 2, 1, 4),
        "{summary}"
    );
    let fields: Vec<_> = summary
        .errors
        .iter()
        .map(|error| error.field.as_str())
        .collect();
    assert_eq!(fields, ["customer", "price", "placed_at", "unit_price"]);
    let customer: Customer = entity(&bench, kind::CUSTOMER, "17850").await.unwrap();
    assert_eq!(
        (customer.points, customer.tier),
        (1_813, Tier::Gold),
        "1815.30 bought, 2.55 brought back"
    );
    assert_eq!(customer.since.unwrap().timestamp(), 1_291_191_960);
    assert!(
        bench
            .services
            .ledger
            .read(&Key::new("O#C536366", "V"))
            .await
            .unwrap()
            .is_some()
    );

    let again = import(&bench, ORDERS.as_bytes()).await.unwrap();
    assert_eq!(
        again,
        Summary {
            file: again.file.clone(),
            ..summary
        }
    );
    let customer: Customer = entity(&bench, kind::CUSTOMER, "17850").await.unwrap();
    assert_eq!(customer.points, 1_813, "importing again changes nothing");
}

#[tokio::test]
async fn fences_are_checked() {
    let geojson = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"store":1,"name":"Harbour"},"geometry":{"type":"Polygon","coordinates":[[[10,53],[10.1,53],[10.1,53.1],[10,53]]]}},
        {"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[10,53],[10.1,53],[10.1,53.1]]]}},
        {"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[10,53]}},
        7]}"#;
    let bench = bench();
    let summary = import(&bench, geojson.as_bytes()).await.unwrap();
    assert_eq!((summary.fences, summary.refused), (1, 3), "{summary}");
    assert!(
        bench
            .services
            .ledger
            .read(&Key::new(FENCE_INDEX, "store-1"))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn gzip_is_unpacked_and_what_is_unknown_is_said() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(TSV.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let bench = bench();
    assert_eq!(import(&bench, &packed).await.unwrap().items, 2);
    let truncated = import(&bench, &packed[..packed.len() / 2])
        .await
        .unwrap_err();
    assert!(
        matches!(truncated, ImportError::Source(SourceError::Io { .. })),
        "{truncated}"
    );
    assert!(
        import(&bench, b"hello")
            .await
            .unwrap_err()
            .to_string()
            .contains("none of")
    );
    assert!(import(&bench, b"").await.is_err());
}

#[tokio::test]
async fn a_huge_row_is_refused_and_the_rest_goes_on() {
    let huge = "x".repeat(300 * 1024);
    let tsv = format!("id\ttitle\tprice\na\t{huge}\t1 EUR\nb\tMug\t1 EUR\n");
    let bench = bench();
    let summary = import(&bench, tsv.as_bytes()).await.unwrap();
    assert_eq!((summary.items, summary.refused), (1, 1), "{summary}");
}

#[tokio::test]
async fn terms_are_taken_whole_or_not_at_all() {
    let promotion = |currency: &str| {
        json!({"id": "p", "title": "Ten off", "priority": 1, "target": {"type": "all"},
        "benefit": {"type": "amount_off", "each": {"minor": 1_000, "currency": currency}},
        "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"})
    };
    let terms = |promotion| json!({"tax": "inclusive", "rate": 190_000, "promotions": [promotion]});
    let bench = bench();
    let good = terms(promotion("EUR"));
    let summary = import(&bench, good.to_string().as_bytes()).await.unwrap();
    assert_eq!((summary.terms, summary.refused), (1, 0), "{summary}");
    let bad = terms(promotion("USD"));
    let summary = import(&bench, bad.to_string().as_bytes()).await.unwrap();
    assert_eq!((summary.terms, summary.refused), (0, 1), "{summary}");
    assert!(
        summary.to_string().contains("/promotions/0/benefit"),
        "{summary}"
    );
    let kept: Terms = entity(&bench, kind::TERMS, "1").await.unwrap();
    assert_eq!(
        serde_json::to_value(&kept).unwrap()["promotions"][0]["id"],
        "p"
    );
    let error = import(&bench, br#"{"tax": "none", "rate": 1}"#)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("is no terms"), "{error}");
}
